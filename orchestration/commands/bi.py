"""`costops bi`: files for BI tools, from the one definition of each metric.

Put here: the command. Keep out: the files (`publishing.bi`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.shared import HomeOption, console, fail, settings_of
from orchestration.text.terminal import plain

SERVER = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?/[A-Za-z0-9._-]+")
SCHEMA = re.compile(r"[a-z][a-z0-9_]*")


class ToolName(StrEnum):
    """The tools that files are written for."""

    LOOKML = "lookml"
    POWER_BI = "power-bi"
    TABLEAU = "tableau"
    SUPERSET = "superset"
    OSI = "osi"
    CATALOGUE = "catalogue"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bi)


def bi(
    tool: Annotated[ToolName, typer.Argument(help="The tool that reads the files.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write them to; other files in it are left alone.")],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="How the tool reads the marts: postgres; power-bi also parquet and odbc, tableau also hyper, superset "
            "also duckdb. Default: what needs no server, where the tool has such a way.",
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            help="Folder, file or server:port/database as the tool sees it. Default: what the home published; for "
            "Tableau costops.hyper in the folder itself.",
        ),
    ] = None,
    schema: Annotated[str, typer.Option("--schema", help="Schema of the marts in PostgreSQL.")] = "marts",
    home: HomeOption = None,
) -> None:
    """Write the files with which a BI tool finds every table, relation and metric, named and described."""
    from orchestration.home.dbt_project import DbtError, manifest_path
    from orchestration.publishing.bi.writing import TOOLS, Request, files_for, write_files

    chosen = TOOLS[tool]
    way = from_ or ("duckdb" if "duckdb" in chosen.ways else chosen.ways[0])
    if way not in chosen.ways:
        raise fail(f"--from {from_!r} is no way for {tool}; it reads {' or '.join(chosen.ways)}", 2)
    if not SCHEMA.fullmatch(schema):
        raise fail(f"--schema {schema!r} is no plain name; letters, digits and _, a letter first", 2)
    settings = settings_of(home)
    if place is None:
        place = str((to / "costops.hyper").absolute()) if way == "hyper" else _published(way, settings.published_dir)
    if way == "postgres" and tool != ToolName.LOOKML and not SERVER.fullmatch(place):
        raise fail("say with --place where the database is: server:port/database, without user and password", 2)
    try:
        files = files_for(chosen, manifest_path(settings), Request(way, place, schema))
        write_files(files, to)
    except (DbtError, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"{to} cannot be written to: {error.strerror}") from None
    console.print(f"{len(files)} files in {plain(str(to))}; next: {chosen.next_step}", highlight=False, soft_wrap=True)


def _published(way: str, folder: Path) -> str:
    """What a home offers of itself for a way."""
    from ingestion.vocabulary.settings import PUBLISHED_DATABASE

    inside = {"parquet": "parquet", "odbc": PUBLISHED_DATABASE, "duckdb": PUBLISHED_DATABASE}
    return str((folder / inside[way]).resolve()) if way in inside else ""
