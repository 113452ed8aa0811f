"""`costops identities`: who a pseudonym is, for who may, and whether readers see anybody.

Put here: options, words. Keep out: looking up (`orchestration.identities`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, errors, fail, settings_of
from orchestration.text.terminal import plain

identities = typer.Typer(
    no_args_is_help=True, help="Who a pseudonym of the marts is; whether what readers see holds anybody's id."
)


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.add_typer(identities, name="identities")


@identities.command()
def resolve(
    pseudonyms: Annotated[list[str], typer.Argument(help="Pseudonyms, or labels of dim_users.")],
    principal: Annotated[
        str | None,
        typer.Option("--as", help="Ask as this principal of principals.csv; else as who can read the home."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Say who pseudonyms are. Each is written to the audit log first; only roles that may resolve get an answer."""
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.identities.resolving import resolve as resolve_people
    from orchestration.serving.audit import AuditLog
    from orchestration.serving.faults import NotAllowed
    from orchestration.serving.local import viewer_on_this_machine
    from orchestration.serving.viewers import Right

    settings = settings_of(home)
    try:
        viewer, audit = viewer_on_this_machine(settings, principal, None), AuditLog(settings.home)
    except NotAllowed as error:
        raise fail(f"{error.message}; {error.remedy}", 2) from None
    entry = {"principal_id": viewer.principal_id, "change": "resolved a pseudonym", "parameters": {"names": pseudonyms}}
    try:
        viewer.needs(Right.RESOLVE_PEOPLE)
        found = resolve_people(settings.warehouse_path, pseudonyms)
        audit.write({**entry, "method": "costops identities resolve", "rows": len(found)})
    except NotAllowed as error:
        audit.write({**entry, "method": "costops identities resolve", "status": 403, "rows": 0})
        raise fail(f"{error.message}: {error.remedy}") from None
    except WarehouseIsLockedError as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"the audit log cannot be written, so nothing is said: {error}") from None
    for name in pseudonyms:
        if person := found.get(name):
            said = (person.user_id, person.display_name, person.email, f"found in {person.found_in}")
            words = ", ".join(plain(each) for each in said if each)
            console.print(f"{plain(name)}: {words}", highlight=False, soft_wrap=True)
        else:
            errors.print(f"{plain(name)} stands for nobody, or for nobody any more", highlight=False)
    if len(found) < len(set(pseudonyms)):
        raise typer.Exit(3)


@identities.command()
def check(home: HomeOption = None) -> None:
    """Look for ids, names and addresses of people in everything that is published. Exit code 3: some were found."""
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.identities.checking import people_in

    settings = settings_of(home)
    try:
        looked, found = people_in(settings)
    except WarehouseIsLockedError as error:
        raise fail(str(error)) from None
    for path, where in found:
        errors.print(f"[yellow]found:[/] {plain(_below(path, settings.home))}: {plain(where)}", soft_wrap=True)
    console.print(
        f"{looked.words} words of people looked for in {looked.files} files: {len(found)} places", highlight=False
    )
    if found:
        raise typer.Exit(3)


def _below(path: Path, home: Path) -> str:
    return str(path.relative_to(home)) if home in path.parents else str(path)
