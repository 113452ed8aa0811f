"""What holds of every format of usage: no call is made in the future, and a file in which nothing was found is named.

Put here: what is said of a file whatever its format. Keep out: what one format knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.records import UNREADABLE
from ingestion.sources.events.routing import data_extension
from ingestion.sources.events.rows import latest_instant
from ingestion.sources.events.values import date_problem

_AT = "requested_at_utc"


def overseen(parser: Parser, *, may_be_silent: bool = False) -> Parser:
    """A parser whose calls of the future are set aside, and which says when a file holds nothing.

    `may_be_silent` is true of logs that hold much beside calls: of those only an empty file is named.
    """

    def parse(file: SourceFile) -> Iterator[ParsedBatch]:
        latest = latest_instant(file)
        is_silent = is_foreign = True
        for batch in parser(file):
            found = batch if batch.table is None else _of_the_past(batch, batch.table, latest)
            is_silent = is_silent and not (_holds_rows(found) or found.quarantined or found.notes or found.joints)
            is_foreign = is_foreign and not (_holds_rows(found) or found.notes)
            yield found
        if is_foreign and not is_silent and (folder := _other_folder(file)):
            words = f"none of its records is one of this folder; they look like those of {folder}/: move it there"
            yield ParsedBatch(notes=[Note("unknown_format", words)])
        if is_silent and not (may_be_silent and file.size_bytes):
            words = "there is no record in it" if file.size_bytes else "it is empty (0 bytes)"
            yield ParsedBatch(notes=[Note("nothing_in_file", f"{words}: nothing of it counts")])

    return parse


_LOOKED_AT = 5
_OF_USERS = ("canonical", "mapped")
"""Folders of files that people write themselves, which may count among their own fields."""


def _other_folder(file: SourceFile) -> str | None:
    """Another folder whose reader knows the first records of a file."""
    own = file.relative_path.partition("/")[0]
    return None if own == "provider_bodies" or (found := folder_like(file.path, own)) == own else found


def folder_like(path: Path, own: str = "") -> str | None:
    """The folder whose reader knows the first records of a file of JSON; `own` is the one that it lies in."""
    from ingestion.reading.json_records import read_json_records
    from ingestion.sources.events.provider_bodies.envelope import unwrap
    from ingestion.sources.events.provider_bodies.flavours import find_usage
    from ingestion.sources.events.recognition import reader_of  # which know readers

    if data_extension(path.name) not in (".json", ".jsonl", ".ndjson"):
        return None
    try:
        start = islice(read_json_records(path), _LOOKED_AT)
        values = [record.value for record in start if isinstance(record, Record)]
        if found := reader_of(values):
            return found
        is_body = values and own not in _OF_USERS and all(find_usage(unwrap(each).body) for each in values)
    except UNREADABLE:
        return None
    return "provider_bodies" if is_body else None


def _holds_rows(batch: ParsedBatch) -> bool:
    return bool(batch.parquet_path) or (batch.table is not None and batch.table.num_rows > 0)


def _of_the_past(batch: ParsedBatch, table: pa.Table, latest: datetime) -> ParsedBatch:
    """The batch without calls of the future, which are set aside: landing reads their file again when their time has
    come (`planning`)."""
    if _AT not in table.column_names:
        return batch
    is_late = pc.fill_null(pc.greater_equal(table[_AT], pa.scalar(latest, table.schema.field(_AT).type)), False)
    if not pc.any(is_late).as_py():
        return batch
    refused = [_refused(row) for row in table.filter(is_late).to_pylist()]
    return replace(batch, table=table.filter(pc.invert(is_late)), quarantined=[*batch.quarantined, *refused])


def _refused(row: dict[str, Any]) -> QuarantinedRow:
    kept = {name: value for name, value in row.items() if value is not None and name != "_source_row"}
    reason, message = date_problem(str(row[_AT]))
    return QuarantinedRow(row.get("_source_row"), reason, message, json.dumps(kept, default=str), _AT)
