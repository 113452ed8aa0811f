"""Organisation folder → `raw_org`: the folder is the truth, all files are read together.

A change in one file lands all of them again, because each is checked against the others. A row or file that is
gone from the folder is gone from the tables; an empty or missing folder switches the source off and keeps what
was landed. Alone: `python -m ingestion.sources.org`. Put here: landing. Keep out: checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import (
    DropFolderSource,
    LandingReport,
    ParsedBatch,
    Parser,
    SourceFile,
    connect,
    land_drop_folder,
)
from ingestion.landing.counting import counted
from ingestion.landing.links import leads_outside
from ingestion.landing.notes import Note
from ingestion.landing.registry import forget_gone
from ingestion.landing.source import Route
from ingestion.reading.packed import ENDINGS
from ingestion.sources.org.checks import check
from ingestion.sources.org.model import FILES, OrgTable
from ingestion.sources.org.org_file import DATASET, ORG_TABLES, SERVICE_SHARES
from ingestion.sources.org.reading import read_org_file
from ingestion.sources.org.rules import service_shares
from ingestion.sources.org.spellings import word
from ingestion.vocabulary.raw_types import PROVENANCE

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
PACKED = (".gz", ".gzip", *ENDINGS)
LOCKED = "~$"
"""Before the name of a workbook that somebody has open."""
OF_OTHER_SOURCES = frozenset(("litellm_prices.json", "litellm_prices.json.gz", "principals.csv"))
"""Files of the folder that land with the price list, or that the server alone reads."""


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land `COSTOPS_ORG_DIR` and say what was done."""
    report = land_drop_folder(source(settings.org_dir), settings, now=now, progress=progress)
    if report.is_on:
        report.notes += _forget_removed(settings, _present(settings.org_dir))
    return report


def source(folder: Path) -> DropFolderSource:
    """The folder of the organisation as landing sees it, for one run: its files are read once, together."""
    present = _present(folder)
    names = [present[name].name if name in present else file.path for name, file in FILES.items()]
    tables: dict[str, OrgTable] = {}

    def parser_for(name: str) -> Parser:
        def parse(file: SourceFile) -> Iterator[ParsedBatch]:
            if not tables:
                tables.update(read_folder(folder))
            yield batch_of(tables[name])
            if name == "allocation_rules":
                yield _solved_services(tables[name])

        return parse

    def route(relative_path: str) -> Route:
        for name, path in present.items():
            if path.name == relative_path:
                return name, parser_for(name)
        if relative_path in OF_OTHER_SOURCES or Path(relative_path).name.startswith(LOCKED):
            return ""
        twin = present.get(_table_of(relative_path))
        if twin is not None:
            return Note("passed_over", f"passed over; {twin.name} is read instead")
        expected = ", ".join(each.path for each in FILES.values())
        return Note("unknown_format", f"passed over; expected {expected}")

    return DropFolderSource(
        name="org",
        dataset=DATASET,
        folder=folder,
        folder_variable=DROP_FOLDERS["org"],
        keeps_removed=lambda relative_path: True,
        route=route,
        companions=lambda path: tuple(name for name in names if name.lower() != path.lower()),
        readers=("ingestion.sources.org",),
    )


def read_folder(folder: Path) -> dict[str, OrgTable]:
    """All files of a folder, checked alone and together."""
    present = _present(folder)
    tables = {name: read_org_file(file, present.get(name)) for name, file in FILES.items()}
    check(tables)
    return tables


def batch_of(table: OrgTable) -> ParsedBatch:
    """The landing batch of a checked file."""
    name = table.file.name
    columns = {column: kind for column, kind in ORG_TABLES[name].items() if column not in PROVENANCE}
    good = table.good
    arrays = {column: pa.array([row.values[column] for row in good], kind) for column, kind in columns.items()} | {
        "_source_row": pa.array([row.number for row in good], pa.int64())
    }
    problems = table.problems + [row.problem for row in table.rows if row.problem]
    return ParsedBatch(pa.table(arrays), name, problems, notes=table.notes)


def _solved_services(rules: OrgTable) -> ParsedBatch:
    shares = service_shares(rules)
    kinds = SERVICE_SHARES | {"_source_row": pa.int64()}
    return ParsedBatch(pa.table({name: pa.array([row[name] for row in shares], kind) for name, kind in kinds.items()}),
                       "service_shares")  # fmt: skip


def _table_of(name: str) -> str:
    """The table that a file is called after; '' where its ending is none that is read."""
    path = Path(name)
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return word(path.stem) if path.suffix.lower() in SUFFIXES else ""


def _present(folder: Path) -> dict[str, Path]:
    """The organisation files that lie in the folder, by table."""
    if not folder.is_dir():
        return {}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = _table_of(path.name)
        is_read = path.is_file() and not leads_outside(path, folder)
        if is_read and name in FILES and (name not in found or path.name.lower() == FILES[name].path):
            found[name] = path
    return {name: found[name] for name in FILES if name in found}


def _forget_removed(settings: Settings, present: dict[str, Path]) -> list[Note]:
    """Remove the rows of files that are gone from the folder."""
    names = {path.name for path in present.values()}
    with connect(settings.warehouse_path) as db:
        gone = forget_gone(db, DATASET, names)
    return [
        Note(
            "file_gone",
            f"{file.path} is gone from the folder, and with it {counted(file.row_count, 'row', 'rows')}",
            file.path,
        )
        for file in gone
    ]
