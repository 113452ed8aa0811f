"""Observations out of every file that Langfuse gives: API pages, blob exports (JSON, CSV, Parquet), downloads.

Put here: containers, and the one spelling of field names that readers use. Keep out: what a field means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.sources.events.chunks import plain_copy
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.events.lines import Printed, Record, quarantined, read_json_records

BATCH_ROWS = 10_000
_NEVER_READ = ("input", "output")
_RENAMED = {"traceID": "traceId"}


def read_records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    """Observations with names in camel case, as the API spells them."""
    name = file.relative_path.lower().removesuffix(".gz")
    if name.endswith(".parquet"):
        records = _parquet_rows(file)
    elif name.endswith(".csv"):
        records = read_csv_rows(file.path)
    else:
        records = read_json_records(file.path, page_key="data")
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        for value in _observations(record.value):
            yield Record(record.number, value, record.text)


def _observations(value: Any) -> Iterator[Any]:
    """The observations of a trace that was downloaded, or the record itself."""
    inner = value.get("observations") if isinstance(value, dict) else None
    if isinstance(inner, list) and "usageDetails" not in value:
        yield from map(_camel_case, inner)
    else:
        yield _camel_case(value)


def _camel_case(value: Any) -> Any:
    """`usage_details` as `usageDetails`; of an export that has both the first one that says something."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, item in value.items():
        plain = re.sub(r"_([a-z])", lambda match: match[1].upper(), str(name))
        plain = _RENAMED.get(plain, plain)
        if found.get(plain) is None:
            found[plain] = item
    return found


def _parquet_rows(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    number = 0
    try:
        with plain_copy(file.path) as plain, pq.ParquetFile(plain) as opened:
            columns = [name for name in opened.schema_arrow.names if name not in _NEVER_READ]
            for batch in opened.iter_batches(BATCH_ROWS, columns=columns):
                for row in batch.to_pylist(maps_as_pydicts="lossy"):
                    number += 1
                    value = {name: _plain(item) for name, item in row.items()}
                    yield Record(number, value, json.dumps(value, default=str)[:10_000])
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
