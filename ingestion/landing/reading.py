"""Runs a parser over one file and shapes what it gives into raw tables.

Guards the load against the parser: whatever is wrong with a batch or a parser ends in quarantine,
never in a failed run. Put here: shaping and guarding. Keep out: formats, dlt, databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingestion.landing.forgotten import without_forgotten
from ingestion.landing.model import Joint, ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.landing.noting import BoundedNotes
from ingestion.landing.redaction import masked_message, redacted
from ingestion.landing.registry import SCOPE_SEPARATOR
from ingestion.raw_schemas import arrow_schema
from ingestion.vocabulary.refusals import code_of, with_fault

LONGEST_RECORD = 10_000
"""Characters of an original record that are kept; what is cut off is said at its end."""
QUARANTINE_BATCH = 5_000
SOURCES_OF_CONTENT = frozenset({"events"})
"""Sources whose records may hold prompts and answers."""


@dataclass(frozen=True)
class TablePart:
    """Rows for one raw table: in memory, or a Parquet file to be imported as it is."""

    table_name: str
    rows: int
    table: pa.Table | None = None
    parquet_path: Path | None = None


@dataclass
class FileResult:
    """What became of one file; complete once its parts have been consumed."""

    file: SourceFile
    source: str
    source_format: str
    rows_by_table: dict[str, int] = field(default_factory=dict)
    quarantined_rows: int = 0
    scopes: set[str] = field(default_factory=set)
    imported_table: str | None = None
    fills: dict[str, str] = field(default_factory=dict)
    noticed: BoundedNotes = field(default_factory=BoundedNotes)
    joints: list[Joint] = field(default_factory=list)

    @property
    def notes(self) -> list[Note]:
        """What a person should know about the file."""
        return self.noticed.all(self.file.relative_path)

    def registry_row(self, now: datetime) -> TablePart:
        """The file's row of `files`."""
        row = {
            "file_id": self.file.file_id,
            "path": self.file.relative_path,
            "source_format": self.source_format,
            "size_bytes": self.file.size_bytes,
            "modified_at_utc": self.file.modified_at_utc,
            "content_hash": self.file.content_hash,
            "row_count": sum(self.rows_by_table.values()),
            "quarantined_row_count": self.quarantined_rows,
            "period_key": SCOPE_SEPARATOR.join(sorted(self.scopes)) or None,
            "is_superseded": False,
            "landed_at_utc": now,
        }
        return TablePart("files", 1, pa.Table.from_pylist([row], arrow_schema("raw_events", "files")))


def read_file(result: FileResult, parser: Parser, dataset: str, now: datetime) -> Iterator[TablePart]:
    """The parts of one file in order, its registry row last. Fills in `result` on the way."""
    bad: list[QuarantinedRow] = []
    for batch in map(without_forgotten, _guarded(result.file, parser)):
        bad += batch.quarantined
        result.scopes |= batch.scopes
        result.joints += batch.joints
        result.noticed.add(batch.notes, result.file.relative_path)
        if batch.parquet_path is not None or (batch.table is not None and batch.table.num_rows):
            try:
                part = _part(batch, dataset, result.file, now)
            except (pa.ArrowException, ValueError, TypeError, KeyError) as error:
                bad.append(_broken_batch(error))
            else:
                if part.parquet_path is not None:
                    result.imported_table, result.fills = part.table_name, batch.parquet_fills
                rows = result.rows_by_table
                rows[part.table_name] = rows.get(part.table_name, 0) + part.rows
                yield part
        if len(bad) >= QUARANTINE_BATCH:
            yield _quarantine(result, bad, now)
            bad = []
    if bad:
        yield _quarantine(result, bad, now)
    yield result.registry_row(now)


def _guarded(file: SourceFile, parser: Parser) -> Iterator[ParsedBatch]:
    """A parser's batches; an exception of the parser becomes a quarantined file."""
    try:
        yield from parser(file)
    except Exception as error:
        unreadable = isinstance(error, OSError)
        reason = "unreadable_file" if unreadable else "parser_error"
        remedy = (
            "check that the file is complete and may be read, then drop it again"
            if unreadable
            else "the rest of the file was not read; please report this with the file's first lines"
        )
        yield ParsedBatch(quarantined=[QuarantinedRow(None, reason, f"{_describe(error)}: {remedy}", None)])


def _broken_batch(error: Exception) -> QuarantinedRow:
    message = f"the parser gave rows that do not fit the raw table ({_describe(error)}); please report this"
    return QuarantinedRow(None, "parser_error", message, None)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


def _part(batch: ParsedBatch, dataset: str, file: SourceFile, now: datetime) -> TablePart:
    if batch.parquet_path is not None:
        return TablePart(batch.table_name, batch.parquet_rows, parquet_path=batch.parquet_path)
    assert batch.table is not None
    schema = arrow_schema(dataset, batch.table_name)
    unknown = set(batch.table.column_names) - set(schema.names)
    if unknown:
        raise ValueError(f"columns {sorted(unknown)} are not in {dataset}.{batch.table_name}")
    count = batch.table.num_rows
    columns = []
    for column in schema:
        if column.name == "_source_file_id":
            columns.append(pa.repeat(pa.scalar(file.file_id, column.type), count))
        elif column.name == "_loaded_at_utc":
            columns.append(pa.repeat(pa.scalar(now, column.type), count))
        elif column.name in batch.table.column_names:
            columns.append(batch.table[column.name].cast(column.type))
        else:
            columns.append(pa.nulls(count, column.type))
    table = pa.Table.from_arrays(columns, schema=schema)
    table.validate(full=True)
    return TablePart(batch.table_name, count, table)


def _quarantine(result: FileResult, rows: list[QuarantinedRow], now: datetime) -> TablePart:
    result.quarantined_rows += len(rows)
    path, file_id = result.file.relative_path, result.file.file_id
    records = [
        {
            "source": f"{result.source}/{result.source_format}",
            "file_path": path,
            "_source_file_id": file_id,
            "row_number": row.row_number,
            "field": _text(row.field),
            "reason": code_of(row.reason),
            "message": _text(with_fault(masked_message(row.message), row.reason)),
            "original_record": _text(_kept(row.original_record, result.source)),
            "quarantined_at_utc": now,
        }
        for row in rows
    ]
    return TablePart("quarantine", len(rows), pa.Table.from_pylist(records, arrow_schema("raw_events", "quarantine")))


def _kept(record: str | None, source: str) -> str | None:
    """What quarantine keeps of a record; usage events may hold what was said."""
    if record is None:
        return None
    if len(record) > LONGEST_RECORD:
        record = f"{record[:LONGEST_RECORD]}... (cut: {len(record)} characters)"
    return redacted(record, has_content=source in SOURCES_OF_CONTENT)


def _text(value: str | None) -> str | None:
    """Text that any table can hold: lone surrogates escaped, very long text cut with a note."""
    if value is None:
        return None
    if len(value) > LONGEST_RECORD:
        value = f"{value[:LONGEST_RECORD]}... (cut: {len(value)} characters)"
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
