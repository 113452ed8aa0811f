"""The rows of a closed statement: columns, and CSV to raw rows.

Put here: the columns of `lines.csv`. Keep out: hashes (`records`), landing (`pipeline`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from ingestion.landing import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.sources.ledger.records import HASH_COLUMN
from ingestion.vocabulary.raw_types import BIGINT, DATE, MONEY, PROVENANCE

CLOSED_LINES = RAW_SCHEMAS["raw_ledger"]["closed_lines"]

COLUMNS = tuple(name for name in CLOSED_LINES if name not in PROVENANCE)
"""Columns of `lines.csv` without the hash."""


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one `lines.csv`; a row that cannot be read is quarantined with its column."""
    reader = csv.DictReader(io.StringIO(file.path.read_text("utf-8")))
    rows: list[dict[str, Any]] = []
    refused: list[QuarantinedRow] = []
    for number, raw in enumerate(reader, 2):
        try:
            rows.append({name: _value(name, raw.get(name) or None) for name in COLUMNS} | {"_source_row": number})
        except ValueError as error:
            column = str(error)
            refused.append(
                QuarantinedRow(
                    number,
                    "unreadable_value",
                    f"{file.relative_path} row {number}: {column} cannot be read; restore the file from a backup",
                    ",".join(str(raw.get(name)) for name in (*COLUMNS, HASH_COLUMN)),
                    column,
                )
            )
    schema = pa.schema([(name, CLOSED_LINES[name]) for name in COLUMNS] + [("_source_row", BIGINT)])
    yield ParsedBatch(pa.Table.from_pylist(rows, schema=schema), "closed_lines", refused)


def _value(name: str, text: str | None) -> Any:
    if text is None:
        return None
    kind = CLOSED_LINES[name]
    try:
        if kind == MONEY:
            return Decimal(text)
        if kind == DATE:
            return date.fromisoformat(text)
        return int(text) if kind == BIGINT else text
    except (ValueError, InvalidOperation):
        raise ValueError(name) from None
