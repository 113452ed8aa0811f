"""`costops repair`.

Put here: options and exit codes. Keep out: checks and mending (`running.repairing`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.running import execute
from orchestration.commands.shared import HomeOption, console, fail, settings_of
from orchestration.home.lock import HomeIsBusyError
from orchestration.text.terminal import plain


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(repair)


def repair(
    home: HomeOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong; change nothing.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Put the warehouse aside and build it again from files, spool and state.")
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Put the last good copy in the place of the warehouse, then catch up.")
    ] = False,
) -> None:
    """Check warehouse, copies, kept state, spool, ledger and what is published block by block; mend, run if needed."""
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.running.repairing import CannotRebuildError
    from orchestration.running.repairing import repair as mend

    if check + rebuild + restore > 1:
        raise fail("--check, --rebuild and --restore exclude one another. Give one of them.")
    settings = settings_of(home)
    try:
        found = mend(settings, lambda words: console.print(plain(words), highlight=False, soft_wrap=True),
                     rebuild=rebuild, restore=restore, only_check=check)  # fmt: skip
    except (HomeIsBusyError, WarehouseIsLockedError, CannotRebuildError) as error:
        raise fail(str(error)) from None
    if check:
        console.print(f"{found.count or 'nothing'} found" + ("; costops repair mends" if found.count else ""))
        raise typer.Exit(1 if found.count else 0)
    if found.needs_run:
        execute(settings)
    if found.for_a_person:
        raise typer.Exit(1)
