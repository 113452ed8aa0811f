"""What every command needs: consoles, the home option, dates, settings, a failure in words.

Put here: what two subjects share. Keep out: commands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestion.config import Settings
from orchestration.home.privacy import keep_private
from orchestration.text.terminal import SafeConsole, plain

if TYPE_CHECKING:
    import duckdb

console = SafeConsole(file=sys.stdout, emoji=False)
errors = SafeConsole(stderr=True, emoji=False)


def _folder(text: str) -> Path:
    """A folder; an empty text, as a variable that is not set leaves it, is not the working folder."""
    if not text.strip():
        raise typer.BadParameter("it is empty; name a folder, or leave the option out")
    return Path(text)


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        parser=_folder,
        metavar="PATH",
        help="Folder of the warehouse and everything derived. Default: COSTOPS_HOME or .costops",
    ),
]


class Format(StrEnum):
    """How a command prints what it found."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="table or json.")]


def print_json(record: Any) -> None:
    """A record as JSON; decimals as text."""
    sys.stdout.write(json.dumps(record, indent=2, default=str) + "\n")


def fail(message: str, code: int = 1) -> typer.Exit:
    """Print `message` as an error and return the exit to raise; 2 is for wrong use."""
    errors.print(f"[red]error:[/] {plain(message, keep_lines=True)}", highlight=False, soft_wrap=True)
    return typer.Exit(code)


def parse_date(value: str | None, option: str) -> date | None:
    """An ISO date, None for None; anything else is an error that names the option."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise fail(f"{option} {value!r} is not a date; write it as 2026-01-31", 2) from None


def parse_window(from_: str | None, to: str | None) -> tuple[date | None, date | None]:
    """Both ends of `--from` and `--to`, inclusive, in order."""
    first, last = parse_date(from_, "--from"), parse_date(to, "--to")
    if first and last and first > last:
        raise fail(f"--from {first} lies after --to {last}", 2)
    return first, last


def settings_of(home: Path | None) -> Settings:
    """The settings of a home; a wrong variable is an error in words."""
    try:
        settings = Settings.from_env(home=home)
    except ValueError as error:
        raise fail(str(error), 2) from None
    keep_private(settings)
    return settings


@contextmanager
def published(home: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy of a home; that there is none is an error in words."""
    from orchestration.publishing.query import NothingPublishedError, open_published

    try:
        connection = open_published(settings_of(home))
    except NothingPublishedError as error:
        raise fail(str(error)) from None
    with connection:
        yield connection
