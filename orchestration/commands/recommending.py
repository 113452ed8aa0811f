"""`costops recommend`: what could cost less, what was done about it, and what that brought.

Put here: arguments, errors in words. Keep out: printing (`publishing.recommendations`), recommending (`ml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    fail,
    parse_date,
    print_json,
    published,
    settings_of,
)
from orchestration.home.clock import utc_now

if TYPE_CHECKING:
    import duckdb

FILE = "recommendation_actions.csv"
COLUMNS = ("recommendation_id", "action", "valid_from", "note", "implementation_cost_usd", "implementation_days")


IdArgument = Annotated[str, typer.Argument(help="Id of the recommendation, or its first characters.")]
OnOption = Annotated[str | None, typer.Option("--on", help="Day from which it holds. Default: today (UTC).")]
NoteOption = Annotated[str, typer.Option("--note", help="Why, or what exactly.")]
CostOption = Annotated[str, typer.Option("--cost", help="What the work costs, USD.")]
DaysOption = Annotated[str, typer.Option("--days", help="Days the work takes.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    group = typer.Typer(
        help="What could cost less: list, show, accept, implement, reject, and what it brought.", no_args_is_help=True
    )
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(accept)
    group.command()(implement)
    group.command()(reject)
    group.command()(dismiss)
    group.command()(reopen)
    group.command()(verified)
    app.add_typer(group, name="recommend")


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also what is done, rejected or dismissed.")] = False,
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what could cost less, what pays most first, and which strategies could not look and why."""
    from orchestration.publishing.recommendations import print_list, read_recommendations, read_strategies

    with _recommended(home) as connection:
        rows, strategies = read_recommendations(connection, closed=all_), read_strategies(connection)
    if format_ is Format.JSON:
        print_json({"recommendations": rows, "strategies": strategies})
    else:
        print_list(console, rows, strategies)


def show(
    id_: IdArgument,
    cost: CostOption = "500",
    days: DaysOption = "5",
    home: HomeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show one: evidence, steps, and when it has paid for the work."""
    from orchestration.publishing.recommendations import print_one

    row = _find(home, id_)
    if "evidence" not in row:
        raise fail(
            f"{row['recommendation_id']} is no longer recommended; costops recommend verified shows what came of it"
        )
    if format_ is Format.JSON:
        print_json(row)
    else:
        print_one(console, row, _amount(cost, "--cost"), _amount(days, "--days"))


def accept(id_: IdArgument, on: OnOption = None, note: NoteOption = "", home: HomeOption = None) -> None:
    """It is going to be done."""
    _act(home, id_, "accept", on, note)


def implement(
    id_: IdArgument,
    on: OnOption = None,
    note: NoteOption = "",
    cost: CostOption = "",
    days: DaysOption = "",
    home: HomeOption = None,
) -> None:
    """It is done, from a day on: what it saves is measured from then on."""
    _act(home, id_, "implement", on, note, cost, days)


def reject(id_: IdArgument, on: OnOption = None, note: NoteOption = "", home: HomeOption = None) -> None:
    """It is not going to be done."""
    _act(home, id_, "reject", on, note)


def dismiss(id_: IdArgument, on: OnOption = None, note: NoteOption = "", home: HomeOption = None) -> None:
    """It does not apply."""
    _act(home, id_, "dismiss", on, note)


def reopen(id_: IdArgument, on: OnOption = None, note: NoteOption = "", home: HomeOption = None) -> None:
    """Take back what was said of it."""
    _act(home, id_, "reopen", on, note)


def verified(home: HomeOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Tell what recommendations that were acted on have saved so far."""
    from orchestration.publishing.recommendations import print_verified, read_verified

    with _recommended(home) as connection:
        rows = read_verified(connection)
    if format_ is Format.JSON:
        print_json(rows)
    else:
        print_verified(console, rows)


def _act(
    home: Path | None, beginning: str, action: str, on: str | None, note: str, cost: str = "", days: str = ""
) -> None:
    from orchestration.home.organisation_rows import UnwritableFileError, add_row

    found = _find(home, beginning)
    day: date = parse_date(on, "--on") or utc_now().date()
    values = (
        found["recommendation_id"],
        action,
        str(day),
        " ".join(note.split()),
        str(_amount(cost, "--cost")) if cost else "",
        str(_amount(days, "--days")) if days else "",
    )
    path = settings_of(home).org_dir / FILE
    try:
        add_row(path, dict(zip(COLUMNS, values, strict=True)))
    except UnwritableFileError as error:
        raise fail(str(error)) from None
    console.print(
        f"{action}: {found['title'] or found['recommendation_id']}, from {day} on, in {path}. "
        "The next costops run takes it up.",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


def _find(home: Path | None, beginning: str) -> dict[str, Any]:
    from orchestration.publishing.recommendations import UnknownRecommendationError, find

    with _recommended(home) as connection:
        try:
            return find(connection, beginning)
        except UnknownRecommendationError as error:
            raise fail(str(error), 2) from None


@contextmanager
def _recommended(home: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy; what it lacks is an error in words."""
    import duckdb

    with published(home) as connection:
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException):
            raise fail(
                "the published copy is older than this version, or lacks recommendations; run: costops run"
            ) from None


def _amount(text: str, option: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise fail(f"{option} {text!r} is no number", 2) from None
    if not amount.is_finite() or amount < 0:
        raise fail(f"{option} {text!r} is below zero or no number", 2)
    return amount
