"""An answer as JSON, CSV or Arrow.

Put here: bytes. Keep out: what is in an answer. Decimals keep every digit in each of them.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from orchestration.serving.queries.answers import Answer
from orchestration.text.spreadsheets import csv_cell

JSON, CSV, ARROW = "application/json", "text/csv; charset=utf-8", "application/vnd.apache.arrow.stream"
FORMATS = {"json": JSON, "csv": CSV, "arrow": ARROW}
_ACCEPTED = {"text/csv": "csv", "application/vnd.apache.arrow.stream": "arrow", "application/json": "json"}


def chosen(asked: str | None, accept: str) -> str:
    """The format that is asked for, by name or by what the client accepts first."""
    if asked is not None:
        return asked
    for each in accept.lower().split(","):
        if found := _ACCEPTED.get(each.split(";")[0].strip()):
            return found
    return "json"


def rendered(answer: Answer, form: str, decimals: str, about: dict[str, Any]) -> bytes:
    """The bytes; JSON says besides which publication it belongs to and what it was read from."""
    if form == "csv":
        return _csv(answer.rows)
    if form == "arrow":
        return _arrow(answer.rows)
    return json_bytes(answer.body | about, decimals)


def json_bytes(value: Any, decimals: str = "text") -> bytes:
    """JSON with decimals as text, or as numbers with all their digits."""

    def other(each: Any) -> Any:
        if isinstance(each, Decimal):
            text = format(each, "f")
            return orjson.Fragment(text.encode()) if decimals == "number" and each.is_finite() else text
        if isinstance(each, frozenset | set):
            return sorted(each)
        return str(each)

    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    try:
        return orjson.dumps(value, default=other, option=options)
    except TypeError:  # a whole number of more than 64 bits
        return orjson.dumps(_large_as_fragments(value), default=other, option=options)


def _large_as_fragments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _large_as_fragments(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_large_as_fragments(each) for each in value]
    is_large = isinstance(value, int) and not -(2**63) <= value < 2**64
    return orjson.Fragment(str(value).encode()) if is_large else value


def _csv(rows: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    if rows:
        writer.writerow([csv_cell(name) for name in rows[0]])
        writer.writerows([csv_cell(_cell(value)) for value in row.values()] for row in rows)
    return stream.getvalue().encode("utf-8")


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dict | list):
        return json_bytes(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _arrow(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa

    columns = {name: _column([row[name] for row in rows], pa) for name in (rows[0] if rows else {})}
    table = pa.table(columns)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _column(values: list[Any], pa: Any) -> Any:
    known = [value for value in values if value is not None]
    if any(isinstance(value, Decimal) for value in known):
        return pa.array([None if value is None else Decimal(value) for value in values], pa.decimal128(38, 12))
    if any(isinstance(value, dict | list) for value in known):
        return pa.array([None if value is None else json_bytes(value).decode() for value in values], pa.string())
    if any(isinstance(value, datetime) for value in known):
        return pa.array(values, pa.timestamp("us", tz="UTC"))
    return pa.array(values, pa.string() if not known else None)
