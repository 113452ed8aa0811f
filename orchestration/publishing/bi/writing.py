"""Which tools get files, and writing them.

Put here: the list of tools, where each may read the marts, the files on disk. Keep out: formats (a module per tool).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestion.whole_files import replace_file
from orchestration.publishing.bi import catalogue, lookml, osi, power_bi, superset, tableau
from orchestration.publishing.bi.model import Model, read_model


class PlaceError(ValueError):
    """The place of the marts is missing, or cannot be one."""


@dataclass(frozen=True)
class Request:
    """Where a tool will read the marts: by which way, and where that is."""

    way: str
    place: str
    schema: str


@dataclass(frozen=True)
class Tool:
    """A BI tool: the ways in which it can read the marts, the first unless told otherwise, and its files."""

    name: str
    ways: tuple[str, ...]
    files: Callable[[Model, Request], dict[str, str]]
    next_step: str


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "lookml",
            ("postgres",),
            lambda model, request: lookml.files(model, request.schema),
            'commit them to a LookML project; the connection is called "costops"',
        ),
        Tool(
            "power-bi",
            tuple(power_bi.Source),
            lambda model, request: power_bi.files(model, power_bi.Source(request.way), request.place, request.schema),
            "open costops.pbip in Power BI Desktop and refresh",
        ),
        Tool(
            "tableau",
            tuple(tableau.Source),
            lambda model, request: tableau.files(model, tableau.Source(request.way), request.place, request.schema),
            "put costops.hyper there (costops export --format hyper) and open one of the .tds files in Tableau",
        ),
        Tool(
            "superset",
            ("postgres", "duckdb"),
            lambda model, request: superset.files(
                model, superset.address_of(request.way, request.place), request.schema
            ),
            "zip the folder costops and import it: superset import-datasources -p costops.zip",
        ),
        Tool("catalogue", ("any",), lambda model, request: catalogue.files(model), "read it"),
        Tool("osi", ("any",), lambda model, request: osi.files(model, request.schema), "give it to what reads OSI"),
    )
}
NEEDS_SERVER = "postgres"
"""What this way reads is nowhere in a home: the server and the database have to be said."""


def files_for(tool: Tool, manifest: Path, request: Request) -> dict[str, str]:
    """Files of a tool by their path in its folder."""
    return tool.files(read_model(json.loads(manifest.read_text())), request)


def write_files(files: dict[str, str], folder: Path) -> None:
    """Each file replaced in one step; other files of the folder are left alone."""
    for name, text in files.items():
        replace_file(folder / name, text)
