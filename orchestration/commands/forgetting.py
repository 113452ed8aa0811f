"""`costops forget`: a person out of a home.

Put here: options, what is said at the end. Keep out: forgetting (`orchestration.forgetting`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, errors, fail, settings_of
from orchestration.text.terminal import plain


class Returning(StrEnum):
    """What becomes of a later delivery that has the person."""

    PSEUDONYMISE = "pseudonymise"
    REFUSE = "refuse"


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(forget)


def forget(
    user: Annotated[str, typer.Argument(help="The user's id, as usage has it.")],
    also: Annotated[
        list[str] | None, typer.Option("--also", help="Another word for the person: a former name, an address.")
    ] = None,
    rewrite_org: Annotated[
        bool, typer.Option("--rewrite-org", help="Rewrite your files of the organisation folder, too.")
    ] = False,
    returning: Annotated[
        Returning, typer.Option("--returning", help="Rows of a later delivery with the person: pseudonymise or refuse.")
    ] = Returning.PSEUDONYMISE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
) -> None:
    """Take a person out of every table, file, published copy and spool; totals stay as they are."""
    from orchestration.forgetting.faults import CannotForgetError
    from orchestration.forgetting.forgetting import forget as forget_person
    from orchestration.home.lock import HomeIsBusyError, WarehouseIsLockedError

    settings = settings_of(home)
    if not settings.home.is_dir():
        raise fail(f"there is no home at {settings.home}")
    if not yes and not typer.confirm(f"Replace {plain(user)} everywhere in {settings.home}? This cannot be undone"):
        raise typer.Exit(1)
    try:
        done = forget_person(
            settings, user, rewrite_org=rewrite_org, mode=returning.value, also=tuple(also or ()),
            tell=lambda words: errors.print(plain(words), highlight=False),
        )  # fmt: skip
    except (CannotForgetError, HomeIsBusyError, WarehouseIsLockedError) as error:
        raise fail(str(error)) from None
    console.print(
        f"{plain(user)} is {done.person.pseudonym} now: {len(done.rewritten)} files rewritten ({done.table_count} "
        f"tables), {len(done.removed)} removed that are made anew; rows and sums are those of before",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if done.found_nothing:
        errors.print(
            f"[yellow]not found:[/] no table and no file has {plain(user)}. Give the id as usage has it "
            "(costops identities resolve says whose a pseudonym is); a later delivery with this one is pseudonymised",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(3)
    console.print("Run: costops run", highlight=False)
    for words in done.left:
        errors.print(f"[yellow]left:[/] {plain(words)}", highlight=False, soft_wrap=True)
    if done.left:
        raise typer.Exit(3)
