"""Total lines are no charges, and a cell that a charge does not need does not cost it its place."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import SourceFile
from ingestion.reading.tabular.footer_names import is_footer
from ingestion.reading.tabular.total_names import is_total
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FORMATS
from tests.unit.ingestion.billing.parsing import parse_bytes

FOCUS = "BilledCost,ChargePeriodStart,ChargePeriodEnd,ServiceName,ConsumedQuantity\n"
LINES = FOCUS + "10.00,2026-06-01,2026-06-02,A,1\n20.00,2026-06-02,2026-06-03,B,1\n"
INVOICE = "Invoice Number,Vendor,Description,Period,Currency,Amount\n"


def noted(format_name: str, folder: Path, text: str) -> list[tuple[str, int | None, str]]:
    path = folder / "noted.csv"
    path.write_text(text)
    file = SourceFile(path, path.name, path.stat().st_size, datetime(2026, 7, 1), "hash")  # noqa: DTZ001
    return [(n.kind, n.row, n.message) for batch in parse(FORMATS[format_name], file) for n in batch.notes]


@pytest.mark.parametrize(
    "text",
    ["Total", "GRAND TOTAL:", "Summe", "Gesamtergebnis", "Azure OpenAI Total", "Total général", "合計", "Sub-total "],
)
def test_totals_are_known_by_their_names(text: str) -> None:
    assert is_total(text)


@pytest.mark.parametrize("text", ["Totally Managed AI", "Azure OpenAI", "Summary", "total-search", "", None])
def test_other_names_are_no_totals(text: str | None) -> None:
    assert not is_total(text)


@pytest.mark.parametrize(
    "line", ["30.00,Total,,,\n", "30.00,,,Grand Total,2\n", "30.00,,,,2\n", "99.00,,,Summe,\n", "30.00,Total\n"]
)
def test_a_total_below_the_charges_is_said_and_neither_charge_nor_fault(tmp_path: Path, line: str) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + line).encode())
    assert sum(row["billed_cost"] for row in found.rows) == 30
    assert found.quarantined == []
    [(_, row, message)] = [each for each in noted("focus", tmp_path, LINES + line) if each[0] == "total_line"]
    assert (row, line.split(",")[0] in message) == (3, True)


def test_an_amount_alone_that_is_not_the_sum_stays_a_fault(tmp_path: Path) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + "31.00,,,,\n").encode())
    assert found.reasons == ["missing_time"]


def test_a_charge_of_a_service_called_total_counts(tmp_path: Path) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + "5.00,2026-06-03,2026-06-04,Total,1\n").encode())
    assert sum(row["billed_cost"] for row in found.rows) == 35


def test_the_total_of_an_invoice_is_no_line_of_it_unless_it_is_the_only_one(tmp_path: Path) -> None:
    lines = "I8,V,tokens,2026-06,USD,100.00\nI8,V,support,2026-06,USD,50.00\nI8,V,Total,2026-06,USD,150.00\n"
    found = parse_bytes("invoices", tmp_path, (INVOICE + lines + "I9,V,Total,2026-06,USD,7.00\n").encode())
    assert [(row["invoice_id"], row["amount"]) for row in found.rows] == [("I8", 100), ("I8", 50), ("I9", 7)]


@pytest.mark.parametrize(
    ("line", "header", "shown"),
    [
        ("5.00,2026-06-03,2026-06-31,C,1\n", "ChargePeriodEnd", "2026-06-31"),
        ("5.00,2026-06-03,open,C,1\n", "ChargePeriodEnd", "open"),
        ("5.00,2026-06-03,2026-06-04,C,unlimited\n", "ConsumedQuantity", "unlimited"),
    ],
)
def test_a_cell_that_no_charge_needs_is_left_out_and_said(tmp_path: Path, line: str, header: str, shown: str) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + line).encode())
    assert (sum(row["billed_cost"] for row in found.rows), found.quarantined) == (Decimal(35), [])
    assert shown in found.rows[2]["extra_columns"]
    [message] = [each[2] for each in noted("focus", tmp_path, LINES + line) if each[0] == "cell_unread"]
    assert header in message
    assert repr(shown) in message


@pytest.mark.parametrize("line", ["x,2026-06-03,2026-06-04,C,1\n", "5.00,2026-06-31,2026-07-01,C,1\n"])
def test_what_a_charge_costs_and_when_it_begins_must_be_read(tmp_path: Path, line: str) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + line).encode())
    assert (len(found.rows), len(found.quarantined)) == (2, 1)


def test_daily_usage_of_partners_is_read_as_azure_with_the_bills_own_dollars(tmp_path: Path) -> None:
    header = (
        "PartnerId,CustomerId,SubscriptionId,UsageDate,MeterCategory,MeterId,ResourceURI,Unit,Quantity,"
        "BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency\n"
    )
    [row] = parse_bytes(
        "azure", tmp_path, f"{header}p,c,s,6/25/2026,Foundry Models,m,/x,1M,2,9.2,EUR,10,USD\n".encode()
    ).rows
    assert (row["billing_account_id"], row["subscription_id"]) == ("c", "s")
    assert row["cost_in_billing_currency"] == Decimal("9.2")
    assert json.loads(row["extra_columns"])["CostInPricingCurrency"] == "10"


def test_rates_of_a_localised_export_get_the_names_they_are_looked_up_by(tmp_path: Path) -> None:
    header = "Datum (Date),Abonnement (SubscriptionId),Kosten (CostInBillingCurrency),Wechselkurs (ExchangeRate)\n"
    [row] = parse_bytes("azure", tmp_path, f"{header}6/25/2026,s,9.2,0.92\n".encode()).rows
    assert json.loads(row["extra_columns"]) == {"ExchangeRate": "0.92"}


@pytest.mark.parametrize(
    "line",
    [
        "Report generated on 2026-07-01",
        "\n\nGenerated by Acme,2026-07-01\n",
        "# 2 rows\n",
        "Exported 2026-07-01 10:00 UTC,,,,\n",
        ",,,All amounts are in USD,\n",
        "2 rows\n",
        "Erstellt am 01.07.2026\n",
    ],
)
def test_a_line_that_tells_how_the_table_was_made_is_said_and_neither_charge_nor_fault_nor_damage(
    tmp_path: Path, line: str
) -> None:
    found = parse_bytes("focus", tmp_path, (LINES + line).encode())
    assert (sum(row["billed_cost"] for row in found.rows), found.quarantined) == (30, [])
    [(kind, row, message)] = [each for each in noted("focus", tmp_path, LINES + line) if "below" in each[2]]
    assert (kind, row) == ("other", 3)
    assert message.endswith("is a line below the charges and none itself")
    path = tmp_path / "noted.csv"
    file = SourceFile(path, path.name, path.stat().st_size, datetime(2026, 7, 1), "hash")  # noqa: DTZ001
    [scopes] = [batch.scopes for batch in parse(FORMATS["focus"], file) if batch.scopes]
    assert not any("|!|" in each for each in scopes)


@pytest.mark.parametrize("line", ["Acme Cor", "30.00", "5.00,,,Note: late fee,\n", "Printing Ltd,,,,\n"])
def test_what_may_be_a_charge_cut_short_stays_a_fault(tmp_path: Path, line: str) -> None:
    assert len(parse_bytes("focus", tmp_path, (LINES + line).encode()).quarantined) == 1


def test_a_name_that_only_begins_like_a_footer_is_none() -> None:
    assert not any(map(is_footer, ("Pages API", "Createdata", "Exporter", "Printing", "", None, "-5.00")))
