"""From a spool file to typed rows: the way every endpoint's parser takes.

A parser gives a generator that turns one record into rows (mappings of raw column to value) and `Rejected`s;
what cannot be typed costs its own row only. Put here: typing of values. Keep out: names of fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.api.buckets import instant_of
from ingestion.api.model import Record, RequestInfo
from ingestion.api.numbers import PrintedNumber, decimal_of, dumps, landable, loads, money, text_of
from ingestion.api.spool import read_lines
from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.raw_schemas_api import API_SCHEMAS
from ingestion.raw_types import PROVENANCE

LARGEST_INTEGER = 2**63 - 1
BATCH_ROWS = 50_000
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass
class Rejected(Exception):
    """A row that cannot be landed, and what to do about it."""

    field: str | None
    reason: str
    message: str
    original: Any = None


Row = dict[str, Any]
RowsOf = Callable[[Record], Iterable["Row | Rejected"]]


@dataclass
class RowReader:
    """Takes typed fields out of a JSON object; what nobody took is left for `extra`."""

    payload: Mapping[str, Any]
    taken: set[str] = field(default_factory=set)

    def raw(self, name: str) -> Any:
        """A field as it is."""
        self.taken.add(name)
        return self.payload.get(name)

    def text(self, name: str) -> str | None:
        """Text; a number or a truth value counts as its text."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        text = text_of(value)
        if text is None:
            raise self._wrong(name, value, "not_text", "a text")
        return landable(text)

    def integer(self, name: str) -> int | None:
        """A whole number, also when it is printed as 12.0, 1.2e3 or "12"."""
        value = self.raw(name)
        if value is None:
            return None
        if type(value) is int:
            return value
        number = decimal_of(value)
        if number is None or abs(number) > LARGEST_INTEGER or number != int(number):
            raise self._wrong(name, value, "not_a_count", "a whole number below 2^63")
        return int(number)

    def decimal(self, name: str) -> Decimal | None:
        """A number rounded to 12 places."""
        value = self.raw(name)
        if value is None:
            return None
        number = decimal_of(value)
        fitting = None if number is None else money(number)
        if fitting is None:
            raise self._wrong(name, value, "not_a_number", "a number of at most 26 digits before the point")
        return fitting

    def printed(self, name: str) -> str | None:
        """A number's text as delivered."""
        text = text_of(self.raw(name))
        return None if text is None else landable(text)

    def boolean(self, name: str) -> bool | None:
        """True or false, also as text."""
        value = self.raw(name)
        known = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else value
        if (known is not None and not isinstance(known, bool)) or (known is None and value is not None):
            raise self._wrong(name, value, "not_true_or_false", "true or false")
        return known

    def instant(self, name: str) -> datetime | None:
        """An instant from Unix seconds or ISO text."""
        value = self.raw(name)
        if value is None:
            return None
        found = instant_of(value)
        if found is None:
            raise self._wrong(name, value, "not_an_instant", "Unix seconds or an ISO 8601 instant")
        return found

    def extra(self) -> str | None:
        """JSON of every field nobody asked for."""
        rest = {name: value for name, value in self.payload.items() if name not in self.taken}
        return dumps(rest) if rest else None

    def _wrong(self, name: str, value: Any, reason: str, due: str) -> Rejected:
        shown = dumps(value)[:100]
        return Rejected(name, reason, f"{name} is {shown} where {due} is due; report it to the provider", self.payload)


def request_columns(request: RequestInfo) -> Row:
    """The columns that say which request brought a row."""
    return {
        "request_window_start_utc": _instant(request.window_start),
        "request_window_end_utc": _instant(request.window_end),
        "page_cursor": request.page_cursor,
        "received_at_utc": _instant(request.received_at_utc),
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def read_spool_file(path: Path) -> Iterator[tuple[int, Record | Rejected]]:
    """Line numbers and records of a spool file; a line that is none is `Rejected`."""
    for number, line in enumerate(read_lines(path), 1):
        try:
            value = loads(line)
            kind = "bucket" if "bucket" in value else "record"
            asked = value["request"]
            request = RequestInfo(**(asked | {"group_by": tuple(asked["group_by"])}))
            yield number, Record(request, value[kind], kind, value.get("is_listed", True))
        except UNREADABLE as error:
            message = f"the spool line cannot be read ({type(error).__name__}); delete the file and pull the day again"
            yield number, Rejected(None, "unreadable_line", message, line)


def spool_parser(dataset: str, table: str, rows_of: RowsOf) -> Parser:
    """A landing parser for spool files of one endpoint."""
    schema = API_SCHEMAS[dataset][table]
    names = [name for name in schema if name not in PROVENANCE]

    def parse(file: SourceFile) -> Iterator[ParsedBatch]:
        rows: list[Row] = []
        bad: list[QuarantinedRow] = []
        for number, record in read_spool_file(file.path):
            found = [record] if isinstance(record, Rejected) else _guarded(rows_of, record)
            for each in found:
                if isinstance(each, Rejected):
                    bad.append(_quarantined(number, each))
                else:
                    each["_source_row"] = number
                    rows.append(each)
            if len(rows) >= BATCH_ROWS:
                yield _batch(table, names, schema, rows, bad)
                rows, bad = [], []
        if rows or bad:
            yield _batch(table, names, schema, rows, bad)

    return parse


def _guarded(rows_of: RowsOf, record: Record) -> Iterator[Row | Rejected]:
    """A record's rows; a rejection that ends its generator is one of them."""
    try:
        yield from rows_of(record)
    except Rejected as rejected:
        yield rejected


def _batch(
    table: str, names: list[str], schema: Mapping[str, pa.DataType], rows: list[Row], bad: list[QuarantinedRow]
) -> ParsedBatch:
    columns = {name: pa.array([row.get(name) for row in rows], schema[name]) for name in names}
    columns["_source_row"] = pa.array([row["_source_row"] for row in rows], pa.int64())
    return ParsedBatch(pa.table(columns) if rows else None, table, bad)


def _quarantined(number: int, rejected: Rejected) -> QuarantinedRow:
    original = rejected.original
    text = original if isinstance(original, str) else dumps(original) if original is not None else None
    return QuarantinedRow(number, rejected.reason, rejected.message, text, rejected.field)


__all__ = [
    "PrintedNumber",
    "Rejected",
    "Row",
    "RowReader",
    "RowsOf",
    "read_spool_file",
    "request_columns",
    "spool_parser",
]
