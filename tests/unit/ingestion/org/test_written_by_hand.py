"""Organisation files as people lay them out: titles, comments, months as columns, other words; each has one meaning."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.periods import named_period
from ingestion.sources.org.pipeline import read_folder

TEAMS = "team_id,team_name\nsearch,Search\ndata_science,Data\n"


def read(tmp_path: Path, **files: str) -> dict[str, OrgTable]:
    for name, text in {"teams": TEAMS, **files}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return read_folder(tmp_path)


def rows(table: OrgTable, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values[column] for column in columns) for row in table.good]


def faults(table: OrgTable) -> list[str]:
    return [bad.reason for bad in [*table.problems, *(row.problem for row in table.rows if row.problem)]]


def spans(table: OrgTable) -> list[tuple[str, str, str, Decimal]]:
    return [
        (row.values["period"], f"{row.valid[0]:%Y-%m-%d}", f"{row.valid[1]:%Y-%m-%d}", row.values["amount"])
        for row in table.good
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "budget_id,scope_type,scope_id,2026-01,2026-02,2026-03\nb,team,search,100,110.50,\n",
            [("month", "2026-01-01", "2026-02-01", 100), ("month", "2026-02-01", "2026-03-01", Decimal("110.5"))],
        ),
        (
            "Budget of 2026\nbudget_id,scope_type,Dec 2026,Q4 2026,2026,Total\nb,global,0,300,1200,1200\n",
            [("month", "2026-12-01", "2027-01-01", 0)],
        ),
        (
            "budget_id,scope_type,Q1 2026,Q2 2026\nb,global,-,300\n",
            [("quarter", "2026-04-01", "2026-07-01", 300)],
        ),
        (
            "budget_id,scope_type,period,amount\nb,global,H1 2026,600\nc,global,H2 2026,0\n",
            [("custom", "2026-01-01", "2026-07-01", 600), ("custom", "2026-07-01", "2027-01-01", 0)],
        ),
        (
            "budget_id,scope_type,month,amount\nb,global,2026-01,100\nb,global,Feb 2026,90\n",
            [("month", "2026-01-01", "2026-02-01", 100), ("month", "2026-02-01", "2026-03-01", 90)],
        ),
        ("budget_id,scope_type,period,amount_usd\nb,global,2026,90\n", [("year", "2026-01-01", "2027-01-01", 90)]),
    ],
)
def test_an_amount_of_a_named_month_is_a_budget_of_that_month(
    tmp_path: Path, text: str, expected: list[tuple[str, str, str, Decimal]]
) -> None:
    table = read(tmp_path, budgets=text)["budgets"]
    assert (spans(table), faults(table)) == (expected, [])


def test_months_that_a_workbook_stores_as_days_are_months(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Budgets"],
        ["budget_id", "scope_type", "currency", *(datetime(2026, month, 1) for month in range(1, 13))],  # noqa: DTZ001
        ["b", "global", "EUR", *range(1, 13)],
    ):
        book.active.append(row)  # type: ignore[union-attr]
    buffer = io.BytesIO()
    book.save(buffer)
    (tmp_path / "budgets.xlsx").write_bytes(buffer.getvalue())
    table = read_folder(tmp_path)["budgets"]
    assert [span[3] for span in spans(table)] == list(range(1, 13))
    assert spans(table)[11][:3] == ("month", "2026-12-01", "2027-01-01")


@pytest.mark.parametrize("text", ["Jan", "2026-01-15", "amount", "owner", "13/2026", "Jan - Mar 2026", "", None])
def test_what_names_no_calendar_period_is_none(text: str | None) -> None:
    assert named_period(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Teams of 2026\n\nteam_id,team_name\nsearch,Search\n",
        "# who is who\nteam_id,team_name\n# the old one, gone\n#old,Old\nsearch,Search\n",
        "Exported by Ada\tJune\nteam_id\tteam_name\nsearch\tSearch\n",
        "team_id\nsearch\n",
    ],
)
def test_titles_and_comments_are_no_rows(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, teams=text)["teams"]
    assert (rows(table, "team_id"), faults(table)) == ([("search",)], [])
    assert any("begin" in note.message for note in table.notes) == ("\n#" in text)


@pytest.mark.parametrize("name", ["teams.tsv", "Teams.txt", "teams.TSV"])
def test_other_endings_of_text_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("team_id\tteam_name\nsearch\tSearch\n")
    assert rows(read_folder(tmp_path)["teams"], "team_id") == [("search",)]


@pytest.mark.parametrize(
    ("header", "dates", "expected"),
    [
        ("start_date,end_date", "2026-01-01,2026-12-31", ("2026-01-01", "2027-01-01")),
        ("From,Until", "2026-01-01,2026-07-01", ("2026-01-01", "2026-07-01")),
        ("valid_from,valid_to", "2026-01-01,2026-12-31", ("2026-01-01", "2026-12-31")),
        ("valid_from,valid_to", "Jan 2026,", ("2026-01-01", "2200-01-01")),
        ("valid_from,valid_to", "13-02-2026,", ("2026-02-13", "2200-01-01")),
    ],
)
def test_a_row_is_valid_for_the_days_it_says(
    tmp_path: Path, header: str, dates: str, expected: tuple[str, str]
) -> None:
    table = read(tmp_path, budgets=f"budget_id,scope_type,period,amount,{header}\nb,all,monthly,1,{dates}\n")["budgets"]
    assert [span[1:3] for span in spans(table)] == [expected]
    assert not table.notes


def test_an_id_in_another_spelling_is_the_one_that_it_can_mean(tmp_path: Path) -> None:
    owners = "subject_type,subject_id,team_id\nAWS account,1,Search\nlabel,a=b,Data Science\naccount,2,sales\n"
    tables = read(tmp_path, ownership=owners)
    assert rows(tables["ownership"], "subject_type", "team_id") == [("account", "search"), ("tag", "data_science")]
    assert faults(tables["ownership"]) == ["unknown_reference"]
    twins = read(tmp_path, teams="team_id\nSearch\nsearch\n", ownership=owners)
    assert rows(twins["ownership"], "team_id") == [("Search",)]
    ambiguous = read(tmp_path, teams="team_id\nSEARCH\nsearch\n", ownership=owners)["ownership"].rows[0].problem
    assert ambiguous is not None
    assert "'SEARCH' and 'search'" in ambiguous.message
    rules = "rule_id,method,target_type,target_id,percent\n"
    rules += "r,fixed_percent,team,search,50\nr,fixed_percent,team,Search,50\n"
    assert "overlapping_validity" in faults(read(tmp_path, allocation_rules=rules)["allocation_rules"])


def test_marks_and_currencies_in_other_spellings(tmp_path: Path) -> None:
    budgets = "budget_id,scope_type,scope_id,period,amount,currency,thresholds_pct\n"
    budgets += "a,global,all,mo,1,Euro,50%/80%\nb,global,*,per month,1,€,50|80\nc,global,,month,1,eur,50 80\n"
    tables = read(tmp_path, budgets=budgets, fx_rates="date,currency,usd_per_unit\n2026-01-01,Euro,1.1\n")
    assert rows(tables["budgets"], "currency", "thresholds_pct") == [("EUR", "50;80")] * 3
    assert rows(tables["fx_rates"], "currency") == [("EUR",)]
    assert tables["fx_rates"].good[0].valid[0].year == 2026


def test_headers_in_other_words_are_the_columns_they_mean(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        cost_centers="ID,Name,Parent\nroot,All,\nrnd,R&D,Root\n",
        users="User,Name,Team\nu1,Ada,Search\n,,\n",
        model_aliases="provider,model,Price Model\nazure,chat,gpt-4o\n",
        negotiated_prices="Provider,model,meter,Discount %\nopenai,gpt-5,input tokens,10%\ngroq,m,cached input,5\n",
        ownership="subject_type,subject_id,Team,team_id\naccount,1,wrong,search\n",
        allocation_rules="Rule,method,target_type,target_id\nr,equally,team,search\nr,even,team,Data\n",
    )
    assert {name: faults(table) for name, table in tables.items() if faults(table)} == {}
    assert rows(tables["cost_centers"], "cost_center_id", "parent_cost_center_id") == [("root", None), ("rnd", "root")]
    assert rows(tables["users"], "user_id", "user_name", "team_id") == [("u1", "Ada", "search")]
    assert rows(tables["model_aliases"], "provider_name") == [("azure",)]
    assert rows(tables["negotiated_prices"], "meter", "discount_pct") == [("uncached_input", 10), ("cache_read", 5)]
    assert rows(tables["ownership"], "team_id") == [("search",)]
    assert rows(tables["allocation_rules"], "method", "target_id") == [("even", "search"), ("even", "data_science")]
    unclear = read(tmp_path, budgets="budget,scope,period,amount\nb,global,month,1\n")["budgets"]
    assert faults(unclear) == ["missing_column", "missing_column"]
