"""Budgets as finance departments keep them: by team and month, without ids; what may mean two things asks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.org.periods import named_period
from tests.unit.ingestion.org.test_written_by_hand import faults, read, rows, spans

WHAT = ("budget_id", "scope_type", "scope_id", "period", "amount")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Team,Month,Budget\nsearch,2026-01,100\nsearch,2026-02,110.50\n",
            [
                ("team:search:month", "team", "search", "month", 100),
                ("team:search:month", "team", "search", "month", Decimal("110.5")),
            ],
        ),
        (
            "Team,Monthly budget (USD),Owner\nSearch,100,\n",
            [("team:Search:month", "team", "search", "month", 100)],
        ),
        (
            "Budget of 2026,,\nProvider,Jan26,Feb 26\nOpenAI,1,2\n",
            [
                ("provider:OpenAI:month", "provider", "OpenAI", "month", 1),
                ("provider:OpenAI:month", "provider", "OpenAI", "month", 2),
            ],
        ),
        (
            "Cost Centre,Period,Limit\n,year,9\n",
            [],
        ),
        (
            "scope_type,scope_id,period,amount\nglobal,,year,9\n",
            [("global:year", "global", None, "year", 9)],
        ),
        (
            "budget,model,period,amount\ngpt,gpt-5,month,9\n",
            [("model:gpt-5:month", "model", "gpt-5", "month", 9)],
        ),
    ],
)
def test_a_column_of_teams_or_models_is_the_scope_and_a_column_called_budget_the_amount(
    tmp_path: Path, text: str, expected: list[tuple[object, ...]]
) -> None:
    assert rows(read(tmp_path, budgets=text)["budgets"], *WHAT) == expected


def test_the_total_below_a_sheet_of_budgets_is_no_budget(tmp_path: Path) -> None:
    budgets = read(tmp_path, budgets="Provider,Jan 2026\nOpenAI,5\nAnthropic,2\nTotal,7\n,\n,4\n")["budgets"]
    assert rows(budgets, "scope_id", "amount") == [("OpenAI", 5), ("Anthropic", 2)]
    assert [note.kind for note in budgets.notes] == ["total_line"]
    assert faults(budgets) == ["missing_value"]


def test_months_and_their_quarter_of_one_team_are_two_budgets(tmp_path: Path) -> None:
    budgets = read(tmp_path, budgets="Team,Period,Budget\nsearch,Q1 2026,300\nsearch,2026-01,100\n")["budgets"]
    assert rows(budgets, "budget_id", "amount") == [("team:search:quarter", 300), ("team:search:month", 100)]
    assert faults(budgets) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Team,Project,Jan 2026\nsearch,p,1\n", "column scope_type: the header lacks it"),
        ("Team,Jan,Feb\nsearch,1,2\n", "'Jan', 'Feb': write months with their year, as 2026-01"),
        ("Team,1/1/2026,2/1/2026\nsearch,1,2\n", "'1/1/2026', '2/1/2026': write months with their year"),
        ("Team,FY26,amount\nsearch,1,2\n", "'FY26': write months with their year"),
    ],
)
def test_columns_that_may_mean_several_things_are_named_with_what_to_write(
    tmp_path: Path, text: str, words: str
) -> None:
    problems = read(tmp_path, budgets=text)["budgets"].problems
    assert any(words in (problem.message or "") for problem in problems)


@pytest.mark.parametrize("period", ["FY2026", "FY26", "Q1 FY2027", "2026/27", "Fiscal year", "FY'26"])
def test_a_fiscal_year_asks_when_it_begins(tmp_path: Path, period: str) -> None:
    budgets = read(tmp_path, budgets=f"budget_id,scope_type,period,amount\nb,global,{period},1\n")["budgets"]
    [bad] = [row.problem for row in budgets.rows if row.problem]
    assert "write period custom with valid_from and valid_to" in bad.message


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2026-04-01 to 2027-03-31", ("custom", "2026-04-01", "2027-04-01")),
        ("2026-02-01 to 2026-04-30", ("custom", "2026-02-01", "2026-05-01")),
        ("2026-01-01 to 2026-12-31", ("year", "2026-01-01", "2027-01-01")),
        ("2026-04-01 to 2026-06-30", ("quarter", "2026-04-01", "2026-07-01")),
        ("2026-06-05 to 2026-06-11", ("custom", "2026-06-05", "2026-06-12")),
        ("2Q26", ("quarter", "2026-04-01", "2026-07-01")),
        ("Q2'26", ("quarter", "2026-04-01", "2026-07-01")),
        ("26-Q2", ("quarter", "2026-04-01", "2026-07-01")),
        ("H2-26", ("custom", "2026-07-01", "2027-01-01")),
    ],
)
def test_a_span_that_is_no_calendar_period_runs_once(
    tmp_path: Path, period: str, expected: tuple[str, str, str]
) -> None:
    found = named_period(period)
    assert found is not None
    assert (found.period, found.start, found.stop) == expected
    budgets = read(tmp_path, budgets=f"budget_id,scope_type,period,amount\nb,global,{period},1\n")["budgets"]
    assert spans(budgets) == [(*expected, 1)]
