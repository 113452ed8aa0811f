"""What organisation files say beside their columns: currencies in amounts, days between rows, packed files."""

from __future__ import annotations

import gzip
import lzma
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.org.pipeline import read_folder, source
from tests.unit.ingestion.org.test_written_by_hand import faults, read, rows

BUDGET = "budget_id,scope_type,period,amount,currency\n"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("€500", "", ("EUR", None)),
        ("500 EUR", "", ("EUR", None)),
        ("CHF 500", "", ("CHF", None)),
        ("500 zł", "", ("PLN", None)),
        ("$500", "", ("USD", Decimal(500))),
        ("500", "", ("USD", Decimal(500))),
    ],
)
def test_an_amount_tells_its_currency_where_the_row_does_not(
    tmp_path: Path, amount: str, currency: str, expected: tuple[str, Decimal | None]
) -> None:
    budgets = read(tmp_path, budgets=f"{BUDGET}b,global,month,{amount},{currency}\n")["budgets"]
    assert rows(budgets, "amount", "currency", "amount_usd") == [(Decimal(500), *expected)]


def test_a_sign_of_several_currencies_and_one_that_contradicts_set_the_row_aside(tmp_path: Path) -> None:
    budgets = read(tmp_path, budgets=f"{BUDGET}b,global,month,500 kr,\nc,global,month,€500,USD\n")["budgets"]
    assert faults(budgets) == ["invalid_amount", "currency_sign"]


def test_a_day_between_two_rows_of_a_team_is_named_and_none_between_others(tmp_path: Path) -> None:
    teams = "team_id,valid_from,valid_to\nsearch,,2026-06-30\nsearch,2026-07-01,2026-08-01\nsearch,2026-08-01,\n"
    tables = read(tmp_path, teams=teams + "data,,2026-06-30\ndata,2026-09-01,\n")
    [note] = tables["teams"].notes
    assert (note.kind, note.row) == ("day_without_row", 1)
    assert "search has no row for 2026-06-30: valid_to is exclusive. Write 2026-07-01" in note.message
    ends = read(tmp_path, teams=teams.replace("valid_to", "end_date").replace(",2026-08-01\n", ",2026-07-31\n"))
    assert ends["teams"].notes == []


def test_a_key_that_changes_hands_within_a_day_is_named_once_with_the_day_it_counts_from(tmp_path: Path) -> None:
    ownership = (
        "subject_type,subject_id,team_id,valid_from,valid_to\n"
        "api_key,k,search,,2026-09-10T12:00:00Z\napi_key,k,search,2026-09-10T12:00:00Z,2026-10-01T00:00:00Z\n"
        "api_key,l,search,2026-09-10T00:00:00+02:00,\napi_key,m,search,,2026-09-10 08:30\n"
        "api_key,n,search,,2026-09-10 23:59:59\n"
    )
    notes = read(tmp_path, ownership=ownership)["ownership"].notes
    assert [(note.kind, note.row) for note in notes] == [("within_day", row) for row in (2, 3, 4)]
    assert "api_key k begins at 2026-09-10T12:00Z, within a day, and so holds from 2026-09-11 on" in notes[0].message
    assert "begins at 2026-09-09T22:00Z, within a day, and so holds from 2026-09-10 on" in notes[1].message
    assert "api_key m ends at 2026-09-10T08:30Z, within a day, and so holds for all of 2026-09-10" in notes[2].message


def test_files_may_be_packed_and_plain_ones_stand_before_them(tmp_path: Path) -> None:
    wide = b"budget_id,scope_type,Jan 2026,Feb 2026\nb,global,100,200\n"
    (tmp_path / "budgets.csv.gz").write_bytes(gzip.compress(wide))
    (tmp_path / "teams.csv.xz").write_bytes(lzma.compress(b"team_id\nsearch\n"))
    assert rows(read_folder(tmp_path)["budgets"], "amount") == [(100,), (200,)]
    assert rows(read_folder(tmp_path)["teams"], "team_id") == [("search",)]
    (tmp_path / "teams.csv").write_text("team_id\ndata\n")
    assert rows(read_folder(tmp_path)["teams"], "team_id") == [("data",)]


def test_an_account_that_a_spreadsheet_rounded_owns_nothing_in_silence(tmp_path: Path) -> None:
    ownership = "subject_type,subject_id,team_id\naccount,1.23457E+11,search\naccount,123456789012,search\n"
    found = read(tmp_path, ownership=ownership)["ownership"]
    assert (rows(found, "subject_id"), faults(found)) == ([("123456789012",)], ["invalid_number"])


def test_the_lock_of_an_open_workbook_is_nothing_to_tell_and_another_file_is(tmp_path: Path) -> None:
    route = source(tmp_path).route
    assert route("~$teams.xlsx") == ""
    assert "passed over" in str(route("team_list.xlsx"))


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("units_per_usd", "0.8", (Decimal("1.25"), Decimal("0.8"))),
        ("Units per USD", "160", (Decimal("0.00625"), Decimal(160))),
        ("usd_per_unit,units_per_usd", "1.0869565,0.92", (Decimal("1.0869565"), Decimal("0.92"))),
        ("usd_per_unit,units_per_usd", "1.25,", (Decimal("1.25"), Decimal("0.8"))),
    ],
)
def test_a_rate_may_be_told_either_way_round(
    tmp_path: Path, header: str, cells: str, expected: tuple[Decimal, Decimal]
) -> None:
    rates = read(tmp_path, fx_rates=f"currency,{header}\nEUR,{cells}\n")["fx_rates"]
    assert rows(rates, "usd_per_unit", "units_per_usd") == [expected]


def test_a_rate_that_contradicts_its_inverse_or_is_none_is_set_aside(tmp_path: Path) -> None:
    text = "currency,usd_per_unit,units_per_usd\nEUR,0.92,0.92\nGBP,,0\nCHF,,\n"
    assert faults(read(tmp_path, fx_rates=text)["fx_rates"]) == [
        "more_than_one_value", "amount_out_of_range", "missing_value",
    ]  # fmt: skip


def test_offers_of_one_model_in_another_case_are_of_one_thing(tmp_path: Path) -> None:
    text = "provider_name,model,discount_pct\nopenai,gpt-4o,10\nOpenAI,GPT-4o,50\n"
    assert faults(read(tmp_path, negotiated_prices=text)["negotiated_prices"]) == ["overlapping_validity"]
