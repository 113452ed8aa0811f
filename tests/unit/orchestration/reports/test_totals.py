"""Totals of a period: what there is none of is 0, what is not known is no number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from orchestration.presenting.formats import Unit
from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import standing_of
from orchestration.reports.figures.model import Figure, Shown, count, share, text, usd
from orchestration.reports.figures.spend import FIGURES
from orchestration.reports.reading import Scope
from orchestration.reports.sections import chart

MONEY = "decimal(38, 12)"
COLUMNS = (
    f"usage_date date, cost_kind varchar, team_id varchar, provider_id varchar, spend_usd {MONEY}, "
    "request_count bigint, total_tokens bigint, cache_read_tokens bigint, input_tokens bigint"
)


@pytest.fixture
def march() -> Scope:
    """March has LLM spend with a cost, a machine without; of February nothing is there."""
    connection = duckdb.connect()
    connection.execute(f"create table rpt_cost_daily ({COLUMNS})")
    connection.execute(
        "insert into rpt_cost_daily values "
        "(date '2026-03-01', 'llm', 'a', 'openai', 3, 2, 10, null, 10), "
        "(date '2026-03-02', 'infrastructure', null, 'aws', null, null, null, null, null)"
    )
    period = parse_period("2026-03", date(2026, 4, 2))
    return Scope(connection, period, period.before(), date(2026, 4, 2), None)  # type: ignore[arg-type]


def test_a_kind_without_rows_is_zero_and_one_without_known_cost_is_unknown(march: Scope) -> None:
    row = march.row("totals")
    assert (row["spend_usd"], row["llm_usd"], row["own_usd"]) == (Decimal(3), Decimal(3), Decimal(0))
    assert row["infrastructure_usd"] is None
    assert row["unowned_usd"] is None
    assert (row["request_count"], row["total_tokens"]) == (2, 10)


def test_of_a_period_without_rows_nothing_is_known(march: Scope) -> None:
    row = march.row("totals")
    for name in (
        "spend_usd",
        "llm_usd",
        "infrastructure_usd",
        "own_usd",
        "request_count",
        "total_tokens",
        "unowned_usd",
    ):
        assert row[f"before_{name}"] is None, name


@pytest.mark.parametrize(("newest_llm_day", "llm", "requests"), [
    ("2026-03-31", None, None), ("2026-04-01", Decimal(3), 2), (None, Decimal(0), 0),
])  # fmt: skip
def test_llm_spend_is_unknown_while_only_other_money_of_a_period_has_arrived(
    newest_llm_day: str | None, llm: Decimal | None, requests: int | None
) -> None:
    connection = duckdb.connect()
    connection.execute(f"create table rpt_cost_daily ({COLUMNS})")
    connection.execute("create table dim_teams (team_id varchar, team_name varchar)")
    connection.execute(
        "insert into rpt_cost_daily values "
        "(date '2026-04-01', 'infrastructure', 'a', 'aws', 30, null, null, null, null)"
    )
    if newest_llm_day:
        connection.execute(
            f"insert into rpt_cost_daily values (date '{newest_llm_day}', 'llm', 'a', 'openai', 3, 2, 10, null, 10)"
        )
    period = parse_period("2026-04", date(2026, 4, 1))
    standing = standing_of(connection, period, date(2026, 4, 1))
    scope = Scope(connection, period, period.before(), date(2026, 4, 1), standing)
    row = scope.row("totals")
    assert (row["llm_usd"], row["request_count"], row["infrastructure_usd"]) == (llm, requests, 30)
    assert [each["spend_usd"] for each in scope.records("llm_spend_by_team")] == ([llm] if newest_llm_day else [])
    told = "no usage of LLMs of April 2026 has arrived: the newest is of 2026-03-31"
    assert any(told in fault for fault in standing.faults) == (llm is None) == standing.is_at_least


@pytest.mark.parametrize(
    ("kind", "is_additive", "said"),
    [
        ("area", True, "highest $50.00 (2026-11-27); total $90.00"),
        ("ranking", True, "highest $40.00 (2026-11-01); total $90.00"),
        ("line", False, "highest $40.00 (2026-11-01)"),
    ],
)
def test_a_picture_in_words_names_the_day_that_is_highest_altogether(kind: str, is_additive: bool, said: str) -> None:
    """By parts 40 is the most; by days 30 + 20 is. What does not add up is never added."""
    columns = {
        "usage_date": Shown("Day", Unit.DATE),
        "cost_kind": Shown("Kind", Unit.TEXT),
        "spend_usd": Shown("Spend", Unit.USD, is_additive=is_additive),
    }
    first, second = date(2026, 11, 1), date(2026, 11, 27)
    parts = [(first, "llm", 40), (second, "llm", 30), (second, "own", 20)]
    rows = [dict(zip(columns, (day, name, Decimal(usd)), strict=True)) for day, name, usd in parts]
    figure = Figure("spend", "What was spent?", "", columns)
    assert chart._words(figure, rows, "spend_usd", kind) == f"What was spent; {said}"


def test_users_are_told_by_their_usage_whatever_a_bill_covers(march: Scope) -> None:
    """A bill names no user: what it covers is billed to nobody, and was used by u1 (4 + 2) and u2, of unknown cost."""
    march.connection.execute(
        f"create table rpt_usage_daily (usage_date date, provider_id varchar, team_id varchar, customer_id varchar, "
        f"user_id varchar, contracted_cost_usd {MONEY}, request_count bigint)"
    )
    march.connection.execute("create table dim_users (user_id varchar, user_label varchar)")
    march.connection.execute(
        "insert into rpt_usage_daily values (date '2026-03-01', 'openai', 'a', null, 'u1', 4, 3), "
        "(date '2026-03-02', 'openai', 'a', null, 'u1', 2, 1), (date '2026-02-02', 'openai', 'a', null, 'u1', 1, 1), "
        "(date '2026-03-02', 'openai', 'a', null, null, 6, 2), (date '2026-03-02', 'openai', 'a', null, 'u2', null, 1)"
    )
    (figure,) = (each for each in FIGURES if each.name == "llm_usage_by_user")
    assert [
        (subject, now, before, change, count) for subject, now, _, before, change, count, _ in march.rows(figure)
    ] == [
        ("no user", Decimal(6), Decimal(0), Decimal(6), 2),
        ("u1", Decimal(6), Decimal(1), Decimal(5), 4),
        ("u2", None, Decimal(0), None, 1),
    ]


def test_the_rest_and_the_total_of_rows_that_are_not_known_are_not_known(march: Scope) -> None:
    figure = Figure(
        "told", "What?", "select * from (values ('a', 'x', null, 0.5, 1), ('b', 'y', null, 0.25, null), "
        "('c', 'z', null, 0.25, 2)) as t (subject, words, spend_usd, share_ratio, request_count)",
        {"subject": text("Subject"), "words": text("Words"), "spend_usd": usd(is_known_by_row=True),
         "share_ratio": share(), "request_count": count("Requests")},
    )  # fmt: skip
    table = march.table(figure, limit=1, has_total=True)
    assert [list(row) for row in table.rows[1:]] == [["2 others", "", None, Decimal("0.5"), 2]]
    assert list(table.total or ()) == ["Total", "", None, Decimal(1), 3]
