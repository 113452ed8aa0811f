"""Bills as people and programs of other countries write them; expected values are what the cells mean."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ingestion.landing.model import SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.tabular import values
from ingestion.reading.values import Unusable, parse_instant
from ingestion.sources.billing import focus, invoices
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.model import BillingFormat
from ingestion.sources.billing.pipeline import route

HEADER = ("BilledCost", "EffectiveCost", "ConsumedQuantity", "BillingAccountId", "BillingCurrency", "ChargePeriodStart")


def landed(tmp_path: Path, text: str, billing_format: BillingFormat = focus.FORMAT) -> tuple[list[Any], list[str], Any]:
    path = tmp_path / "bill.csv"
    path.write_text(text, "utf-8")
    file = SourceFile(path, path.name, path.stat().st_size, parse_instant("2026-07-01"), "0")
    batches = list(parse(billing_format, file))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    notes = [note.message for batch in batches for note in batch.notes if note.kind == "other"]
    return rows, notes, [bad for batch in batches for bad in batch.quarantined]


def bill(*costs: str, mark: str = ";", quantity: str = "", effective: str = "") -> str:
    lines = [
        mark.join((cost, effective, quantity, "a", "EUR", f"2026-06-{day:02}"))
        for day, cost in enumerate(costs, start=1)
    ]
    return "\n".join((mark.join(HEADER), *lines)) + "\n"


@pytest.mark.parametrize(
    ("costs", "total"),
    [
        (("10,00", "1.250,50"), "1260.50"),
        (("10,5", "1.250", "1,250"), "1261.75"),
        (("-0,00005", "1.000.000,00"), "999999.99995"),
        (("€ 10,5", "(3,5)"), "7.0"),
    ],
)
def test_a_file_that_proves_its_decimal_comma_is_read_with_it(
    tmp_path: Path, costs: tuple[str, ...], total: str
) -> None:
    rows, notes, bad = landed(tmp_path, bill(*costs))
    assert not bad
    assert sum(row["billed_cost"] for row in rows) == Decimal(total)
    assert notes == ["its numbers are read with a decimal comma, as the file itself proves"]


@pytest.mark.parametrize("costs", [("1,250", "2,000"), ("10,5", "10.5"), ("1,25", "1,250.50"), ("10,5", "1E-5")])
def test_where_nothing_or_both_is_proven_the_doubtful_numbers_are_set_aside(
    tmp_path: Path, costs: tuple[str, ...]
) -> None:
    rows, notes, bad = landed(tmp_path, bill(*costs))
    doubtful = [cost for cost in costs if "," in cost and "." not in cost]
    assert [entry.reason for entry in bad] == ["invalid_number"] * len(doubtful)
    assert len(rows) == len(costs) - len(doubtful)
    assert not notes


def test_a_bar_parts_cells_and_a_word_for_nothing_costs_no_charge(tmp_path: Path) -> None:
    rows, _, bad = landed(tmp_path, bill("10.00", mark="|", quantity="None", effective="N/A"))
    assert not bad
    assert [(row["billed_cost"], row["effective_cost"], row["consumed_quantity"]) for row in rows] == [
        (Decimal(10), None, None)
    ]


def test_a_word_for_nothing_is_no_cost(tmp_path: Path) -> None:
    _, _, (bad,) = landed(tmp_path, bill("N/A"))
    assert (bad.field, bad.reason) == ("BilledCost", "invalid_number")


def test_an_invoice_of_a_named_month_begins_on_its_first_day(tmp_path: Path) -> None:
    text = 'Invoice No,Supplier,Billing Period,Total,Currency Code\nI-2,Anthropic,June 2026,"$1,204.11",USD\n'
    (row,), _, bad = landed(tmp_path, text, invoices.FORMAT)
    assert not bad
    assert (row["billing_period_start_utc"].isoformat(), row["amount"]) == ("2026-06-01T00:00:00", Decimal("1204.11"))


@pytest.mark.parametrize(
    "shown",
    ["5-Jun-26", "05-Jun-2026", "5 June 2026", "Jun 5, 2026", "June 5 2026", "2026/06/05", "2026/6/5"],
)
def test_a_date_that_means_one_day_is_read(shown: str) -> None:
    assert parse_instant(shown).isoformat() == "2026-06-05T00:00:00"
    assert parse_instant(f"{shown} 10:30").isoformat() == "2026-06-05T10:30:00"


@pytest.mark.parametrize("shown", ["5-Foo-26", "Jun 2026", "31-Jun-26", "05-06-2026", "Ju 5, 2026"])
def test_a_date_that_means_none_is_refused(shown: str) -> None:
    with pytest.raises(Unusable):
        parse_instant(shown)


def test_marks_of_decimals() -> None:
    marks = {"10,5": ",", "1.250,50": ",", "10.5": ".", "1,250.50": ".", "1,250": None, "1.250": None, "7": None}
    assert {text: values.decimal_mark(text) for text in marks} == marks
    assert values.with_points(pa.array(["1.250,50"])).to_pylist() == ["1250.50"]


ROW = {"BilledCost": 1.1, "ChargePeriodStart": "2026-06-01T00:00:00Z", "BillingCurrency": "USD", "Tags": {"a": "b"}}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_bill_that_is_a_list_of_objects_is_read_as_one_of_lines_is(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "bill.json"
    path.write_text(json.dumps([ROW, ROW | {"BilledCost": 2.2}], indent=indent))
    found = route(tmp_path, "bill.json")
    assert isinstance(found, tuple)
    assert found[0] == "focus"
    rows, _, bad = landed(tmp_path, path.read_text())
    assert not bad
    assert [(row["billed_cost"], row["tags"]) for row in rows] == [
        (Decimal("1.1"), '{"a": "b"}'),
        (Decimal("2.2"), '{"a": "b"}'),
    ]


@pytest.mark.parametrize("text", ['{"columns": ["BilledCost"]}', "[1, 2]", "[", ""])
def test_other_json_beside_bills_is_named_and_no_bill(tmp_path: Path, text: str) -> None:
    (tmp_path / "schema.json").write_text(text)
    found = route(tmp_path, "schema.json")
    assert isinstance(found, Note)
    assert found.kind == "other"


@pytest.mark.parametrize(
    ("costs", "total"),
    [(("1,250", "10.5"), "1260.5"), (("$2,000,", "(1,250)", "0.25"), None), (("1,250", "10.500", "1E-1"), "1260.6")],
)
def test_a_file_that_proves_its_decimal_point_is_read_with_commas_between_thousands(
    tmp_path: Path, costs: tuple[str, ...], total: str | None
) -> None:
    rows, notes, bad = landed(tmp_path, bill(*costs))
    if total is None:
        assert [entry.reason for entry in bad] == ["invalid_number"]
        assert sum(row["billed_cost"] for row in rows) == Decimal("-1249.75")
    else:
        assert (not bad, not notes) == (True, True)
        assert sum(row["billed_cost"] for row in rows) == Decimal(total)


def test_a_word_proves_no_decimal_point(tmp_path: Path) -> None:
    rows, _, bad = landed(tmp_path, bill("10,5", "1.250", quantity="None", effective="EUR 1,250"))
    assert not bad
    assert [(row["billed_cost"], row["effective_cost"]) for row in rows] == [
        (Decimal("10.5"), Decimal("1.25")),
        (Decimal(1250), Decimal("1.25")),
    ]


@pytest.mark.parametrize(
    "shown", ["10.00 EUR", "EUR 10.00", "10.00EUR", "10.00 eur", "EUR10.00", "(10.00) EUR", "10.00- EUR", "-10.00 EUR"]
)
def test_an_amount_with_the_code_of_its_rows_currency_is_that_amount(tmp_path: Path, shown: str) -> None:
    (row,), _, bad = landed(tmp_path, bill(shown))
    assert not bad
    expected = Decimal(-10 if set("(-") & set(shown) else 10)
    assert (row["billed_cost"], row["billing_currency"], Decimal(row["billed_cost_text"])) == (
        expected,
        "EUR",
        expected,
    )


def test_a_code_says_the_currency_where_the_row_does_not_and_contradicts_one_that_does(tmp_path: Path) -> None:
    (row,), _, bad = landed(tmp_path, bill("10.00 USD").replace(";EUR;", ";;"))
    assert (row["billed_cost"], row["billing_currency"], bad) == (Decimal(10), "USD", [])
    rows, _, (wrong,) = landed(tmp_path, bill("10.00 USD"))
    assert (rows, wrong.reason, wrong.field) == ([], "currency_sign", "BilledCost")
    assert "the row is in EUR; write the amount in it without a code" in wrong.message
    _, _, (unknown,) = landed(tmp_path, bill("10.00 ABC"))
    assert unknown.reason == "invalid_number"
    for text, currency in (("€10.00", "EUR"), ("-10.00 €", "EUR"), ("£ 10.00", "GBP"), ("$10.00", None)):
        (row,), _, bad = landed(tmp_path, bill(text).replace(";EUR;", ";;"))
        assert (abs(row["billed_cost"]), row["billing_currency"], bad) == (Decimal(10), currency, [])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("46174", "46203"), ["2026-06-01T00:00:00", "2026-06-30T00:00:00"]),
        (("46174.5", "46174.0416666667"), ["2026-06-01T12:00:00", "2026-06-01T01:00:00"]),
        (("46174", "2026-06-02"), ["2026-06-01T00:00:00", "2026-06-02T00:00:00"]),
        (("44712",), []),
        (("50000",), []),
    ],
)
def test_day_numbers_of_a_spreadsheet_are_dates_where_no_other_beginning_of_time_is_possible(
    tmp_path: Path, cells: tuple[str, ...], expected: list[str]
) -> None:
    lines = [f"10.00;;;a;EUR;{cell}" for cell in cells]
    rows, notes, bad = landed(tmp_path, "\n".join((";".join(HEADER), *lines)) + "\n")
    assert [row["charge_period_start_utc"].isoformat() for row in rows] == expected
    assert len(bad) == len(cells) - len(expected)
    assert {entry.reason for entry in bad} <= {"invalid_time"}
    assert notes == (["its dates are read as a spreadsheet counts days (46174 is 2026-06-01)"] if expected else [])


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("1\u00a0250.50", "1250.50"),
        ("1'250", "1250"),
        ("12 001 250.5", "12001250.5"),
        ("\u221210.00", "-10"),
        ("$ (10.00)", "-10"),
        ("US$1,250.50", "1250.50"),
        ("'10.00", "10"),
    ],
)
def test_a_number_as_spreadsheets_of_the_world_print_it(tmp_path: Path, shown: str, meant: str) -> None:
    (row,), _, bad = landed(tmp_path, bill(shown).replace("EUR", "USD"))
    assert not bad
    assert row["billed_cost"] == Decimal(meant)


def test_thousands_apart_by_spaces_go_with_a_decimal_comma(tmp_path: Path) -> None:
    rows, _, bad = landed(tmp_path, bill("1\u202f250,50", "10 750,25"))
    assert not bad
    assert sum(row["billed_cost"] for row in rows) == Decimal("12000.75")


@pytest.mark.parametrize("shown", ["1 25", "10 20 30", "1 2500", "1'25", "1.250 500", "1 250'500"])
def test_what_only_looks_like_groups_is_no_number(tmp_path: Path, shown: str) -> None:
    _, _, (bad,) = landed(tmp_path, bill(shown))
    assert bad.reason == "invalid_number"


@pytest.mark.parametrize(
    "shown",
    [
        *("25.06.2026", "25.6.2026", "20260625", "Thursday, June 25, 2026", "Thu 25 Jun 2026", "1782345600"),
        *("1782345600000", "2026-06-25 00:00:00 +0000 UTC", "2026-06-25 02:00:00 +0200 CEST", "25.06.2026 00:00:00"),
    ],
)
def test_a_day_of_one_meaning_begins_a_charge(tmp_path: Path, shown: str) -> None:
    (row,), _, bad = landed(tmp_path, bill("10.00").replace("2026-06-01", shown))
    assert not bad
    assert row["charge_period_start_utc"].isoformat() == "2026-06-25T00:00:00"


@pytest.mark.parametrize(
    "shown", ["06.25.2026", "Jun-26", "20261325", "25.06.26", "178234560", "Someday, June 25, 2026"]
)
def test_a_day_of_no_or_two_meanings_begins_none(tmp_path: Path, shown: str) -> None:
    _, _, (bad,) = landed(tmp_path, bill("10.00").replace("2026-06-01", shown))
    assert bad.reason == "invalid_time"


@pytest.mark.parametrize(
    ("headers", "cells", "amount", "is_said"),
    [
        ("Subtotal,VAT,Total", "100.00,19.00,119.00", 100, False),
        ("Amount,VAT,Net Amount", "119.00,19.00,100.00", 100, False),
        ("Amount excl. tax,Tax,Total", "100.00,19.00,119.00", 100, False),
        ("Total", "100.00", 100, False),
        ("Total,VAT", "119.00,19.00", 119, True),
    ],
)
def test_the_amount_of_an_invoice_is_the_one_without_tax(
    tmp_path: Path, headers: str, cells: str, amount: int, is_said: bool
) -> None:
    text = f"Invoice No,Supplier,Billing Period,Currency,{headers}\nI-1,Mistral,June 2026,EUR,{cells}\n"
    (row,), notes, bad = landed(tmp_path, text, invoices.FORMAT)
    assert not bad
    assert row["amount"] == amount
    assert ["without tax" in note for note in notes] == [True] * is_said


@pytest.mark.parametrize(
    ("written", "code"),
    [("US Dollar", "USD"), ("U.S. dollars", "USD"), ("Euro", "EUR"), ("€", "EUR"), (" eur ", "eur"), ("$", "$")],
)
def test_a_currency_by_its_name_is_its_code_and_an_uncertain_sign_none(tmp_path: Path, written: str, code: str) -> None:
    (row,), _, bad = landed(tmp_path, bill("10.00").replace(";EUR;", f";{written};"))
    assert (row["billing_currency"].strip(), row["billed_cost"], bad) == (code, Decimal(10), [])


def test_lines_above_a_header_are_no_charges_and_that_is_told(tmp_path: Path) -> None:
    (row,), notes, bad = landed(tmp_path, f"Cost report of a portal\nGenerated 2026-07-01\n\n{bill('10.00')}")
    assert (row["billed_cost"], row["_source_row"], bad) == (Decimal(10), 1, [])
    assert notes == ["2 lines above its header are no charges"]


@pytest.mark.parametrize(
    ("cost", "currency", "number"),
    [
        ("R$ 1250.50", "BRL", "1250.50"),
        ("R$1250.50", "", "1250.50"),
        ("-₹1,00,000.50", "INR", None),
        ("₹1,00,000.50", "INR", "100000.50"),
        ("CA$1,250.50", "CAD", "1250.50"),
        ("1250.50 kr", "SEK", "1250.50"),
        ("1250.50 kr", "", None),
        ("1250.50 kr", "EUR", None),
        ("1250.50 zł", "EUR", None),
        ("1250.50 zł", "PLN", "1250.50"),
    ],
)
def test_a_sign_of_letters_is_its_currency(tmp_path: Path, cost: str, currency: str, number: str | None) -> None:
    text = f'BilledCost,BillingCurrency,ChargePeriodStart\n"{cost}",{currency},2026-06-01\n'
    rows, _, bad = landed(tmp_path, text)
    assert ([row["billed_cost"] for row in rows], len(bad)) == (([Decimal(number)], 0) if number else ([], 1))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_letters_are_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes("BilledCost,ChargePeriodStart,ServiceName\n1.5,2026-06-01,Größe é\n".encode(encoding))
    batches = list(parse(focus.FORMAT, SourceFile(path, path.name, 1, parse_instant("2026-07-01"), "0")))
    assert [row["service_name"] for batch in batches if batch.table for row in batch.table.to_pylist()] == ["Größe é"]
    kinds = [note.kind for batch in batches for note in batch.notes]
    assert ("encoding_assumed" in kinds) is (encoding == "cp1252")


def test_bytes_that_are_no_letters_stay_damage(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    for wound in (b"\x81\x8d", b"\xff\x04\xd8", "ö".encode() + b"\xe4"):
        path.write_bytes(b"BilledCost,ChargePeriodStart,ServiceName\n1.5,2026-06-01," + wound + b"\n")
        batches = list(parse(focus.FORMAT, SourceFile(path, path.name, 1, parse_instant("2026-07-01"), "0")))
        assert [bad.reason for batch in batches for bad in batch.quarantined] == ["invalid_encoding"]
