# ruff: noqa: DTZ001 - instants are naive UTC
"""Invoices under the headers people give them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.billing.pipeline import route
from tests.unit.ingestion.billing.parsing import parse_bytes

PLAIN = "invoice_id,provider,account_id,billing_period,invoice_date,line,description,category,amount,currency\n"


def test_headers_of_a_payables_export_are_understood(tmp_path: Path) -> None:
    text = (
        "Invoice Number;Vendor;Customer ID;Service Start;Service End;Date Issued;Due Date;Line Item;Net Amount;VAT;"
        "VAT Rate;Currency Code;Cost center\n"
        "INV-1;OpenAI, LLC;org-1;2026-03-01;2026-03-31;2026-04-02;2026-05-02;API usage;1204.10;72.246;6;usd;cc-9\n"
    )
    (row,) = parse_bytes("invoices", tmp_path, text.encode()).rows
    assert (row["invoice_id"], row["invoice_issuer_name"]) == ("INV-1", "OpenAI, LLC")
    assert row["billing_account_id"] == "org-1"
    assert (row["amount"], row["amount_text"]) == (Decimal("1204.10"), "1204.10")
    assert (row["tax_amount"], row["tax_rate_pct"]) == (Decimal("72.246"), Decimal(6))
    assert row["billing_period_start_utc"] == datetime(2026, 3, 1)
    assert (row["invoice_date"], row["due_date"]) == (date(2026, 4, 2), date(2026, 5, 2))
    assert (row["line_description"], row["currency"]) == ("API usage", "usd")
    assert "cc-9" in row["extra_columns"]


def test_a_month_is_a_period_and_a_start_beside_it_wins(tmp_path: Path) -> None:
    rows = "I1,OpenAI,,2026-03,2026-04-01,1,Usage,Usage,1,USD\nI2,OpenAI,,March,2026-04-01,1,Usage,Usage,1,USD\n"
    parsed = parse_bytes("invoices", tmp_path, (PLAIN + rows).encode())
    assert [row["billing_period_start_utc"] for row in parsed.rows] == [datetime(2026, 3, 1)]
    assert parsed.reasons == ["invalid_time"]
    both = "invoice,month,from,amount,currency\nI1,2026-03,2026-02-15,1,USD\nI2,2026-03,,1,USD\n"
    starts = [row["billing_period_start_utc"] for row in parse_bytes("invoices", tmp_path, both.encode()).rows]
    assert starts == [datetime(2026, 2, 15), datetime(2026, 3, 1)]


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("06/2026", (2026, 6, 1), None),
        ("2026/6", (2026, 6, 1), None),
        ("202606", (2026, 6, 1), None),
        ("Jun-26", (2026, 6, 1), None),
        ("June 2026", (2026, 6, 1), None),
        ("Q2 2026", (2026, 4, 1), (2026, 7, 1)),
        ("2026-Q4", (2026, 10, 1), (2027, 1, 1)),
    ],
)
def test_months_and_quarters_as_people_name_them(
    tmp_path: Path, text: str, first: tuple[int, int, int], end: tuple[int, int, int] | None
) -> None:
    (row,) = parse_bytes("invoices", tmp_path, f"invoice,month,amount,currency\nI1,{text},1,USD\n".encode()).rows
    assert row["billing_period_start_utc"] == datetime(*first)
    assert row.get("billing_period_end_utc") == (datetime(*end) if end else None)


def test_bad_lines_say_what_to_mend_and_their_neighbours_land(tmp_path: Path) -> None:
    rows = [
        "I1,OpenAI,,2026-03,,1,ok,Usage,10.00,USD",
        ",OpenAI,,2026-03,,1,no number,Usage,1,USD",
        "I1,OpenAI,,2026-03,,2,no amount,Usage,,USD",
        'I1,OpenAI,,2026-03,,3,separator,Usage,"1.204,00",USD',
        "I1,OpenAI,,2026-03,,4,no currency,Usage,1,",
        "I1,OpenAI,,2026-03,,5,credit,Credit,-2.50,USD",
    ]
    parsed = parse_bytes("invoices", tmp_path, (PLAIN + "\n".join(rows) + "\n").encode())
    assert [row["amount"] for row in parsed.rows] == [Decimal(10), Decimal("-2.5")]
    assert [(row.row_number, row.field, row.reason) for row in parsed.quarantined] == [
        (2, "invoice_id", "missing_invoice_id"),
        (3, "amount", "missing_cost"),
        (4, "amount", "invalid_number"),
        (5, "currency", "missing_currency"),
    ]
    assert all(row.message for row in parsed.quarantined)


def test_an_invoice_restates_itself_only(tmp_path: Path) -> None:
    rows = "I1,OpenAI,,2026-03,,1,a,Usage,1,USD\nI2,OpenAI,,2026-03,,1,b,Usage,2,USD\n"
    scopes = parse_bytes("invoices", tmp_path, (PLAIN + rows).encode()).scopes
    assert {line[: line.index("x")] for line in scopes} == {
        f"2|invoices|||{invoice}|OpenAI|USD|2026-03|1-1" for invoice in ("I1", "I2")
    }


def test_only_the_folder_makes_a_file_an_invoice(tmp_path: Path) -> None:
    for place in ("invoices/2026/a.csv", "a.csv"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PLAIN)
    found = route(tmp_path, "invoices/2026/a.csv")
    assert isinstance(found, tuple)
    assert found[0] == "invoices"
    assert "no known billing format" in str(route(tmp_path, "a.csv"))


def test_an_invoice_in_german_words_is_its_amount(tmp_path: Path) -> None:
    text = "Rechnungsnummer;Lieferant;Zeitraum;Betrag;Währung\nR-1;OpenAI;Juni 2026;1.204,11;EUR\n"
    (row,) = parse_bytes("invoices", tmp_path, text.encode()).rows
    assert (row["amount"], row["currency"]) == (Decimal("1204.11"), "EUR")
    net = "Rechnungsnummer;Zeitraum;Betrag;Nettobetrag;Währung\nR-1;Juni 2026;119,00;100,00;EUR\n"
    assert [row["amount"] for row in parse_bytes("invoices", tmp_path, net.encode()).rows] == [Decimal(100)]


def test_bills_of_payables_systems_are_invoices(tmp_path: Path) -> None:
    text = (
        "Document Number,Vendor Name,Date,Posting Period,Memo,Amount,Currency\n"
        "BILL-1,OpenAI,6/30/2026,Jun 2026,API,9,USD\n"
    )
    (row,) = parse_bytes("invoices", tmp_path, text.encode()).rows
    assert (row["invoice_issuer_name"], row["billing_period_start_utc"]) == ("OpenAI", datetime(2026, 6, 1))
    text = (
        "Invoice number,Supplier,Issued at,Service start date,Service end date,Total amount,Currency\n"
        "R,O,2026-06-30,2026-06-05,2026-06-30,9.5,USD\n"
    )
    (row,) = parse_bytes("invoices", tmp_path, text.encode()).rows
    assert (row["billing_period_start_utc"], row["amount"]) == (datetime(2026, 6, 5), Decimal("9.5"))


@pytest.mark.parametrize("status", ["void", "Voided", "CANCELLED", "storniert"])
def test_a_void_invoice_is_left_out_and_named_with_its_amount(tmp_path: Path, status: str) -> None:
    text = (
        "invoice_id,month,amount,currency,Status\n"
        f"I1,2026-03,100,USD,paid\nI2,2026-03,50.25,USD,{status}\nI3,,7,USD,{status}\n"
    )
    parsed = parse_bytes("invoices", tmp_path, text.encode())
    assert ([row["invoice_id"] for row in parsed.rows], parsed.reasons) == (["I1"], [])
    [note] = [note for note in parsed.notes if note.kind == "void_line"]
    assert note.message == f"2 lines are of no invoice to be paid: row 2 ({status!r}: 50.25), row 3 ({status!r}: 7)"


def test_a_credit_note_above_zero_is_named_and_one_below_is_not(tmp_path: Path) -> None:
    text = (
        "invoice_id,month,amount,currency,type\n"
        "I1,2026-03,100,USD,Invoice\nC1,2026-03,20.00,USD,Credit note\nC2,2026-03,-5,USD,Credit\n"
    )
    parsed = parse_bytes("invoices", tmp_path, text.encode())
    assert sum(row["amount"] for row in parsed.rows) == 115
    [note] = [note for note in parsed.notes if note.kind == "credit_unsigned"]
    assert (note.row, note.count) == (2, 1)
    assert note.message == "1 credit is above zero, and so raise what is asked (C1: 20.00)"


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Amount (USD)", "1.50", ("1.50", "USD")),
        ("Amount (USD)", "5.00 CR", ("-5.00", "USD")),
        ("Betrag EUR", '"1.234,56"', ("1234.56", "EUR")),
        ("Total in CHF,Currency", "1.50,chf", ("1.50", "CHF")),
        ("Amount [GBP],Currency", "£1.50,", ("1.50", "GBP")),
        ("Amount,Currency,Amount USD", "1.00,EUR,1.10", ("1.00", "EUR")),
    ],
)
def test_the_currency_may_stand_in_the_header_of_the_amount(
    tmp_path: Path, header: str, cells: str, expected: tuple[str, str]
) -> None:
    text = f"Invoice Number,Month,{header}\nI1,2026-03,{cells}\n"
    (row,) = parse_bytes("invoices", tmp_path, text.encode()).rows
    assert (str(row["amount_text"]), row["currency"].upper()) == expected


@pytest.mark.parametrize("cells", ["1.50,USD", "$1.50,CHF", "$1.50,"])
def test_an_amount_in_another_currency_than_its_header_is_refused(tmp_path: Path, cells: str) -> None:
    parsed = parse_bytes("invoices", tmp_path, f"Invoice,Month,Total (CHF),Currency\nI1,2026-03,{cells}\n".encode())
    assert (parsed.rows, len(parsed.quarantined)) == ([], 1)
