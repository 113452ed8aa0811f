"""`costops ui` and `costops up`.

Put here: options. Keep out: the family of processes (`running.ui`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, fail, settings_of
from orchestration.text.terminal import plain


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(up)
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


def up(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Run everything by itself: schedules as automation.yml of the home says, Dagster's interface beside them."""
    from orchestration.home.automation import FILE, AutomationError, automation_of, written_defaults
    from orchestration.running.ui import CannotServeError, MissingExtraError, serve

    settings = settings_of(home)
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / FILE
    try:
        if not path.exists():
            path.write_text(written_defaults(), "utf-8")
            console.print(
                f"Written: {plain(str(path))}; edit it and start again to change when things run", soft_wrap=True
            )
        automation = automation_of(settings.home)
    except (AutomationError, OSError) as error:
        raise fail(str(error), 2) from None
    for timing in automation.timings:
        if timing.is_on:
            console.print(f"  {timing.name}: {timing.what}, {timing.words} {automation.time_zone}", highlight=False)
    try:
        raise typer.Exit(serve(settings, port, console))
    except (MissingExtraError, CannotServeError) as error:
        raise fail(str(error)) from None
