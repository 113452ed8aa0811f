"""A drop folder source for tests of landing: one JSON object per line into `raw_events.requests`.

Put here: the toy. Keep out: assertions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.config import Settings
from ingestion.landing import (
    DropFolderSource,
    LandingReport,
    ParsedBatch,
    QuarantinedRow,
    RegisteredFile,
    SourceFile,
    connect,
    land_drop_folder,
)
from ingestion.landing.source import Superseded

NOW = datetime(2026, 6, 1, 12)  # noqa: DTZ001
SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("session_id", pa.string()),
        ("output_tokens", pa.int64()),
        ("requested_at_utc", pa.timestamp("us")),
        ("_source_row", pa.int64()),
    ]
)


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows in batches of two. `{"raise": 1}` makes the parser fail, `{"misfit": 1}` gives an unknown column."""
    lines = file.path.read_text().splitlines()
    for start in range(0, len(lines), 2):
        rows: list[dict[str, Any]] = []
        bad = []
        for number, line in enumerate(lines[start : start + 2], start + 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                bad.append(QuarantinedRow(number, "invalid_json", f"{error}; write JSON", line))
                continue
            if "raise" in row:
                raise RuntimeError("the parser is broken")
            if "misfit" in row:
                yield ParsedBatch(pa.table({"no_such_column": [1]}), "requests")
                continue
            at = datetime.fromisoformat(row.pop("requested_at_utc")) if "requested_at_utc" in row else NOW
            rows.append({"requested_at_utc": at, "_source_row": number} | row)
        scopes = frozenset(row["session_id"] for row in rows if row.get("session_id"))
        yield ParsedBatch(pa.Table.from_pylist(rows, SCHEMA), "requests", bad, scopes)


def newest_wins(files: list[RegisteredFile]) -> list[Superseded]:
    """Of the files with one scope the last path is what counts."""
    newest = {scope: file.file_id for file in sorted(files, key=lambda each: each.path) for scope in file.scopes}
    return [(file.file_id, scope, 1) for file in files for scope in file.scopes if newest[scope] != file.file_id]


class Drop:
    """A home with a drop folder and what a test asks of it."""

    def __init__(self, home: Path, *, supersedes: bool = False) -> None:
        self.settings = Settings.from_env({}, home)
        self.folder = self.settings.events_dir
        self.folder.mkdir(parents=True, exist_ok=True)
        self.source = DropFolderSource(
            name="events",
            dataset="raw_events",
            folder=self.folder,
            folder_variable="COSTOPS_EVENTS_DIR",
            route=lambda path: ("toy", parse) if path.endswith(".jsonl") else None,
            unique_columns={"requests": "event_id"},
            find_superseded=newest_wins if supersedes else None,
            scope_sql={"requests": ("session_id", "0")} if supersedes else {},
        )

    def write(self, name: str, *rows: dict[str, Any] | str) -> Path:
        """A file of the drop folder, one row a line; text goes in as it is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return path

    def land(self) -> LandingReport:
        """One run."""
        return land_drop_folder(self.source, self.settings, now=NOW)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with connect(self.settings.warehouse_path) as db:
            return db.execute(sql).fetchall()

    def ids(self) -> list[str]:
        """The landed event ids in order."""
        return [row[0] for row in self.query("select event_id from raw_events.requests order by event_id")]
