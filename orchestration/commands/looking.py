"""`costops query` and `costops doctor`: reading what is there.

Put here: options and exit codes. Keep out: reading (`publishing.query`), looking (`running.doctor`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, fail, settings_of


class Format(StrEnum):
    """How `costops query` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.command()(query)
    app.command()(doctor)


def query(
    sql: Annotated[str, typer.Argument(help="A statement over the published marts, e.g. 'from rpt_cost_monthly'.")],
    home: HomeOption = None,
    format_: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.TABLE,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Let the statement reach files, extensions and other databases.")
    ] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Every column, hashes too, however long the lines.")] = False,
) -> None:
    """Read the published marts and nothing else, also while a run is going on."""
    from orchestration.publishing.query import NothingPublishedError, QueryError, run_query

    try:
        run_query(settings_of(home), sql, format_.value, console, is_confined=not unsafe, is_wide=wide)
    except (NothingPublishedError, QueryError) as error:
        raise fail(str(error)) from None


def doctor(home: HomeOption = None) -> None:
    """Tell which sources are on or off and why, versions, the home, locks and what is stale."""
    from orchestration.running.doctor import print_diagnosis

    if not print_diagnosis(settings_of(home), console):
        raise typer.Exit(1)
