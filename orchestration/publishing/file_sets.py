"""A folder of files that follows the published copy: a file per mart, or per month of a large one, in each format.

`_manifest.json` names every file with its mart, month, rows and fingerprint; it is written last, so whoever wants all
files of one publication reads the files that it names. Files that it never named are left alone.

Put here: which files there shall be, writing what changed, the manifest. Keep out: formats (`writing`), places.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.distribution import Delivery, PublishedVersion, TargetError
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.parts import UNDATED, WHOLE, Part, Parts, parts_of, quoted
from orchestration.publishing.places import Place
from orchestration.publishing.writing import PARQUET, FileFormat, write_file
from orchestration.warehouse.connection import connect

MANIFEST = "_manifest.json"
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""What a folder without a value is called, for every reader of such folders."""


@dataclass(frozen=True)
class FileSet:
    """Which marts go out, in which formats, cut by what."""

    marts: tuple[str, ...] | None = None
    """None: all of the copy."""
    formats: tuple[FileFormat, ...] = (PARQUET,)
    month_folder: str = "month"
    month_columns: Mapping[str, str] = field(default_factory=dict)
    """Of marts that are cut whatever their size: the column that cuts them."""

    def name(self, mart: str, month: str, file_format: FileFormat) -> str:
        """Of a file, in the place."""
        if month == WHOLE:
            return f"{mart}{file_format.suffix}"
        folder = HIVE_NULL if month == UNDATED else month
        return f"{mart}/{self.month_folder}={folder}/{mart}{file_format.suffix}"


@dataclass
class _Writing:
    """One publication under way."""

    place: Place
    files: FileSet
    version: PublishedVersion
    connection: duckdb.DuckDBPyConnection
    there: set[str]
    folder: Path
    rows_written: int = 0
    files_written: int = 0

    def mart(self, mart: str, before: Mapping[str, Any]) -> dict[str, Any]:
        """Write what changed of a mart; its entry of the manifest."""
        made_from = self.version.contents[mart]
        if made_from and before.get("made_from") == made_from and self._has(mart, before):
            return dict(before)
        found = self._parts(mart)
        known = {part["month"]: part["fingerprint"] for part in before.get("parts", [])}
        entry: dict[str, Any] = {"made_from": made_from, "parts": []}
        for part in found.parts:
            names = [self.files.name(mart, part.month, each) for each in self.files.formats]
            if known.get(part.month) != part.fingerprint or not self.there.issuperset(names):
                self._write(mart, found, part)
            described = {"month": part.month, "rows": part.row_count, "fingerprint": part.fingerprint, "files": names}
            entry["parts"].append(described)
        return entry

    def _has(self, mart: str, entry: Mapping[str, Any]) -> bool:
        return all(
            self.files.name(mart, part["month"], each) in self.there
            for part in entry["parts"]
            for each in self.files.formats
        )

    def _parts(self, mart: str) -> Parts:
        table = f"{MART_SCHEMA}.{quoted(mart)}"
        if column := self.files.month_columns.get(mart):
            return parts_of(self.connection, table, large_rows=1, month_columns=(column,))
        return parts_of(self.connection, table)

    def _write(self, mart: str, found: Parts, part: Part) -> None:
        for file_format in self.files.formats:
            name = self.files.name(mart, part.month, file_format)
            if part.month == WHOLE and file_format is PARQUET:
                self.place.put(self.version.parquet(mart), name)
            else:
                file = self.folder / f"rows{file_format.suffix}"
                rows = f"(from {MART_SCHEMA}.{quoted(mart)} where {found.condition(part)})"
                write_file(self.connection, rows, found.columns, file_format, file)
                self.place.put(file, name)
            self.files_written += 1
        self.rows_written += part.row_count


def write_files(place: Place, files: FileSet, version: PublishedVersion, now: datetime) -> Delivery:
    """Bring a place to `version`: what changed is written, what is no more is taken out, all else stays as it is."""
    before = _read_manifest(place)
    connection = connect(version.database, read_only=True)
    try:
        with tempfile.TemporaryDirectory(prefix="costops-files-") as folder:
            writing = _Writing(place, files, version, connection, place.names(), Path(folder))
            wanted = [mart for mart in sorted(version.contents) if files.marts is None or mart in files.marts]
            marts = {mart: writing.mart(mart, before.get(mart, {})) for mart in wanted}
            manifest = {"published_at_utc": now.isoformat(sep=" ", timespec="seconds"), "marts": marts}
            file = Path(folder) / MANIFEST
            file.write_text(json.dumps(manifest, indent=1))
            place.put(file, MANIFEST)
    finally:
        connection.close()
    for name in sorted(_of_no_use(files, writing.there, before, marts)):
        place.remove(name)
    return Delivery((), {"files_written": writing.files_written, "rows_written": writing.rows_written})


def _of_no_use(files: FileSet, there: set[str], before: Mapping[str, Any], marts: Mapping[str, Any]) -> set[str]:
    """Files of an earlier publication that this one does not have: named by its manifest, or whole marts now cut."""
    named = {name for entry in before.values() for part in entry["parts"] for name in part["files"]}
    whole = {files.name(mart, WHOLE, each) for mart in {*marts, *before} for each in files.formats}
    wanted = {name for entry in marts.values() for part in entry["parts"] for name in part["files"]}
    return (named | whole) & there - wanted


def _read_manifest(place: Place) -> dict[str, Any]:
    """Its marts; none where there is no manifest or it is another's."""
    try:
        marts = json.loads(place.read(MANIFEST) or b"{}").get("marts", {})
        return {mart: entry for mart, entry in marts.items() if _is_entry(entry)}
    except (ValueError, AttributeError):
        return {}


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and all(
        {"month", "fingerprint", "files"} <= part.keys() for part in entry.get("parts", [{}])
    )


def formats_of(words: str, known: Mapping[str, FileFormat], variable: str) -> tuple[FileFormat, ...]:
    """Formats that a variable names, separated by commas.

    Raises:
        TargetError: there is no such format.
    """
    names = [word.strip().lower() for word in words.split(",") if word.strip()]
    if wrong := [name for name in names if name not in known]:
        raise TargetError(f"{variable}: there is no format {wrong[0]!r}; there are {', '.join(sorted(known))}")
    return tuple(known[name] for name in dict.fromkeys(names))
