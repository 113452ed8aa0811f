"""What a table holds of days that are over: all that a score depends on, while today still changes.

A score is of complete days (`scoring_date`), so a step reads only this of such a table: usage of today is no reason to
score again.

Put here: that part's id and content. Keep out: which tables (`steps`), what follows (`plan`).
"""

from __future__ import annotations

from datetime import date

import duckdb

from orchestration.running.due.state import names_there, note_part

PREFIX = "days_over."
DAY = "usage_date"
"""The column that says the day, UTC."""
DATED_BY = "marts.fct_allocated_costs_daily"
"""Whose newest day says which day is scored (`scoring_date`)."""


def days_over(table: str) -> str:
    """Id of the days of `schema.table` that are over."""
    return f"{PREFIX}{table}"


def table_of(node: str) -> str | None:
    """The table of such an id; None for any other."""
    return node.removeprefix(PREFIX) if node.startswith(PREFIX) else None


def note_days_over(connection: duckdb.DuckDBPyConnection, today: date) -> None:
    """Note what the tables of the plan hold of days before `today`, where what is behind one of them changed."""
    rows = connection.execute(
        "select node, inputs_key from build_state.due where is_due and starts_with(node, ?) order by node", [PREFIX]
    ).fetchall()
    there = names_there(connection) if rows else ()
    for node, made_from in rows:
        table = table_of(node) or ""
        if table not in there or DATED_BY not in there:
            continue
        value, newest = connection.execute(
            f"select coalesce(sum(hash(content)::hugeint), 0), (select least(max({DAY}) + 1, ?) from {DATED_BY}) "
            f"from (select * from {table} where {DAY} < ?) as content",
            [today, today],
        ).fetchall()[0]
        note_part(connection, node, made_from, f"{value}:{newest}")
