"""Exact texts and columns: money, times, gzip and Parquet that come out the same byte for byte.

Put here: how values are printed. Keep out: what they mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq


def decimal_text(scaled: int, decimals: int = 12, *, strip: bool = True) -> str:
    """`scaled` × 10^-decimals as plain digits, exact."""
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**decimals)
    if strip:
        digits = f"{rest:0{decimals}d}".rstrip("0")
        return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
    return f"{sign}{whole}.{rest:0{decimals}d}"


def decimal_column(scaled: npt.NDArray[np.int64], scale: int = 12, *, unknown: int | None = None) -> pa.Array:
    """A `decimal(38, scale)` column from scaled integers; `unknown` becomes NULL."""
    words = np.empty((len(scaled), 2), dtype="<i8")
    words[:, 0] = scaled
    words[:, 1] = scaled >> 63
    data = pa.py_buffer(words.tobytes())
    bits = None
    if unknown is not None:
        bits = pa.array(scaled != unknown).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(38, scale), len(scaled), [bits, data])


def named_column(numbers: npt.NDArray[np.int64], names: Sequence[str | None]) -> pa.Array:
    """Text from numbers into `names`; -1 and unnamed become NULL."""
    values = pa.array([*names, None], pa.string())
    index = np.where(numbers < 0, len(names), numbers).astype(np.int32)
    return values.take(pa.array(index))


def iso_instant(at: datetime) -> str:
    """A UTC instant to the microsecond, as JSON logs print it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def hash_text(text: str) -> int:
    """A number that stands for a text, the same everywhere."""
    number = 14695981039346656037
    for byte in text.encode():
        number = (number ^ byte) * 1099511628211 % 2**64
    return number


def write_bytes(path: Path, data: bytes, modified: date | None = None) -> None:
    """Write a file, gzip-compressed when it is named so, dated noon UTC of `modified`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=5) as stream:
            stream.write(data)
        data = packed.getvalue()
    path.write_bytes(data)
    _date(path, modified)


def _date(path: Path, modified: date | None) -> None:
    if modified is not None:
        stamp = int(datetime.combine(modified, time(12), UTC).timestamp())
        os.utime(path, (stamp, stamp))


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], modified: date | None = None
) -> None:
    """A comma-separated file with minimal quoting; None is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode(), modified)


def write_parquet(path: Path, table: pa.Table, modified: date | None = None) -> None:
    """A Parquet file with fixed settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", version="2.6", store_schema=False)
    _date(path, modified)
