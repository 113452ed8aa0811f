"""`costops mine`: your own coding agents' usage, from the files they keep anyway.

Put here: arguments and the printed table. Keep out: reading and adding up (`orchestration.mine`).
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.clock import utc_now
from orchestration.commands.shared import HomeOption, console, fail, parse_date, settings_of
from orchestration.terminal import plain

if TYPE_CHECKING:
    from orchestration.mine import DayOfModel

SHOWN_DAYS = 14


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(mine)


def mine(
    days: Annotated[int, typer.Option("--days", min=1, help="Days to print, today included.")] = SHOWN_DAYS,
    from_: Annotated[str | None, typer.Option("--from", help="First day instead, such as 2026-01-31.")] = None,
    person: Annotated[
        Path | None, typer.Option("--user-home", help="Whose sessions. Default: your home folder.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Your own usage of Claude Code and Codex by day and model, at list prices. Needs no set-up."""
    from orchestration.mine import agents
    from orchestration.mine import mine as read
    from orchestration.price_book import PriceBook

    settings = settings_of(home)
    first = parse_date(from_, "--from") or utc_now().date() - timedelta(days=days - 1)
    found = agents(person or Path.home(), {} if person else os.environ)
    result = read(found, settings.home / "mine.duckdb", PriceBook(settings))
    if not result.folders and not result.days:
        places = ", ".join(str(folder) for agent in found for folder in agent.folders)
        raise fail(f"no sessions found; looked in {places}. CLAUDE_CONFIG_DIR and CODEX_HOME say where else")
    _print([day for day in result.days if day.day >= first], "shown")
    if any(day.day < first for day in result.days):
        _print(result.days, "all days", only_total=True)
    console.print(
        "List value: what these calls cost at API list prices. Sessions do not tell whether a subscription covered "
        "them, so it is not spend. Days are UTC.",
        highlight=False,
    )
    unreadable = f", {result.unreadable} lines could not be read" if result.unreadable else ""
    console.print(
        f"{result.files:,} session files, {result.files_read:,} of them new or changed and read{unreadable}.",
        highlight=False,
    )


def _print(days: list[DayOfModel], title: str, *, only_total: bool = False) -> None:
    from rich.table import Table

    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False, show_header=not only_total)
    table.add_column("day", no_wrap=True)
    table.add_column("model", overflow="ellipsis", no_wrap=True, max_width=22)
    for name in ("calls", "input", "cached", "output", "list value"):
        table.add_column(name, justify="right", no_wrap=True)
    last: date | None = None
    for day in () if only_total else days:
        shown = str(day.day) if day.day != last else ""
        last = day.day
        table.add_row(shown, plain(day.model), *_sizes([day]))
    table.add_row("total", title, *_sizes(days), style="bold")
    console.print(table)


def _sizes(days: list[DayOfModel]) -> tuple[str, ...]:
    known = sum((day.list_value for day in days), Decimal(0))
    unpriced = sum(day.unpriced_calls for day in days)
    value = f"${known:,.2f}" if not unpriced else ("unknown" if not known else f"≥ ${known:,.2f}")
    counts = (
        sum(day.input_tokens for day in days),
        sum(day.cached_tokens for day in days),
        sum(day.output_tokens for day in days),
    )
    return f"{sum(day.calls for day in days):,}", *map(_short, counts), value


def _short(number: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number)
