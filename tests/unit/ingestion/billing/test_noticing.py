"""What is said of bills whose rows land: no currency, empty mandatory cells; and amounts that no bill can mean."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import ParsedBatch
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FORMATS
from ingestion.sources.gcp import export as google
from tests.e2e.bad_things import FOCUS_HEADER, focus
from tests.unit.ingestion.events.conftest import source_file

AZURE = "Date,ChargeType,MeterCategory,SubscriptionId,Quantity,CostInBillingCurrency"


def read(folder: Path, name: str, text: str) -> list[ParsedBatch]:
    path = folder / "bill.csv"
    path.write_text(text)
    return list(parse(FORMATS[name], source_file(path)))


def notes(batches: list[ParsedBatch]) -> list[tuple[str, int | None, int | None, Decimal | None]]:
    return [(note.kind, note.row, note.count, note.amount) for batch in batches for note in batch.notes]


def test_amounts_without_a_currency_are_named_with_row_count_and_sum(tmp_path: Path) -> None:
    rows = "2026-06-26,Usage,x,s,1,0\n2026-06-26,Usage,x,s,1,2.20\n2026-06-26,Refund,x,s,1,-0.10\n"
    assert notes(read(tmp_path, "azure", f"{AZURE}\n{rows}")) == [("currency_missing", 2, 2, Decimal("2.10"))]
    dollars = f"{AZURE},CostInUSD\n2026-06-26,Usage,x,s,1,2.20,2.20\n"
    assert notes(read(tmp_path, "azure", dollars)) == []
    euros = f"{AZURE},BillingCurrency\n2026-06-26,Usage,x,s,1,2.20,EUR\n2026-06-26,Usage,x,s,1,3.00, \n"
    assert notes(read(tmp_path, "azure", euros)) == [("currency_missing", 2, 1, Decimal("3.00"))]


def test_a_google_export_without_its_currency_is_named(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "billing_account_id,sku_id,usage_start_time,cost,credits\n0A,S,2026-06-01,10.00,[]\n0A,S,2026-06-02,-4.00,[]\n"
    )
    assert notes(list(parse(google.FORMAT, source_file(path)))) == [("currency_missing", 1, 2, Decimal("6.00"))]


@pytest.mark.parametrize(
    ("figures", "difference"),
    [
        ("92.00,EUR,100.00,USD,0.92", None),
        ("92.00,EUR,100.05,USD,0.92", None),  # a rate of few digits
        ("92.00,EUR,130.00,USD,0.92", "30.00"),
        ("-92.00,EUR,-130.00,USD,0.92", "-30.00"),
        ("92.00,EUR,130.00,EUR,1", None),  # the rate is not one of dollars
        ("92.00,EUR,130.00,USD,", None),
        ("92.00,USD,130.00,USD,0.92", None),  # what is billed in dollars needs no rate
        ("92.00,EUR,130.00,USD,0", None),
        ("92.00,EUR,,USD,0.92", None),
        ("0,EUR,0,USD,0.92", None),
    ],
)
def test_dollars_that_contradict_the_rate_of_their_row_are_named(
    tmp_path: Path, figures: str, difference: str | None
) -> None:
    header = f"{AZURE},BillingCurrency,CostInUSD,PricingCurrency,ExchangeRatePricingToBilling"
    batches = read(tmp_path, "azure", f"{header}\n2026-06-26,Usage,x,s,1,{figures}\n")
    expected = [] if difference is None else [("rate_contradicted", 1, 1, Decimal(difference))]
    assert notes(batches) == expected
    assert sum(batch.table.num_rows for batch in batches if batch.table is not None) == 1


@pytest.mark.parametrize("column", ["BillingAccountId", "ServiceCategory", "ServiceName", "ChargeCategory"])
def test_a_cell_that_focus_demands_is_named_where_it_is_empty(tmp_path: Path, column: str) -> None:
    batches = read(tmp_path, "focus", focus("a", {}, {column: ""}, {column: ""}))
    assert notes(batches) == [("mandatory_empty", 2, 2, None)]
    assert sum(batch.table.num_rows for batch in batches if batch.table is not None) == 3
    lacking = FOCUS_HEADER.replace(f"{column},", "").removesuffix(f",{column}")
    assert notes(read(tmp_path, "focus", focus("a", {}, header=lacking))) == [("mandatory_empty", 1, 1, None)]


def test_a_complete_bill_gives_no_note(tmp_path: Path) -> None:
    assert notes(read(tmp_path, "focus", focus("a", {}, {"Tags": ""}))) == []


@pytest.mark.parametrize(("cost", "lands"), [("9999999999999.99", True), ("1e13", False), ("-10000000000000", False)])
def test_an_amount_that_no_bill_can_mean_is_set_aside_alone(tmp_path: Path, cost: str, lands: bool) -> None:
    batches = read(tmp_path, "focus", focus("a", {"BilledCost": cost}, {}))
    assert sum(batch.table.num_rows for batch in batches if batch.table is not None) == 1 + lands
    assert [(row.reason, row.row_number) for batch in batches for row in batch.quarantined] == (
        [] if lands else [("amount_out_of_range", 1)]
    )


@pytest.mark.parametrize(
    ("starts", "is_noted"),
    [
        (("6/5/26", "7/5/26"), True),
        (("6/5/26", "6/25/26"), False),
        (("5/6/26", "25/6/26"), False),
        (("6/6/26", "7/7/26"), False),
        (("2026-06-05", "2026-06-06"), False),
    ],
)
def test_dates_whose_order_nothing_proves_are_named(tmp_path: Path, starts: tuple[str, str], is_noted: bool) -> None:
    names = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
    rows = [dict.fromkeys(names, start) for start in starts]
    found = notes(read(tmp_path, "focus", focus("a", *rows)))
    assert [kind for kind, *_ in found] == (["date_order_assumed"] if is_noted else [])


@pytest.mark.parametrize(
    ("cost", "currency", "lands"),
    [
        ("$10.00", "USD", True),
        ("$10.00", "EUR", False),
        ("$10.00", "CAD", False),
        ("€10.00", "EUR", True),
        ("€10.00", "USD", False),
        ("10.00 £", "GBP", True),
        ("10.00 £", "EUR", False),
        ("¥10", "CNY", True),
        ("10.00", "EUR", True),
    ],
)
def test_a_sign_of_another_currency_sets_its_row_aside(tmp_path: Path, cost: str, currency: str, lands: bool) -> None:
    batches = read(tmp_path, "focus", focus("a", {"BilledCost": cost, "BillingCurrency": currency}))
    assert sum(batch.table.num_rows for batch in batches if batch.table is not None) == lands
    assert [row.reason for batch in batches for row in batch.quarantined] == ([] if lands else ["currency_sign"])


def test_tags_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    header = f"{AZURE},BillingCurrency,Tags"
    rows = '2026-06-26,Usage,x,s,1,1,USD,"""team"": ""a"""\n2026-06-26,Usage,x,s,1,1,USD,team a\n'
    rows += "2026-06-26,Usage,x,s,1,1,USD,[]\n2026-06-26,Usage,x,s,1,1,USD,team b\n"
    assert notes(read(tmp_path, "azure", f"{header}\n{rows}")) == [("tags_unread", 2, 2, None)]


def test_account_ids_that_a_spreadsheet_rounded_are_named(tmp_path: Path) -> None:
    header = "lineItem/UnblendedCost,lineItem/UsageStartDate,lineItem/CurrencyCode,lineItem/UsageAccountId"
    rows = "1,2026-06-26T00:00:00Z,USD,123456789012\n1,2026-06-26T00:00:00Z,USD,1.23457E+11\n"
    assert notes(read(tmp_path, "aws_cur", f"{header}\n{rows}")) == [("account_rounded", 2, 1, None)]
