"""`costops lake`: what is kept in the object store, writing it, reading it back.

Put here: options, words, exit codes. Keep out: the lake (`orchestration.lake`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.commands.shared import (
    Format,
    FormatOption,
    HomeOption,
    console,
    errors,
    fail,
    print_json,
    settings_of,
)
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.lake.looking import Look

DIFFERS = 3
SHOWN = 20
lake = typer.Typer(no_args_is_help=True, help="What landed, kept in an object store as well: COSTOPS_LAKE_URL.")


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.add_typer(lake, name="lake")


@lake.command()
def status(home: HomeOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Say what the lake holds, how large and how old, and whether it is what the warehouse has. Exit code 3: not."""
    from orchestration.lake.keeping import address_of
    from orchestration.lake.looking import look

    settings = settings_of(home)
    with _in_words():
        found = look(settings)
    if format_ is Format.JSON:
        print_json({"address": address_of(settings), "is_ours": found.lake.is_ours, "differing": found.differing,
                    **asdict(found.manifest), "dropped": len(found.manifest.dropped)})  # fmt: skip
    else:
        _print_status(address_of(settings), found)
    if found.differing:
        raise typer.Exit(DIFFERS)


def _print_status(address: str, found: Look) -> None:
    manifest = found.manifest
    entries = manifest.tables.values()
    console.print(
        f"{plain(address)}: version {manifest.version}, {plain(manifest.written_at_utc)} UTC, "
        f"{sum(each.rows for each in entries):,} rows in {sum(each.objects for each in entries):,} objects, "
        f"{sum(each.bytes for each in entries) / 2**20:,.1f} MiB",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    table = Table(show_edge=False)
    for column in ("table", "rows", "objects", "MiB", "newest day"):
        table.add_column(column, justify="left" if column in ("table", "newest day") else "right")
    for name, entry in sorted(manifest.tables.items()):
        if entry.rows:
            size = f"{entry.bytes / 2**20:,.2f}"
            table.add_row(name, f"{entry.rows:,}", f"{entry.objects:,}", size, entry.newest_day or "–")
    console.print(table)
    if not found.lake.is_ours:
        errors.print(f"[yellow]not ours:[/] {plain(found.lake.whose)}", highlight=False, soft_wrap=True)
    _print_differing(found.differing)


def _print_differing(differing: dict[str, int] | None) -> None:
    if differing is None:
        console.print("There is no warehouse to compare with; costops lake restore makes one.")
    elif not differing:
        console.print("It is what the warehouse has, row for row.")
    else:
        named = ", ".join(f"{plain(table)} ({count:,})" for table, count in sorted(differing.items())[:SHOWN])
        console.print(
            f"Deliveries that the warehouse has otherwise: {named}. costops run or costops lake sync writes them",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@lake.command()
def sync(
    home: HomeOption = None,
    compare_all: Annotated[
        bool, typer.Option("--all", help="Look at every row, also where nothing says that it changed.")
    ] = False,
    believe: Annotated[
        bool, typer.Option("--believe", help="Take out of the lake what a source lost, even all its files.")
    ] = False,
) -> None:
    """Write what changed into the lake, without a run."""
    from orchestration.lake.writing import write

    settings = settings_of(home)
    with _in_words():
        report = write(settings, _tell, compare_all=compare_all, believe=believe)
    for note in report.notes:
        errors.print(f"[yellow]note:[/] {plain(note)}", highlight=False, soft_wrap=True)
    console.print(
        f"version {report.version}: {report.rows_written:,} rows in {report.objects_written:,} objects of "
        f"{report.tables_written:,} tables written, {report.files_removed:,} files of old versions removed",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


@lake.command()
def restore(
    home: HomeOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put a warehouse that has landed files aside and take the lake's.")
    ] = False,
) -> None:
    """Make the warehouse from the lake alone: all raw tables, scores, alerts. costops run then builds the marts."""
    from orchestration.lake.restoring import restore as restore_warehouse

    settings = settings_of(home)
    with _in_words():
        done = restore_warehouse(settings, _tell, replace=replace)
    console.print(
        f"{done.rows:,} rows of {done.tables:,} tables restored from version {done.version} "
        f"({plain(done.written_at_utc)} UTC). Run: costops run",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if done.aside:
        console.print(f"The warehouse of before lies in {plain(done.aside)}", highlight=False, soft_wrap=True)
    if not done.is_ours:
        errors.print(
            "[yellow]note:[/] another home writes this lake, and a run here does not. If that home is gone: "
            "costops lake adopt",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


@lake.command()
def verify(
    home: HomeOption = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only whether every object is there, with its size.")] = False,
    mend: Annotated[
        bool, typer.Option("--mend", help="Write again from the warehouse what is missing or damaged.")
    ] = False,
) -> None:
    """Read every object, compare it with its name, and the lake with the warehouse. Exit code 3: something is wrong."""
    from orchestration.lake.looking import look
    from orchestration.lake.writing import write

    settings = settings_of(home)
    with _in_words():
        found = look(settings, deep=not quick, tell=_tell)
    verified = found.verified
    if verified is None:
        return
    for fault in verified.faults[:SHOWN]:
        errors.print(f"[red]fault:[/] {plain(fault)}", highlight=False, soft_wrap=True)
    words = "there" if quick else "what was written"
    console.print(
        f"{verified.objects:,} objects, {verified.bytes / 2**20:,.1f} MiB: {len(verified.faults):,} are not {words}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if verified.unknown:
        console.print(
            f"{len(verified.unknown):,} files are named by no version, such as {plain(verified.unknown[0])}: an "
            "interrupted run left them, the next one that writes takes them out",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    _print_differing(found.differing)
    if verified.faults and mend:
        with _in_words():
            report = write(settings, _tell, mend=verified)
        console.print(f"{report.objects_written:,} objects written again; costops lake verify looks at them")
        return
    if verified.faults:
        errors.print("costops lake verify --mend writes them again from the warehouse", highlight=False)
    if verified.faults or found.differing:
        raise typer.Exit(DIFFERS)


@lake.command()
def adopt(home: HomeOption = None) -> None:
    """Let this home write the lake from now on; the one that wrote it before is refused."""
    from orchestration.lake.writing import adopt as adopt_lake

    settings = settings_of(home)
    with _in_words():
        version = adopt_lake(settings)
    console.print(f"This home writes the lake from version {version} on.", highlight=False)


def _tell(words: str) -> None:
    console.print(plain(words), highlight=False, soft_wrap=True)


@contextmanager
def _in_words() -> Iterator[None]:
    """What can be wrong with a lake, as an error in words."""
    from ingestion.lake.restoring import DamagedLakeError
    from orchestration.home.lock import HomeIsBusyError, WarehouseIsLockedError
    from orchestration.lake.keeping import LAKE_FAULTS, NoLakeError
    from orchestration.lake.restoring import WarehouseIsThereError

    try:
        yield
    except NoLakeError as error:
        raise fail(str(error), 2) from None
    except (*LAKE_FAULTS, DamagedLakeError, WarehouseIsThereError, HomeIsBusyError, WarehouseIsLockedError) as error:
        raise fail(str(error)) from None
