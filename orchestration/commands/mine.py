"""`costops mine`: your own coding agents' usage, from the files they keep anyway.

Put here: arguments and the printed table. Keep out: reading and adding up (`orchestration.running.mine`).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestion.agent_folders import Places, agent_folders
from ingestion.landing.model import stable_id
from orchestration.commands.shared import HomeOption, console, fail, parse_date, settings_of
from orchestration.home.clock import utc_now
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.running.mine import DayOfModel

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
    from orchestration.pricing.price_book import PriceBook
    from orchestration.running.mine import mine as read

    settings = settings_of(home)
    first = parse_date(from_, "--from") or utc_now().date() - timedelta(days=days - 1)
    if person is not None and not person.is_dir():
        raise fail(f"--user-home {person} is no folder", 2)
    places = agent_folders(person, {}) if person else settings.agent_folders
    kept_at = settings.home / (f"mine-{stable_id(str(person.resolve())):016x}.duckdb" if person else "mine.duckdb")
    result = read(places, kept_at, PriceBook(settings), settings.plan_covered)
    if not result.files and not result.days:
        raise fail(not_found(places))
    _print([day for day in result.days if day.day >= first], "shown")
    if any(day.day < first for day in result.days):
        _print(result.days, "all days", only_total=True)
    covered = sum((day.plan_value for day in result.days), Decimal(0))
    if covered:
        console.print(
            f"Of all days, ${covered:,.2f} is covered by a subscription: list value, no spend.", highlight=False
        )
    console.print(
        "List value: what these calls cost at API list prices. Sessions of Claude Code do\n"
        "not tell whether a subscription covers them: COSTOPS_PLAN_COVERED=claude_code\n"
        "says so. Those of Codex do. Days are UTC.",
        highlight=False,
        soft_wrap=True,
    )
    unreadable = f", {result.unreadable} lines could not be read" if result.unreadable else ""
    console.print(
        f"{result.files:,} session files, {result.files_read:,} of them new or changed and read{unreadable}.",
        highlight=False,
    )


def not_found(places: Places) -> str:
    """What to say when there is no session anywhere."""
    looked = ", ".join(str(folder) for _, folder in places) or "no place, as HOME is not set"
    return (
        f"no session of Claude Code or Codex found; looked in {looked}. If they lie elsewhere, set "
        "CLAUDE_CONFIG_DIR (the folder that holds projects/) or CODEX_HOME (the one that holds sessions/)"
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
