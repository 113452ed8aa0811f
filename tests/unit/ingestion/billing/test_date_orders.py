# ruff: noqa: DTZ001 - instants are naive UTC
"""Dates whose order a file proves, in every format of bills; expected days are what the writer meant."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.landing.model import SourceFile
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FOLDERS

HEADERS = {
    "focus": "BilledCost,BillingCurrency,ChargePeriodStart",
    "anthropic": "cost_usd,model,usage_date_utc",
    "aws_cur": "lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageStartDate",
    "azure": "CostInBillingCurrency,SubscriptionId,Date",
    "oci": "cost/myCost,cost/currencyCode,lineItem/intervalUsageStart",
    "openai": "amount_value,amount_currency,start_time_iso,start_time",
}
DAYS = {
    "aws_cur": "line_item_usage_start_utc",
    "azure": "usage_date",
    "oci": "interval_usage_start_utc",
    "openai": "bucket_start_utc",
}
FIFTH, LATER = date(2026, 6, 5), date(2026, 6, 25)


def landed(tmp_path: Path, name: str, *days: str) -> tuple[list[dict[str, object]], list[str], list[str]]:
    end = ",\n" if name == "openai" else "\n"
    path = tmp_path / "bill.csv"
    path.write_text(HEADERS[name] + "\n" + "".join(f"1,USD,{day}{end}" for day in days))
    batches = list(parse(FOLDERS[name], SourceFile(path, path.name, 1, datetime(2026, 7, 1), "h")))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    return rows, [bad.reason for batch in batches for bad in batch.quarantined], [
        note.kind for batch in batches for note in batch.notes
    ]  # fmt: skip


def days_of(name: str, rows: list[dict[str, object]]) -> list[date]:
    found = [row[DAYS.get(name, "charge_period_start_utc")] for row in rows]
    return [each.date() if isinstance(each, datetime) else each for each in found]  # type: ignore[misc]


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "written",
    [
        ("5/6/2026", "25/6/2026"),
        ("05-06-2026", "25-06-2026"),
        ("06-05-2026", "06-25-2026"),
        ("05-06-2026 00:00:00", "25-06-2026 00:00:00"),
        ("6/5/2026 12:00:00 am", "6/25/2026 1:30 p.m."),
        ("2026-06-05 12:00:00 AM", "2026-06-25 01:30 PM"),
    ],
)
def test_an_order_that_a_file_proves_holds_for_all_of_it(tmp_path: Path, name: str, written: tuple[str, ...]) -> None:
    rows, refused, _ = landed(tmp_path, name, *written)
    assert (days_of(name, rows), refused) == ([FIFTH, LATER], [])


def test_dashes_that_prove_no_order_set_their_row_aside_and_slashes_are_month_first(tmp_path: Path) -> None:
    assert landed(tmp_path, "focus", "05-06-2026")[1] == ["invalid_time"]
    rows, refused, _ = landed(tmp_path, "focus", "06-06-2026")
    assert (days_of("focus", rows), refused) == ([date(2026, 6, 6)], [])
    rows, refused, notes = landed(tmp_path, "focus", "6/5/2026")
    assert (days_of("focus", rows), refused) == ([FIFTH], [])
    assert "date_order_assumed" in notes


@pytest.mark.parametrize("written", [("25/6/2026", "5/6/2026"), ("46198", "46178")])
def test_periods_of_a_console_export_follow_the_days_as_they_are_read(tmp_path: Path, written: tuple[str, ...]) -> None:
    rows, _, _ = landed(tmp_path, "anthropic", *written)
    assert [row["charge_period_end_utc"] for row in rows] == [datetime(2026, 6, 26), datetime(2026, 6, 6)]
    assert {row["billing_period_start_utc"] for row in rows} == {datetime(2026, 6, 1)}


@pytest.mark.parametrize("has_kind", [False, True])
def test_the_model_of_each_row_is_its_own_whatever_others_lack(tmp_path: Path, has_kind: bool) -> None:
    path = tmp_path / "bill.csv"
    header, rest = ("token_type,", ",") if has_kind else ("", "")
    rows_of_file = f"2026-06-05,,{rest}1\n2026-06-05,Claude Opus 4.1,{rest}1\nTotal,,{rest}2\n"
    path.write_text(f"usage_date_utc,model,{header}cost_usd\n{rows_of_file}")
    batches = list(parse(FOLDERS["anthropic"], SourceFile(path, path.name, 1, datetime(2026, 7, 1), "h")))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    assert [row["sku_meter"] for row in rows] == [None, "claude-opus-4-1"]
    assert not [bad for batch in batches for bad in batch.quarantined]
