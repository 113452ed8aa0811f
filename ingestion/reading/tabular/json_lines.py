"""JSON to text batches, as BigQuery exports nested tables: an object per line, or a list of them, numbers as printed.

The columns are the names that occur in any line, so the file is read twice. Put here: turning JSON into text cells.
Keep out: meaning of columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, limits
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Line, loads, quarantined, read_lines
from ingestion.reading.repeated_keys import RepeatedKeyError
from ingestion.reading.spooled.fields import json_text
from ingestion.reading.tabular.model import BATCH_ROWS, TextBatch, UnreadableTable, storable


class JsonLinesReader:
    """A file of JSON objects, plain or gzip."""

    lines_above = 0
    remarks: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        names: dict[str, None] = {}
        for item in _objects(path):
            if isinstance(item, tuple):
                names |= dict.fromkeys(item[1])
                if len(names) > limits().columns:
                    raise UnreadableTable(
                        f"the objects have more than {limits().columns:,} different names, the limit; check the file, "
                        f"or raise {VARIABLES['columns']}"
                    )
        if not names:
            raise UnreadableTable("the file holds no JSON object per line; export it as newline-delimited JSON")
        self.names = list(names)

    def close(self) -> None:
        """Nothing stays open between batches."""

    def batches(self) -> Iterator[TextBatch]:
        """The rows; a line that is no object is quarantined."""
        rows: list[tuple[Line, dict[str, Any]]] = []
        bad: list[QuarantinedRow] = []
        for item in _objects(self._path):
            if isinstance(item, QuarantinedRow):
                bad.append(item)
            else:
                rows.append(item)
            if len(rows) + len(bad) >= BATCH_ROWS:
                yield self._batch(rows, bad)
                rows, bad = [], []
        if rows or bad:
            yield self._batch(rows, bad)

    def _batch(self, rows: list[tuple[Line, dict[str, Any]]], bad: list[QuarantinedRow]) -> TextBatch:
        columns = [pa.array([_cell(value.get(name)) for _, value in rows], pa.string()) for name in self.names]
        texts = [line.text for line, _ in rows]
        numbers = pa.array([line.number for line, _ in rows], pa.int64())
        return TextBatch(columns, numbers, lambda position: storable(texts[position]), bad)


_LIST_WITHIN = re.compile(
    r'\ufeff?\s*\{\s*(?:"[^"]*"\s*:\s*(?:"[^"]*"|[\w.+-]+)\s*,\s*){0,20}'
    r'"(data|value|values|items|rows|records|results|charges|costs|lineItems|line_items)"\s*:\s*\[\s*\{'
)
"""An object that holds the rows in a list, beside plain values, as answers of APIs do."""


def _list_within(path: Path) -> str | None:
    """The name of the list that holds the rows of a document; None where its objects are the rows."""
    lines = (line.text for line in read_lines(path) if isinstance(line, Line))
    found = _LIST_WITHIN.match("\n".join(islice(lines, 50))[:20_000])
    return found[1] if found else None


def _objects(path: Path) -> Iterator[tuple[Line, dict[str, Any]] | QuarantinedRow]:
    """Objects line by line, or those of a list, as `bq query --format=json` prints a table, alone or in an object."""
    first = next((line for line in read_lines(path) if isinstance(line, Line)), None)
    within = _list_within(path)
    if first is not None and (within or first.text.lstrip().startswith("[")):
        for record in read_json_records(path, within):
            if isinstance(record, QuarantinedRow):
                yield record
            elif isinstance(record.value, dict):
                yield Line(record.number, record.text), record.value
            else:
                yield quarantined(record.number, "not_an_object", "The list holds no JSON object here.", record.text)
        return
    for line in read_lines(path):
        if isinstance(line, QuarantinedRow):
            yield line
            continue
        try:
            value = loads(line.text)
        except RepeatedKeyError as error:
            message = f"The line says two things: {error}. Export the table again, each field once."
            yield quarantined(line.number, "more_than_one_value", message, line.text)
            continue
        except (ValueError, RecursionError):
            yield quarantined(line.number, "invalid_json", "The line is no JSON; export the table again.", line.text)
            continue
        if isinstance(value, dict):
            yield line, value
        else:
            yield quarantined(line.number, "not_an_object", "The line holds no JSON object.", line.text)


def _cell(value: Any) -> str | None:
    """A value as text; empty text is unknown, as it is in every other kind of table."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json_text(value)
    return storable(str(value).strip()) or None
