# ruff: noqa: DTZ001 - instants are naive UTC
"""The Console's cost export as FOCUS rows, and files about money that are named instead of read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import SourceFile
from ingestion.landing.notes import Note
from ingestion.sources.billing import focus
from ingestion.sources.billing.anthropic_console import model_id
from ingestion.sources.billing.charges import header_problem
from ingestion.sources.billing.pipeline import route

HEADER = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,"
    "inference_geo,speed,api_key_id,api_key_status\n"
)
ROW = "2026-06-30,Claude Sonnet 4.5,Default,prod,message,≤ 200k,{kind},{cost},1.00,token,us,,apikey_01,active\n"


def test_a_console_row_is_a_charge_of_anthropic_in_dollars(tmp_path: Path) -> None:
    (tmp_path / "anthropic").mkdir()
    for name in ("anthropic/june.csv", "june.csv"):
        path = tmp_path / name
        path.write_text(HEADER + ROW.format(kind="input_cache_read", cost="0.10") + ROW.format(kind="output", cost="x"))
        found = route(tmp_path, name)
        assert isinstance(found, tuple)
        assert found[0] == "focus"
        file = SourceFile(path, name, path.stat().st_size, datetime(2026, 7, 1), "hash")
        batches = list(found[1](file))
        (row,) = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
        (bad,) = [bad for batch in batches for bad in batch.quarantined]
        assert (bad.row_number, bad.field, bad.reason) == (2, "cost_usd", "invalid_number")
        assert [row[f"{cost}_cost"] for cost in ("billed", "effective", "list")] == [
            Decimal("0.1"),
            Decimal("0.1"),
            Decimal(1),
        ]
        assert (row["billing_currency"], row["provider_name"], row["resource_id"]) == ("USD", "Anthropic", "apikey_01")
        assert (row["sku_meter"], row["tags"]) == (
            "claude-sonnet-4-5 - message - input cache read - ≤ 200k",
            '{"workspace": "Default"}',
        )
        assert '"x_Model": "claude-sonnet-4-5"' in row["extra_columns"]
        assert [
            row[f"{period}_utc"] for period in ("charge_period_end", "billing_period_start", "billing_period_end")
        ] == [
            datetime(2026, 7, 1),
            datetime(2026, 6, 1),
            datetime(2026, 7, 1),
        ]
        assert [line.split("|")[1:8] for batch in batches for line in batch.scopes] == [
            ["focus", "Anthropic", "Anthropic", "", "", "USD", "2026-06"]
        ]


def test_a_model_has_the_id_of_the_price_list() -> None:
    assert [
        model_id(shown) for shown in ("Claude Opus 4.5", "Claude Haiku 3.5", "Claude Opus 3", "claude-sonnet-4-5")
    ] == ["claude-opus-4-5", "claude-3-5-haiku", "claude-3-opus", "claude-sonnet-4-5"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Service,Amazon Bedrock($),Total costs($)", "AWS Cost Explorer"),
        ("Service,2026-05-01,2026-06-01", "AWS Cost Explorer"),
        ("ChargePeriodStart,EffectiveCost,BillingCurrency", "without BilledCost: EffectiveCost is not"),
        ("usage_date_utc,model,usage_input_tokens_no_cache", "no cost"),
        ("start_time,input_tokens,output_tokens", "no cost"),
        ("Project ID,Service description,SKU description,Cost ($)", "no day of use"),
        ("UsageDate,Cost,CostUSD,Currency", "Azure's cost analysis"),
        ("InvoiceID,PayerAccountId,LinkedAccountId,TotalCost", "monthly bill"),
        ("<html><body>Sign in</body></html>", "web page"),
    ],
)
def test_what_has_no_one_meaning_is_named_with_what_to_deliver(tmp_path: Path, header: str, said: str) -> None:
    (tmp_path / "export.csv").write_text(f"{header}\n2026-06-01,1,2\n")
    found = route(tmp_path, "export.csv")
    assert isinstance(found, Note)
    assert said in found.message
    assert said in (header_problem(focus.FORMAT, header.split(",")) or "")


def test_what_programs_leave_beside_data_is_nothing_to_tell_and_a_spreadsheet_is(tmp_path: Path) -> None:
    left = ("_SUCCESS", "part-0.parquet.crc", "~$bill.xlsx", "bill.csv.sha256", "Thumbs.db", "desktop.ini")
    for name in (*left, "bill.ods"):
        (tmp_path / name).write_bytes(b"")
    assert {route(tmp_path, name) for name in left} == {""}
    assert "save others as CSV" in str(route(tmp_path, "bill.ods"))


def test_a_bill_in_the_folder_of_another_format_is_read_as_what_its_header_says(tmp_path: Path) -> None:
    headers = {
        "focus": "BilledCost,ChargePeriodStart",
        "azure": "SubscriptionId,Date,CostInBillingCurrency",
        "aws_cur": "lineItem/UnblendedCost,lineItem/UsageStartDate",
    }
    for folder in headers:
        (tmp_path / folder).mkdir()
        for name, header in headers.items():
            (tmp_path / folder / f"{name}.csv").write_text(f"{header}\n")
            assert route(tmp_path, f"{folder}/{name}.csv")[0] == name  # type: ignore[index]
        (tmp_path / folder / "other.csv").write_text("a,b\n")
        assert route(tmp_path, f"{folder}/other.csv")[0] == folder  # type: ignore[index]
