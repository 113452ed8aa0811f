"""`costops export`: marts as files of one's own.

Put here: its options and words. Keep out: writing (`publishing.exporting`).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, errors, fail, parse_date, settings_of
from orchestration.text.terminal import plain

MOST_NAMES = 5


class ExportFormat(StrEnum):
    """What a file is."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"
    EXCEL = "excel"
    HYPER = "hyper"
    FOCUS = "focus"


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command(name="export")(export_marts)


def export_marts(
    format_: Annotated[
        ExportFormat, typer.Option("--format", help="csv, json, jsonl, parquet, excel, hyper (Tableau) or focus (1.4).")
    ],
    to: Annotated[
        str,
        typer.Option(
            help="A file, or a folder (ends with /), here or in any store that fsspec knows; - writes csv, json and "
            "jsonl to the screen."
        ),
    ],
    mart: Annotated[
        list[str] | None,
        typer.Option(
            help="A mart; repeat it for more. Without: rpt_cost_daily into a file, all into a folder or for Tableau, "
            "the standard workbook for Excel."
        ),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day, by the mart's own days.")] = None,
    to_date: Annotated[str | None, typer.Option("--to-date", help="Last day, inclusive.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many rows of each mart.")] = None,
    home: HomeOption = None,
) -> None:
    """Write published marts into files: each appears whole or not at all."""
    from orchestration.publishing.distribution import TargetError
    from orchestration.publishing.exporting import Export, export
    from orchestration.publishing.query import NothingPublishedError, open_published

    first, last = parse_date(from_, "--from"), parse_date(to_date, "--to-date")
    if first and last and first > last:
        raise fail(f"--from {first} lies after --to-date {last}", 2)
    if to == "-" and format_ not in (ExportFormat.CSV, ExportFormat.JSON, ExportFormat.JSONL):
        raise fail(f"{format_} cannot be written to the screen: name a file", 2)
    try:
        with tempfile.TemporaryDirectory(prefix="costops-export-") as folder:
            target = f"{folder}/rows.{format_}" if to == "-" else to
            asked = Export(format_.value, target, tuple(mart or ()), first, last, limit)
            with open_published(settings_of(home), is_confined=False) as connection:
                done = export(connection, asked)
            if to == "-":
                with Path(target).open(encoding="utf-8", newline="") as written:
                    shutil.copyfileobj(written, sys.stdout)
    except (TargetError, NothingPublishedError) as error:
        raise fail(str(error)) from None
    for note in done.notes:
        errors.print(f"[yellow]note:[/] {plain(note)}", highlight=False, soft_wrap=True)
    if to != "-":
        named = ", ".join(plain(name) for name in done.files[:MOST_NAMES])
        more = f" and {len(done.files) - MOST_NAMES} more" if len(done.files) > MOST_NAMES else ""
        console.print(f"{done.row_count:,} rows in {plain(to)}: {named}{more}", highlight=False, soft_wrap=True)
