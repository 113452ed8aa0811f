"""`costops ui`.

Put here: options. Keep out: the family of processes (`running.ui`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, fail, settings_of


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(ui)


def ui(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open Dagster's web interface on this home (needs the extra `ui`)."""
    from orchestration.running.ui import CannotServeError, MissingExtraError, serve

    try:
        raise typer.Exit(serve(settings_of(home), port, console))
    except (MissingExtraError, CannotServeError) as error:
        raise fail(str(error)) from None
