# ruff: noqa: DTZ001 - instants are naive UTC
"""What each billing format makes of its columns."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.sources.billing.focus import focus_version
from ingestion.sources.billing.pipeline import FORMATS, route
from tests.support.shared_data import shared_data
from tests.unit.ingestion.billing.parsing import parse_bytes, parse_file

FOCUS = (
    "BilledCost,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ServiceProviderName,HostProviderName,Tags,"
    "x_Discount,Id\n"
)


def test_focus_keeps_provider_columns_as_named_and_the_rest_as_extra(tmp_path: Path) -> None:
    row = '1.50E-3,acct,2025-09-01T00:00:00Z,2025-09-02 00:00:00,OpenAI,Microsoft,"{""team"": ""a""}",0.5,7\n'
    (found,) = parse_bytes("focus", tmp_path, (FOCUS + row).encode()).rows
    assert (found["service_provider_name"], found["host_provider_name"]) == ("OpenAI", "Microsoft")
    assert (found["billed_cost"], found["billed_cost_text"]) == (Decimal("0.0015"), "0.00150")
    assert found["charge_period_start_utc"] == datetime(2025, 9, 2)
    assert json.loads(found["extra_columns"]) == {"x_Discount": "0.5", "Id": "7"}
    assert (found["tags"], found["focus_version"]) == ('{"team": "a"}', "1.4")


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        ("BilledCost ProviderName", "1.0"),
        ("ProviderName SkuMeter", "1.1"),
        ("ProviderName SkuMeter InvoiceId", "1.2"),
        ("ProviderName ServiceProviderName", "1.3"),
        ("ServiceProviderName HostProviderName", "1.4"),
        ("ProviderName InvoiceDetailId", "1.4"),
    ],
)
def test_focus_version_is_guessed_from_columns(columns: str, version: str) -> None:
    assert focus_version(columns.split()) == version


def test_bad_rows_say_field_reason_and_remedy_and_their_neighbours_land(tmp_path: Path) -> None:
    rows = [
        "1,acct,2025-09-01,2025-09-02,,,,,",
        ",acct,2025-09-01,2025-09-02,,,,,",
        "NULL,acct,2025-09-01,2025-09-02,,,,,",
        "1.234.5,acct,2025-09-01,2025-09-02,,,,,",
        "1,acct,2025-09-01,,,,,,",
        "1,acct,2025-09-01,02-09-2025,,,,,",
        "2,acct,2025-09-01,2025-09-02,,,not json,,",
    ]
    found = parse_bytes("focus", tmp_path, (FOCUS + "\n".join(rows) + "\n").encode())
    assert [row["_source_row"] for row in found.rows] == [1, 7]
    assert json.loads(found.rows[1]["extra_columns"]) == {"Tags": "not json"}
    assert [(row.row_number, row.field, row.reason) for row in found.quarantined] == [
        (2, "BilledCost", "missing_cost"),
        (3, "BilledCost", "missing_cost"),
        (4, "BilledCost", "invalid_number"),
        (5, "ChargePeriodStart", "missing_time"),
        (6, "ChargePeriodStart", "invalid_time"),
    ]
    assert found.quarantined[2].original_record == rows[3] + "\n"
    assert "1.234.5" in found.quarantined[2].message


def test_focus_parquet_with_maps_and_decimals(tmp_path: Path) -> None:
    path = tmp_path / "focus.parquet"
    table = {
        "BilledCost": pa.array([Decimal("0.123456789012345678")], pa.decimal128(38, 18)),
        "ChargePeriodStart": pa.array([datetime(2025, 9, 2)], pa.timestamp("ms", "UTC")),
        "Tags": pa.array([[("team", "a")]], pa.map_(pa.string(), pa.string())),
    }
    pq.write_table(pa.table(table), path)
    (found,) = parse_file("focus", path).rows
    assert (found["billed_cost"], found["billed_cost_text"]) == (Decimal("0.123456789012"), "0.123456789012345678")
    assert json.loads(found["tags"]) == {"team": "a"}


def test_cur_2_parquet_reads_maps(tmp_path: Path) -> None:
    maps = pa.map_(pa.string(), pa.string())
    path = tmp_path / "cur.parquet"
    table = {
        "line_item_unblended_cost": pa.array([5.2e-9, 1.0]),
        "line_item_usage_start_date": pa.array([datetime(2025, 9, 2)] * 2),
        "bill_billing_period_start_date": pa.array([datetime(2025, 9, 1)] * 2),
        "bill_payer_account_id": ["1", "1"],
        "line_item_usage_account_id": ["2", None],
        "line_item_iam_principal": ["arn:x", None],
        "resource_tags": pa.array([[("user_team", "a")], None], maps),
        "product": pa.array([[("product_name", "Amazon Bedrock"), ("model", "Nova")], None], maps),
    }
    pq.write_table(pa.table(table), path)
    found = parse_file("aws_cur", path)
    first, second = found.rows
    assert first["line_item_unblended_cost_text"] == "0.0000000052"
    assert json.loads(first["resource_tags"]) == {"user_team": "a"}
    assert (first["product_product_name"], first["product_model"]) == ("Amazon Bedrock", "Nova")
    assert (first["line_item_iam_principal"], second["resource_tags"]) == ("arn:x", None)
    assert {line.rpartition("|")[0] for line in found.scopes} == {
        "2|aws_cur|||1|2||2025-09|2-2x1|0.000000005200|1756771200~1756771200",
        "2|aws_cur|||1|||2025-09|2-2x1|1.000000000000|1756771200~1756771200",
    }


@pytest.mark.parametrize("prefix", ["resourceTags/", "resource_tags_"])
def test_legacy_tag_columns_become_one_object(tmp_path: Path, prefix: str) -> None:
    header = f"lineItem/UnblendedCost,lineItem/UsageStartDate,{prefix}user:team,{prefix}user:env\n"
    rows = "1,2025-09-01T00:00:00Z,a,\n1,2025-09-01T00:00:00Z,,\n"
    first, second = parse_bytes("aws_cur", tmp_path, (header + rows).encode()).rows
    assert json.loads(first["resource_tags"]) == {"user:team": "a"}
    assert second["resource_tags"] is None


def test_oci_corrections_and_tags(tmp_path: Path) -> None:
    content = (
        "lineItem/intervalUsageStart,lineItem/isCorrection,lineItem/backreferenceNo,cost/myCost,tags/a.b\n"
        "2023-11-13T10:00Z,true,17,-2.323760000E-9,x\n"
    )
    found = parse_bytes("oci", tmp_path, content.encode())
    (row,) = found.rows
    assert (row["is_correction"], row["backreference_no"]) == (True, "17")
    assert (row["my_cost"], row["my_cost_text"]) == (Decimal("-2.324E-9"), "-0.000000002323760000")
    assert json.loads(row["tags"]) == {"a.b": "x"}
    assert found.scopes == frozenset()


VARIANTS = ["BOM", "Enterprise", "EnterpriseCamel", "German", "PayAsYouGo", "YA"]
COMMON = {
    "usage_date", "meter_category", "meter_sub_category", "meter_id", "meter_name", "meter_region", "quantity",
    "unit_of_measure", "effective_price", "cost_in_billing_currency", "billing_currency", "subscription_id",
    "resource_group_name", "resource_location", "resource_id", "consumed_service", "tags", "additional_info",
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_azure_header_variant_meets_the_same_columns(variant: str) -> None:
    path = shared_data(f"billing/native_samples/azure_export_header_{variant}.csv")
    header = path.read_text("utf-8-sig").splitlines()[0].split(",")
    azure = FORMATS["azure"]
    assert azure.recognises(header)
    columns = {found[0] for found in map(azure.canonical, header) if found}
    assert columns >= COMMON
    found = parse_file("azure", path)
    if variant == "BOM":
        assert found.reasons == ["missing_cost"]
    else:
        (row,) = found.rows
        assert not found.quarantined
        assert row["usage_date"] == date(2021, 2, 2)
        assert row["subscription_id"]
        assert str(row["cost_in_billing_currency"]) in {"0E-12", "0.012000000000", "0.075000000000"}


def test_azure_pay_as_you_go_variants_give_the_same_row() -> None:
    rows = []
    for variant in ("German", "PayAsYouGo", "YA"):
        (row,) = parse_file("azure", shared_data(f"billing/native_samples/azure_export_header_{variant}.csv")).rows
        rows.append(row)
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2/3/2024", "12/31/2024"], [date(2024, 2, 3), date(2024, 12, 31)]),
        (["2/3/2024", "31/12/2024"], [date(2024, 3, 2), date(2024, 12, 31)]),
        (["13/1/2024", "1/14/2024"], [date(2024, 1, 14)]),
        (["2024-03-02"], [date(2024, 3, 2)]),
    ],
)
def test_azure_dates_are_month_first_unless_the_file_proves_otherwise(
    tmp_path: Path, dates: list[str], expected: list[date]
) -> None:
    content = "SubscriptionId,Date,CostInBillingCurrency\n" + "".join(f"s,{day},1\n" for day in dates)
    found = parse_bytes("azure", tmp_path, content.encode())
    assert [row["usage_date"] for row in found.rows] == expected
    assert len(found.quarantined) == len(dates) - len(expected)


def test_azure_tags_without_braces(tmp_path: Path) -> None:
    content = 'SubscriptionId,Date,CostInBillingCurrency,Tags\ns,9/2/2023,1,"""a"": ""1"",""b"": ""2"""\n'
    (row,) = parse_bytes("azure", tmp_path, content.encode()).rows
    assert json.loads(row["tags"]) == {"a": "1", "b": "2"}


def test_azure_additional_info_is_json_in_a_string(tmp_path: Path) -> None:
    content = (
        "SubscriptionId,Date,CostInBillingCurrency,AdditionalInfo\n"
        's,9/2/2023,1,"{""ConsumptionMeter"": ""x""}"\n'
        's,9/2/2023,1,"""UsageType"": ""y"""\n'
        "s,9/2/2023,1,free text\n"
    )
    rows = parse_bytes("azure", tmp_path, content.encode()).rows
    told = [row["additional_info"] and json.loads(row["additional_info"]) for row in rows]
    assert told == [{"ConsumptionMeter": "x"}, {"UsageType": "y"}, None]
    assert json.loads(rows[2]["extra_columns"]) == {"AdditionalInfo": "free text"}


def test_the_header_decides_outside_the_format_folders(tmp_path: Path) -> None:
    headers = {
        "a.csv": (FOCUS, "focus"),
        "b.csv": ("lineItem/UnblendedCost,lineItem/UsageStartDate\n", "aws_cur"),
        "some/c.csv": ("SubscriptionId,Date,CostInBillingCurrency\n", "azure"),
        "d": ("cost/myCost,lineItem/intervalUsageStart\n", "oci"),
    }
    for name, (header, expected) in headers.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(header)
        found = route(tmp_path, name)
        assert isinstance(found, tuple)
        assert found[0] == expected
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert "no known billing format" in str(route(tmp_path, "x.csv"))
    assert route(tmp_path, "manifest.json") == ""
    assert "passed over" in str(route(tmp_path, "README.md"))


def test_a_file_in_the_wrong_folder_is_told_where_it_belongs(tmp_path: Path) -> None:
    found = parse_bytes("azure", tmp_path, FOCUS.encode())
    assert found.reasons == ["unknown_header"]
    assert "SubscriptionId" in found.quarantined[0].message


def test_focus_0_5_names_are_read_and_later_ones_win(tmp_path: Path) -> None:
    header = "BilledCost,AmortizedCost,ChargeType,Region,BillingCurrency,ChargePeriodStart,UsageQuantity,UsageUnit"
    content = f"{header}\n10,7.5,Purchase,eu,USD,2026-06-05T00:00:00Z,3,Tokens\n"
    (row,) = parse_bytes("focus", tmp_path, content.encode()).rows
    assert (row["effective_cost"], row["charge_category"]) == (Decimal("7.5"), "Purchase")
    assert (row["region_id"], row["consumed_quantity"], row["consumed_unit"]) == ("eu", Decimal(3), "Tokens")
    both = "BilledCost,AmortizedCost,EffectiveCost,ChargePeriodStart\n10,7.5,7,2026-06-05T00:00:00Z\n"
    (row,) = parse_bytes("focus", tmp_path, both.encode()).rows
    assert row["effective_cost"] == Decimal(7)


def test_a_bill_inside_another_json_object_is_no_aside(tmp_path: Path) -> None:
    (tmp_path / "focus").mkdir()
    (tmp_path / "focus/bill.json").write_text('{"page": {"data": [{"BilledCost": 1}]}}')
    (tmp_path / "focus/schema.json").write_text('{"columns": [{"ColumnName": "BilledCost"}]}')
    notes = [route(tmp_path, f"focus/{name}.json") for name in ("bill", "schema")]
    assert [getattr(note, "kind", None) for note in notes] == ["passed_over", "other"]


def test_azure_dollars_are_the_cost_where_the_export_leaves_out_the_other(tmp_path: Path) -> None:
    header = "Date,ChargeType,SubscriptionId,MeterName,CostInUsd,BillingCurrency"
    found = parse_bytes(
        "azure", tmp_path, f"{header}\n06/05/2026,Usage,s,m,10.5,EUR\n06/05/2026,Usage,s,m,,EUR\n".encode()
    )
    (row,) = found.rows
    assert (row["cost_in_billing_currency"], row["billing_currency"]) == (Decimal("10.5"), "USD")
    assert row["cost_in_usd"] == Decimal("10.5")
    assert "EUR" in row["extra_columns"]
    assert found.reasons == ["missing_cost"]


def test_cost_categories_and_other_kinds_of_tags_stand_below_those_of_the_resource(tmp_path: Path) -> None:
    header = "lineItem/UnblendedCost,lineItem/UsageStartDate,costCategory/Team,costCategory/unit,resourceTags/Team\n"
    lines = "1,2026-06-01,a,x,\n2,2026-06-02,a,,b\n3,2026-06-03,,,\n"
    rows = parse_bytes("aws_cur", tmp_path, (header + lines).encode()).rows
    assert [row["resource_tags"] and json.loads(row["resource_tags"]) for row in rows] == [
        {"Team": "a", "unit": "x"}, {"Team": "b"}, None,
    ]  # fmt: skip
    maps = (
        "line_item_unblended_cost,line_item_usage_start_date,resource_tags,cost_category,tags\n"
        '1,2026-06-01,"{""user_team"": ""a""}","{""Unit"": ""x""}","{""accountTag/owner"": ""o""}"\n'
    )
    [row] = parse_bytes("aws_cur", tmp_path, maps.encode()).rows
    assert json.loads(row["resource_tags"]) == {"user_team": "a", "Unit": "x", "owner": "o"}
