"""Parquet to text batches: numbers keep the digits they print, maps and lists become JSON.

Put here: turning Arrow types into text. Keep out: meaning of columns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, LimitError, limits, most_unpacked, unpacked_too_large
from ingestion.reading.tabular.model import BATCH_ROWS, TextBatch, UnreadableTable, storable, unique_names

LARGEST_EXACT = 2.0**53
"""Whole numbers of floating point below it are exact."""
_NULLS = pa.array(["", "NULL", "null"])


def keep_limits(metadata: pq.FileMetaData, packed_bytes: int) -> None:
    """Refuse a file that says itself that it unpacks to too much or has too many columns.

    Raises:
        LimitError: it does.
    """
    if metadata.num_columns > limits().columns:
        raise LimitError(
            f"has {metadata.num_columns:,} columns, more than the limit of {limits().columns:,}; check it, or raise "
            f"{VARIABLES['columns']}"
        )
    most = most_unpacked(packed_bytes)
    if sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)) > most:
        raise unpacked_too_large(most)


class ParquetReader:
    """A Parquet file."""

    lines_above = 0
    remarks: tuple[str, ...] = ()

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        try:
            self._file = pq.ParquetFile(stream)
            keep_limits(self._file.metadata, os.fstat(stream.fileno()).st_size)
            self.names = unique_names(list(self._file.schema_arrow.names))
        except LimitError as error:
            raise UnreadableTable(f"the Parquet file {error}") from error
        except (pa.ArrowException, OSError, ValueError, UnicodeError) as error:
            raise UnreadableTable(f"the Parquet file is damaged ({_first_line(error)}); deliver it again") from error

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def batches(self) -> Iterator[TextBatch]:
        """The rows; ends with a quarantined row where a page cannot be read."""
        row = 0
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS):
                columns = [_as_text(column) for column in batch.columns]
                numbers = pa.array(range(row + 1, row + batch.num_rows + 1), pa.int64())
                row += batch.num_rows
                yield self._text_batch(columns, numbers)
        except (pa.ArrowException, OSError, ValueError, UnicodeError) as error:
            message = (
                f"the Parquet file is damaged after row {row} ({_first_line(error)}); rows before it were landed: "
                "deliver the file again"
            )
            empty = [pa.array([], pa.string()) for _ in self.names]
            bad = QuarantinedRow(row + 1, "unreadable_file", message, None)
            yield TextBatch(empty, pa.array([], pa.int64()), lambda _: "", [bad])

    def _text_batch(self, columns: list[pa.Array], numbers: pa.Array) -> TextBatch:
        def original(position: int) -> str:
            cells = {name: column[position].as_py() for name, column in zip(self.names, columns, strict=True)}
            return storable(json.dumps({name: cell for name, cell in cells.items() if cell is not None}))

        return TextBatch(columns, numbers, original)


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return pa.array([_json(cell.as_py(maps_as_pydicts="lossy")) for cell in column], pa.string())
    if pa.types.is_large_string(kind) or pa.types.is_string(kind) or pa.types.is_string_view(kind):
        text = column.cast(pa.string())
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        text = pc.strftime(column.cast(pa.timestamp("us", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        text = pa.array([None if cell is None else cell.decode("utf-8", "replace") for cell in column.to_pylist()])
        text = text.cast(pa.string())
    elif kind in (pa.float32(), pa.float64()):
        text = _digits(column)
    else:
        text = column.cast(pa.string())
    text = pc.utf8_trim_whitespace(text)
    return pc.if_else(pc.is_in(text, value_set=_NULLS), pa.scalar(None, pa.string()), text)


def _digits(column: pa.Array) -> pa.Array:
    """Floating point as text; whole numbers without an exponent, as an account id may be one beside empty cells."""
    is_whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), LARGEST_EXACT))
    whole = pc.if_else(is_whole, column, pa.scalar(None, column.type)).cast(pa.int64())
    return pc.if_else(is_whole, whole.cast(pa.string()), column.cast(pa.string()))


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, default=str, ensure_ascii=False)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
