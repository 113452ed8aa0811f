"""From lines of a day file to batches of a raw table.

Put here: batching and the guard around one provider's rows. Keep out: what the rows hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.raw_schemas import arrow_schema
from ingestion.reading.spooled.fields import Refused, json_text
from ingestion.reading.spooled.lines import Line, spooled_lines
from ingestion.vocabulary.raw_types import PROVENANCE

BATCH_ROWS = 20_000

Row = tuple[str, dict[str, Any]]
"""A table's name and a row of it."""


def parse_lines(
    file: SourceFile,
    dataset: str,
    rows_of: Callable[[Line], Iterable[Row | QuarantinedRow]],
    notes: Callable[[], Sequence[Note]] = list,
) -> Iterator[ParsedBatch]:
    """Batches of what `rows_of` gives for every line; what it refuses is quarantined with the line."""
    rows: dict[str, list[dict[str, Any]]] = {}
    bad: list[QuarantinedRow] = []
    held = 0
    for line in spooled_lines(file):
        if isinstance(line, QuarantinedRow):
            bad.append(line)
            continue
        if line.is_empty_page:
            continue
        try:
            for item in rows_of(line):
                if isinstance(item, QuarantinedRow):
                    bad.append(item)
                else:
                    rows.setdefault(item[0], []).append(item[1] | line.provenance)
                    held += 1
        except Refused as problem:
            bad.append(line.refuse(problem))
        if held + len(bad) >= BATCH_ROWS:
            yield from _batches(dataset, rows, bad)
            rows, bad, held = {}, [], 0
    yield from _batches(dataset, rows, bad)
    said = notes()
    if said:
        yield ParsedBatch(notes=list(said))


def _batches(dataset: str, rows: dict[str, list[dict[str, Any]]], bad: list[QuarantinedRow]) -> Iterator[ParsedBatch]:
    for table, held in rows.items():
        yield ParsedBatch(to_table(dataset, table, held), table)
    if bad:
        yield ParsedBatch(quarantined=bad)


def to_table(dataset: str, table: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as an Arrow table with the raw table's columns, without those that landing adds."""
    schema = arrow_schema(dataset, table)
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"{dataset}.{table} has no columns {sorted(unknown)}")
    kept = [field for field in schema if field.name == "_source_row" or field.name not in PROVENANCE]
    return pa.Table.from_arrays(
        [pa.array([row.get(field.name) for row in rows], field.type) for field in kept], schema=pa.schema(kept)
    )


def each_part(line: Line, parts: list[Any], row_of: Callable[[Any], Row | None]) -> Iterator[Row | QuarantinedRow]:
    """A row for each part of a line; a bad part is quarantined alone. None where a part gives no row."""
    for part in parts:
        try:
            row = row_of(part)
        except Refused as problem:
            yield line.refuse(problem, _shown(part))
        else:
            if row is not None:
                yield row


def _shown(part: Any) -> str | None:
    with suppress(Refused):
        return json_text(part)
    return None
