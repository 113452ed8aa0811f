"""Recommendations as published: reading them, and printing them for people.

Put here: what `costops recommend` shows. Keep out: the command, recommending.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from ml.optimization.return_on_investment import return_of
from orchestration.text.terminal import plain
from orchestration.warehouse.connection import rows_of

SHORTEST_ID = 6


class UnknownRecommendationError(LookupError):
    """No recommendation, or several, begin so."""


def read_recommendations(connection: duckdb.DuckDBPyConnection, *, closed: bool = False) -> list[dict[str, Any]]:
    """Recommendations in the order in which they pay; with `closed` also those that are no longer to be done."""
    return rows_of(
        connection.execute(
            "select * from rpt_recommendations where is_open or ? "
            "order by portfolio_order nulls last, recommendation_id",
            [closed],
        )
    )


def read_verified(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What recommendations that were acted on have saved."""
    return rows_of(
        connection.execute("select * from rpt_verified_savings order by implemented_date desc nulls last, title")
    )


def read_strategies(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What became of each strategy."""
    return rows_of(connection.execute("select * from rpt_optimization_strategies order by strategy"))


def find(connection: duckdb.DuckDBPyConnection, beginning: str) -> dict[str, Any]:
    """The recommendation, open or not, whose id begins so.

    Raises:
        UnknownRecommendationError: none does, or several do, or too few characters are given.
    """
    known = {row["recommendation_id"]: row for row in read_recommendations(connection, closed=True)}
    known |= {
        row["recommendation_id"]: row for row in read_verified(connection) if row["recommendation_id"] not in known
    }
    found = [row for identifier, row in known.items() if identifier.startswith(beginning)]
    if len(beginning) < SHORTEST_ID and not any(row["recommendation_id"] == beginning for row in found):
        raise UnknownRecommendationError(f"give at least {SHORTEST_ID} characters of the id; costops recommend list")
    if len(found) != 1:
        how_many = f"{len(found)} recommendations begin" if found else "no recommendation begins"
        raise UnknownRecommendationError(f"{how_many} with {beginning!r}; costops recommend list --all shows them")
    return found[0]


def print_list(console: Console, rows: list[dict[str, Any]], strategies: list[dict[str, Any]]) -> None:
    """A table, and which strategies could not look."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("id", "together", "alone", "effort, risk", "what to do"):
        is_amount = name in ("together", "alone")
        table.add_column(name, justify="right" if is_amount else "left", no_wrap=name != "what to do", overflow="fold")
    for row in rows:
        words = plain(row["title"] or row["strategy"])
        is_news = row["status"] not in (None, "proposed")
        table.add_row(
            row["recommendation_id"][:8],
            _usd(row["incremental_saving_usd"]),
            _usd(row["saving_usd"]),
            f"{row['effort']}, {row['risk']}",
            f"{words} [{row['status'].replace('_', ' ')}]" if is_news else words,
        )
    console.print(table)
    total = sum((row["incremental_saving_usd"] or Decimal(0) for row in rows), Decimal(0))
    console.print(f"\nUSD in 30 days; together: once those above are done. {_usd(total)} in all.", highlight=False)
    for row in strategies:
        if row["result"] in ("skipped", "failed"):
            console.print(f"  {row['result']}  {row['strategy']}: {plain(row['reason'] or '')}", highlight=False)


def print_one(console: Console, row: dict[str, Any], cost: Decimal, days: Decimal) -> None:
    """Everything about one, with the return on the work it takes."""
    console.print(f"[bold]{plain(row['title'] or row['strategy'])}[/]  {row['recommendation_id']}", highlight=False)
    console.print(plain(row["description"] or ""), highlight=False)
    lines = [
        ("status", (row["status"] or "").replace("_", " ")),
        ("owner", row["owner_team_id"] or "not known"),
        ("costs now", f"{_usd(row['current_cost_usd'])} USD in 30 days"),
        ("saves alone", f"{_usd(row['saving_usd'])} USD ({_usd(row['saving_lower_usd'])} to "
                        f"{_usd(row['saving_upper_usd'])}, 90 %)"),
        ("after others", f"{_usd(row['incremental_saving_usd'])} USD"),
        ("effort, risk", f"{row['effort']}, {row['risk']}; priority {row['priority']} of 5"),
    ]  # fmt: skip
    if row["saving_usd"]:
        found = return_of(row["saving_usd"], cost_usd=cost, days=days)
        months = "never" if found.break_even_months is None else f"{found.break_even_months} months"
        roi = "" if found.roi_pct is None else f", {found.roi_pct} % in the first year"
        lines.append((f"{cost} USD, {days} days", f"pays after {months}{roi}: {found.verdict}"))
    for name, value in lines:
        console.print(f"  {name:<18} {plain(str(value))}", highlight=False, soft_wrap=True)
    for number, action in enumerate(json.loads(row["actions"] or "[]"), start=1):
        console.print(f"  {number}. {plain(action)}", highlight=False, soft_wrap=True)
    console.print("[bold]Evidence[/]", highlight=False)
    for name, value in json.loads(row["evidence"] or "{}").items():
        if not isinstance(value, list | dict):
            console.print(f"  {plain(name)}: {plain(str(value))}", highlight=False, soft_wrap=True)
    console.print(f'  costops query "{plain(row["evidence_query"] or "")}"', highlight=False, soft_wrap=True)


def print_verified(console: Console, rows: list[dict[str, Any]]) -> None:
    """What was done, and what it brought."""
    if not rows:
        console.print("Nothing was acted on yet: costops recommend accept|implement <id>", highlight=False)
        return
    for row in rows:
        status = (row["status"] or "").replace("_", " ")
        since = f" since {row['implemented_date']}" if row["implemented_date"] else ""
        console.print(f"{row['recommendation_id'][:8]}  {status}{since}: {plain(row['title'] or '(not known)')}",
                      highlight=False, soft_wrap=True, markup=False)  # fmt: skip
        if row["realised_saving_usd"] is not None:
            exact = row["realised_lower_usd"] == row["realised_upper_usd"]
            bounds = f"{_usd(row['realised_lower_usd'])} to {_usd(row['realised_upper_usd'])}"
            console.print(
                f"          saved {_usd(row['realised_saving_usd'])} USD ({'exactly' if exact else f'{bounds}, 90 %'}) "
                f"from {row['measured_from_date']} to {row['measured_through_date']}, "
                f"{_usd(row['expected_saving_usd'])} expected",
                highlight=False,
                soft_wrap=True,
            )
        if row["reason"]:
            console.print(f"          {plain(row['reason'])}", highlight=False, soft_wrap=True, markup=False)


def _usd(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,.2f}"
