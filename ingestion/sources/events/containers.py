"""Records out of the files that tools export: JSON of any layout, CSV and Parquet.

Put here: containers. Keep out: what a field means.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.limits import LimitError
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Printed, Record, quarantined
from ingestion.reading.tabular.parquet import keep_limits
from ingestion.sources.events.chunks import plain_copy
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.events.routing import data_extension
from ingestion.sources.events.usage_shapes.values import as_object

BATCH_ROWS = 10_000


def read_exported(
    file: SourceFile, page_key: str | None = None, never_read: Collection[str] = ()
) -> Iterator[Record | QuarantinedRow]:
    """Records with the names of the file. `page_key` holds the list of a page of an API.

    Columns of `never_read` are not even taken out of a Parquet file.
    """
    extension = data_extension(file.relative_path)
    if extension == ".parquet":
        return map(_unwrapped, _parquet_rows(file, never_read))
    if extension == ".csv":
        return map(_unwrapped, read_csv_rows(file.path))
    return map(_unwrapped, read_json_records(file.path, page_key=page_key))


def _unwrapped(record: Record | QuarantinedRow) -> Record | QuarantinedRow:
    """The object in a record's only column, as databases export `row_to_json`; any other record as it is."""
    if isinstance(record, QuarantinedRow) or not isinstance(record.value, dict) or len(record.value) != 1:
        return record
    inner = as_object(*record.value.values())
    return Record(record.number, inner, record.text) if inner else record


def respelled(given: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The record with known names as the tool spells them, however a database printed them (`STARTTIME`, `start_time`).

    `names`: see `spellings`. Of two that become one the first that says something counts.
    """
    found: dict[str, Any] = {}
    for name, item in given.items():
        known = names.get(_bare(str(name)), name)
        if found.get(known) is None:
            found[known] = item
    return found


def spellings(*names: str) -> dict[str, str]:
    """What `respelled` goes by: each name under its letters alone."""
    return {_bare(name): name for name in names}


def _bare(name: str) -> str:
    return name.replace("_", "").strip().lower()


def _parquet_rows(file: SourceFile, never_read: Collection[str]) -> Iterator[Record | QuarantinedRow]:
    number = 0
    try:
        with plain_copy(file.path) as plain, pq.ParquetFile(plain) as opened:
            keep_limits(opened.metadata, file.size_bytes)
            columns = [name for name in opened.schema_arrow.names if name not in never_read]
            for batch in opened.iter_batches(BATCH_ROWS, columns=columns):
                for row in batch.to_pylist(maps_as_pydicts="lossy"):
                    number += 1
                    value = {name: _plain(item) for name, item in row.items()}
                    yield Record(number, value, json.dumps(value, default=str)[:10_000])
    except LimitError as error:
        yield quarantined(None, "too_large", f"The Parquet file {error}.")
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        message = f"The Parquet file is damaged after row {number} ({str(error)[:200]}). Export it again."
        yield quarantined(None, "damaged_parquet", message)


def _plain(value: Any) -> Any:
    """A Parquet value as JSON would have it, with fractions as printed."""
    if isinstance(value, float):
        return Printed(repr(value))
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        pairs = value and all(isinstance(item, dict) and item.keys() == {"key", "value"} for item in value)
        if pairs:
            return {str(item["key"]): _plain(item["value"]) for item in value}
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
