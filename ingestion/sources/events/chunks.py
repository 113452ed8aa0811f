"""Reads any event file (.jsonl, .csv, .parquet, plain or .gz) as chunks of columns of raw values.

Put here: containers. Keep out: what a column means. What is not readable comes out as quarantine rows.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, BoundedStream, LimitError, limits, most_unpacked
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record
from ingestion.reading.tabular.parquet import keep_limits
from ingestion.sources.events.conversion import Values, python_values
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.events.routing import data_extension

CHUNK_ROWS = 20_000
CHUNK_CELLS = 10_000_000
CHUNK_CHARACTERS = 32 << 20
PARQUET_CHUNK_ROWS = 100_000
SHOWN_CHARACTERS = 65_536


@dataclass
class Chunk:
    """Rows as columns: `rows` are their 1-based positions, `original(i)` the i-th row as the file has it."""

    rows: list[int]
    columns: dict[str, Values]
    original: Callable[[int], str]
    quarantined: list[QuarantinedRow] = field(default_factory=list)


def read_chunks(path: Path, name: str, delimiter: str | None = None) -> Iterator[Chunk]:
    """Every row of a file, in chunks. `name` decides the container."""
    extension = data_extension(name)
    if extension == ".parquet":
        yield from _parquet_chunks(path)
    elif extension == ".csv":
        yield from _record_chunks(read_csv_rows(path, delimiter))
    else:
        yield from _record_chunks(read_json_records(path))


def _record_chunks(records: Iterator[Record | QuarantinedRow]) -> Iterator[Chunk]:
    good: list[Record] = []
    bad: list[QuarantinedRow] = []
    names: set[str] = set()
    size = 0
    for record in records:
        if isinstance(record, QuarantinedRow):
            bad.append(record)
            size += len(record.original_record or "")
        elif not isinstance(record.value, dict):
            message = "the record is not an object with named fields; write one JSON object per line"
            bad.append(QuarantinedRow(record.number, "not_an_object", message, record.text[:SHOWN_CHARACTERS]))
        elif len(record.value) > limits().columns:
            bad.append(_too_wide(record))
        else:
            if len(names.union(record.value)) > limits().columns:  # few names each, others in every record
                yield _chunk(good, bad)
                good, bad, names, size = [], [], set(), 0
            names.update(record.value)
            good.append(record)
            size += len(record.text)
        is_full = len(good) + len(bad) >= CHUNK_ROWS or len(good) * len(names) >= CHUNK_CELLS
        if is_full or size >= CHUNK_CHARACTERS:
            yield _chunk(good, bad)
            good, bad, names, size = [], [], set(), 0
    if good or bad:
        yield _chunk(good, bad)


def _too_wide(record: Record) -> QuarantinedRow:
    message = (
        f"the record has {len(record.value):,} fields, more than the limit of {limits().columns:,}; check it, or raise "
        f"{VARIABLES['columns']}"
    )
    return QuarantinedRow(record.number, "too_many_columns", message, record.text[:SHOWN_CHARACTERS])


def _chunk(good: list[Record], bad: list[QuarantinedRow]) -> Chunk:
    names = dict.fromkeys(name for record in good for name in record.value)
    values = [record.value for record in good]
    columns: dict[str, Values] = {str(name): [value.get(name) for value in values] for name in names}
    return Chunk([record.number for record in good], columns, lambda index: good[index].text[:SHOWN_CHARACTERS], bad)


def _parquet_chunks(path: Path) -> Iterator[Chunk]:
    position = 0
    try:
        with plain_copy(path) as plain, pq.ParquetFile(plain) as file:
            keep_limits(file.metadata, path.stat().st_size)
            for batch in file.iter_batches(PARQUET_CHUNK_ROWS):
                yield _batch_chunk(batch, position)
                position += batch.num_rows
    except LimitError as error:
        bad = QuarantinedRow(None, "too_large", f"the file {error}", None)
        yield Chunk([], {}, lambda index: "", [bad])
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        message = (
            f"the Parquet file is damaged after row {position} ({str(error)[:200]}); replace it by an undamaged copy"
        )
        reason = "damaged_parquet"
        yield Chunk([], {}, lambda index: "", [QuarantinedRow(None, reason, message, None)])


def _batch_chunk(batch: pa.RecordBatch, position: int) -> Chunk:
    columns: dict[str, Values] = dict(zip(batch.schema.names, batch.columns, strict=True))

    def original(index: int) -> str:
        row = {name: python_values(column[index : index + 1])[0] for name, column in columns.items()}
        known = {name: value for name, value in row.items() if value is not None}
        return json.dumps(known, default=str, ensure_ascii=False)[:SHOWN_CHARACTERS]

    return Chunk(list(range(position + 1, position + 1 + batch.num_rows)), columns, original)


@contextmanager
def plain_copy(path: Path) -> Iterator[Path]:
    """The file itself, or a temporary decompressed copy when it begins like gzip."""
    with path.open("rb") as stream:
        compressed = stream.read(2) == b"\x1f\x8b"
    if not compressed:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        with gzip.open(path, "rb") as stream:
            shutil.copyfileobj(BoundedStream(stream, most_unpacked(path.stat().st_size)), copy)
        copy.flush()
        yield Path(copy.name)
