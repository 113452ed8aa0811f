# ruff: noqa: DTZ001 - instants are naive UTC
"""The quirks of Google Cloud's billing export: each has a test named after it."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.sources.billing.pipeline import route as billing_route
from ingestion.sources.gcp.export import flattened_credits
from ingestion.sources.gcp.parse import billing_export
from ingestion.sources.gcp.pipeline import route

ROW: dict[str, Any] = {
    "billing_account_id": "01A-02B-03C",
    "service": {"id": "C7E2-9256-1C43", "description": "Vertex AI"},
    "sku": {"id": "AAAA-1", "description": "Gemini 2.5 Flash Text Input - Predictions"},
    "usage_start_time": "2026-08-01 07:00:00 UTC",
    "usage_end_time": "2026-08-01 08:00:00 UTC",
    "project": {"id": "p-1", "number": "77", "name": "search", "labels": [], "ancestry_numbers": "/1/2/"},
    "labels": [{"key": "team", "value": "search"}, {"key": "env", "value": "prod"}],
    "system_labels": [],
    "location": {"location": "us-central1", "country": "US", "region": "us-central1", "zone": None},
    "transaction_type": "GOOGLE",
    "seller_name": None,
    "export_time": "2026-08-01 12:34:56.789 UTC",
    "cost": 0.3,
    "currency": "EUR",
    "currency_conversion_rate": 0.91,
    "usage": {"amount": 1200000.0, "unit": "count", "amount_in_pricing_units": 1.2, "pricing_unit": "1M tokens"},
    "credits": [],
    "invoice": {"month": "202608", "publisher_type": "GOOGLE"},
    "cost_type": "regular",
}


def write_jsonl(folder: Path, rows: list[dict[str, Any]], name: str = "export.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def parse(path: Path) -> tuple[list[dict[str, Any]], list[QuarantinedRow]]:
    file = SourceFile(path, path.name, path.stat().st_size, datetime(2026, 8, 2), "hash")
    rows: list[dict[str, Any]] = []
    bad: list[QuarantinedRow] = []
    for batch in billing_export(file):
        bad += batch.quarantined
        if batch.table is not None:
            rows += batch.table.to_pylist()
    return rows, bad


def one(folder: Path, **changes: Any) -> dict[str, Any]:
    ((row,), bad) = parse(write_jsonl(folder, [ROW | changes]))
    assert not bad
    return row


def test_structs_become_columns_and_times_are_utc(tmp_path: Path) -> None:
    row = one(tmp_path)
    assert (row["service_id"], row["service_description"]) == ("C7E2-9256-1C43", "Vertex AI")
    assert row["sku_description"] == "Gemini 2.5 Flash Text Input - Predictions"
    assert row["usage_start_time_utc"] == datetime(2026, 8, 1, 7)
    assert row["export_time_utc"] == datetime(2026, 8, 1, 12, 34, 56, 789_000)
    assert (row["project_id"], row["project_ancestry"], row["region"]) == ("p-1", "/1/2/", "us-central1")
    assert (row["usage_amount"], row["usage_pricing_unit"], row["invoice_month"]) == (1_200_000, "1M tokens", "202608")
    assert (row["export_kind"], row.get("extra_columns")) == ("standard", None)


def test_cost_is_before_credits_and_credits_are_negative(tmp_path: Path) -> None:
    credits = [{"name": "a", "amount": -0.1, "type": "PROMOTION"}, {"name": "b", "amount": -0.2, "type": "DISCOUNT"}]
    row = one(tmp_path, credits=credits)
    assert (row["cost"], row["credits_amount"]) == (Decimal("0.3"), Decimal("-0.3"))
    assert row["credits_amount_text"] == "-0.3"
    assert row["cost"] + row["credits_amount"] == 0  # not so with floats
    assert len(json.loads(row["credits"])) == 2
    assert one(tmp_path)["credits_amount"] == 0


@pytest.mark.parametrize(
    "printed",
    [
        "[{'name': 'a', 'amount': -0.5, 'full_name': None}\n {'name': 'b', 'amount': -0.25, 'full_name': nan}]",
        "[{'name': 'a', 'amount': Decimal('-0.75')}]",
        "array([{'name': 'a', 'amount': -0.75}], dtype=object)",
    ],
)
def test_credits_as_data_frames_print_them_are_summed(tmp_path: Path, printed: str) -> None:
    row = one(tmp_path, credits=printed)
    assert row["credits_amount"] == Decimal("-0.75")


def test_credits_that_cannot_be_summed_put_the_row_aside(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path, [ROW | {"credits": [{"name": "a"}]}, ROW])
    rows, (bad,) = parse(path)
    assert (len(rows), bad.reason, bad.row_number) == (1, "invalid_number", 1)


def test_labels_stay_one_object_so_that_cost_rows_are_not_multiplied(tmp_path: Path) -> None:
    row = one(tmp_path)
    assert json.loads(row["labels"]) == {"team": "search", "env": "prod"}
    twice = [{"key": "team", "value": "a"}, {"key": "team", "value": "b"}]
    row = one(tmp_path, labels=twice)
    assert row["labels"] is None
    assert "team" in json.loads(row["extra_columns"])["labels as delivered"]


def test_account_level_fees_have_no_project(tmp_path: Path) -> None:
    row = one(tmp_path, project=None, cost_type="tax")
    assert (row["project_id"], row["cost_type"]) == (None, "tax")


def test_partner_models_tell_their_seller(tmp_path: Path) -> None:
    row = one(tmp_path, transaction_type="THIRD_PARTY_RESELLER", seller_name="Anthropic")
    assert (row["transaction_type"], row["seller_name"]) == ("THIRD_PARTY_RESELLER", "Anthropic")


def test_invoice_month_may_differ_from_usage_month(tmp_path: Path) -> None:
    row = one(tmp_path, usage_start_time="2026-07-31 23:00:00 UTC", invoice={"month": "202608"})
    assert (row["usage_start_time_utc"], row["invoice_month"]) == (datetime(2026, 7, 31, 23), "202608")


def test_corrections_are_new_rows_never_updates(tmp_path: Path) -> None:
    correction = ROW | {"cost": -0.3, "export_time": "2026-08-03 00:00:00 UTC"}
    rows, _ = parse(write_jsonl(tmp_path, [ROW, correction]))
    assert [row["cost"] for row in rows] == [Decimal("0.3"), Decimal("-0.3")]
    assert len({row["row_id"] for row in rows}) == 2


def test_a_row_in_two_overlapping_exports_has_one_id_and_equal_rows_in_one_have_two(tmp_path: Path) -> None:
    first, _ = parse(write_jsonl(tmp_path, [ROW, ROW], "first.jsonl"))
    second, _ = parse(write_jsonl(tmp_path, [ROW | {"cost": 9}, ROW], "second.jsonl"))
    assert len({row["row_id"] for row in first}) == 2
    assert second[1]["row_id"] == first[0]["row_id"]


def test_detailed_exports_tell_the_resource_and_the_price(tmp_path: Path) -> None:
    detailed = {"resource": {"name": "e", "global_name": "//x/e"}, "price": {"effective_price": "0.25"}}
    row = one(tmp_path, **detailed, cost_at_list=0.4)
    assert (row["export_kind"], row["resource_global_name"]) == ("detailed", "//x/e")
    assert (json.loads(row["price"]), row["cost_at_list"]) == ({"effective_price": "0.25"}, Decimal("0.4"))


@pytest.mark.parametrize(("printed", "exact"), [("1.25E-7", "0.000000125"), ("0.1", "0.1"), ("-3", "-3")])
def test_float64_costs_keep_the_digits_they_print(tmp_path: Path, printed: str, exact: str) -> None:
    text = json.dumps(ROW | {"cost": "HERE"}).replace('"HERE"', printed)
    path = tmp_path / "export.json.gz"
    path.write_bytes(gzip.compress((text + "\n").encode()))
    ((row,), _) = parse(path)
    assert (row["cost_text"], row["cost"]) == (exact, Decimal(exact))


def test_parquet_and_flattened_csv_give_the_same_row(tmp_path: Path) -> None:
    credits = [{"name": "a", "amount": -0.05}]
    lines = one(tmp_path, credits=credits)
    nested = ROW | {"credits": credits, "usage_start_time": datetime(2026, 8, 1, 7)}
    path = tmp_path / "export.parquet"
    pq.write_table(pa.Table.from_pylist([nested]), path)
    ((parquet,), bad) = parse(path)
    flat = tmp_path / "export.csv"
    flat.write_text(
        "billing_account_id,service.description,sku_id,usage_start_time,cost,credits,labels\n"
        '01A-02B-03C,Vertex AI,AAAA-1,2026-08-01T07:00:00Z,0.3,"[{""amount"": -0.05}]","[]"\n'
    )
    ((csv,), _) = parse(flat)
    assert not bad
    same = ("billing_account_id", "service_description", "sku_id", "usage_start_time_utc", "cost", "credits_amount")
    assert [parquet[name] for name in same] == [lines[name] for name in same] == [csv[name] for name in same]
    assert parquet["row_id"] == lines["row_id"]


def test_unknown_columns_and_members_are_kept(tmp_path: Path) -> None:
    row = one(tmp_path, novelty=7, service={"id": "1", "description": "Gemini API", "path": "x"})
    assert json.loads(row["extra_columns"]) == {"novelty": "7", "service": '{"path": "x"}'}


def test_damaged_lines_are_quarantined_alone(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    lines = [json.dumps(ROW), '{"cost": ', "[1]", json.dumps(ROW | {"cost": None}), json.dumps(ROW | {"cost": "x"})]
    path.write_text("\n".join(lines) + "\n")
    rows, bad = parse(path)
    assert len(rows) == 1
    assert sorted(row.reason for row in bad) == ["invalid_json", "invalid_number", "missing_cost", "not_an_object"]


def test_who_reads_what_in_the_gcp_folder(tmp_path: Path) -> None:
    folder = tmp_path / "gcp"
    folder.mkdir()
    write_jsonl(folder, [ROW], "native.json")
    focus = {"BilledCost": 1, "ChargePeriodStart": "2026-08-01T00:00:00Z", "ServiceName": "Vertex AI"}
    write_jsonl(folder, [focus], "focus.jsonl")
    write_jsonl(folder, [{"a": 1}], "other.jsonl")
    (tmp_path / "native.csv").write_text("billing_account_id,usage_start_time,cost,sku_id\n1,2026-08-01,1,2\n")
    assert isinstance(route(folder, "native.json"), tuple)
    assert route(folder, "focus.jsonl") == ""
    assert "passed over" in str(route(folder, "other.jsonl"))
    assert billing_route(tmp_path, "gcp/native.json") == ""
    found = billing_route(tmp_path, "gcp/focus.jsonl")
    assert isinstance(found, tuple)
    assert found[0] == "focus"
    for place in ("focus", "invoices", "other"):
        (tmp_path / place).mkdir()
        write_jsonl(tmp_path / place, [ROW], "outside.json")
    for name in ("native.csv", "focus/outside.json", "invoices/outside.json", "other/outside.json"):
        assert billing_route(tmp_path, name) == ""
        assert isinstance(route(tmp_path, name), tuple)
    (tmp_path / "less.csv").write_text("billing_account_id,usage_start_time,cost\n1,2026-08-01,1\n")
    assert "has at least billing_account_id, service or sku" in str(billing_route(tmp_path, "less.csv"))
    (folder / "~$native.xlsx").write_bytes(b"x")
    assert route(folder, "~$native.xlsx") == billing_route(tmp_path, "gcp/~$native.xlsx") == ""


@pytest.mark.parametrize(
    "credits",
    [
        {"credits.amount": "-0.10"},
        {"credits.0.amount": "-0.07", "credits.1.amount": "-0.03"},
        {"total_credits": "-0.1", "credits_type": "PROMOTION"},
        {"credits": "[{'amount': -0.1, 'name': None}]"},
        {"credits": "-0.1"},
    ],
)
def test_credits_that_a_query_took_apart_still_count(tmp_path: Path, credits: dict[str, str]) -> None:
    row = {name: each for name, each in ROW.items() if name != "credits"} | credits
    ((found,), bad) = parse(write_jsonl(tmp_path, [row]))
    assert not bad
    assert found["credits_amount"] == Decimal("-0.1")


def test_a_header_without_credits_says_that_costs_are_before_them() -> None:
    assert flattened_credits(["cost", "credits"]) == []
    assert "before credits" in flattened_credits(["cost", "currency"])[0]
    assert "credits.amount" in flattened_credits(["cost", "credits.amount", "credits.name"])[0]
