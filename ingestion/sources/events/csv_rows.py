"""Reading CSV that may be damaged: a stray quote costs its own row and nothing below it.

Put here: delimiters, quoting, headers, row boundaries. Keep out: what the columns mean.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, limits
from ingestion.reading.lines import CSV_RECORD_LINES, Line, Record, quarantined, read_lines
from ingestion.reading.tabular.model import unique_names

_SEPARATOR = re.compile(r'"?sep=([^\w"])"?', re.IGNORECASE)
"""The line before the header by which spreadsheets are told the delimiter."""


_NOTHING = frozenset(("", "NULL", "null", "\\N", "<null>", "(null)"))
"""Cells that databases write for no value."""


class _Lines:
    """Lines with a push-back, so that a record that went wrong can be read again line by line."""

    def __init__(self, path: Path) -> None:
        self._source = read_lines(path)
        self._waiting: deque[Line | QuarantinedRow] = deque()

    def next(self) -> Line | QuarantinedRow | None:
        return self._waiting.popleft() if self._waiting else next(self._source, None)

    def push_back(self, lines: Sequence[Line | QuarantinedRow]) -> None:
        self._waiting.extendleft(reversed(lines))


def read_csv_rows(path: Path, delimiter: str | None = None) -> Iterator[Record | QuarantinedRow]:
    """Rows as `{header: text}` (cells stripped, empty cells and databases' NULL None) with their data row number.

    The delimiter is taken from the header when not given, or from a line `sep=;` above it. Of names that the header
    repeats the second is `name#2`. A line equal to the header is skipped, as it
    appears when files are joined. Blank lines inside quoted fields are not kept.
    """
    lines = _Lines(path)
    header: list[str] | None = None
    number = 0
    while (line := lines.next()) is not None:
        if isinstance(line, QuarantinedRow):
            number += 1
            yield QuarantinedRow(number, line.reason, line.message, line.original_record)
            continue
        if header is None and (said := _SEPARATOR.fullmatch(line.text.strip())):
            delimiter = delimiter or said[1]
            continue
        if header is None:
            delimiter = delimiter or max(",;\t|", key=line.text.count)
            header = unique_names([name.strip() for name in next(csv.reader([line.text], delimiter=delimiter))])
            header_text = line.text
            if len(header) > limits().columns:
                message = (
                    f"The header names {len(header):,} columns, more than the limit of {limits().columns:,}. Check the "
                    f"file, or raise {VARIABLES['columns']}."
                )
                yield quarantined(None, "too_many_columns", message, line.text)
                return
            continue
        if line.text == header_text:
            continue
        number += 1
        assert delimiter is not None
        yield _row(number, line, lines, header, delimiter)


def _row(number: int, line: Line, lines: _Lines, header: list[str], delimiter: str) -> Record | QuarantinedRow:
    record = [line]
    size = 0
    while sum(part.text.count('"') for part in record) % 2:
        size += len(record[-1].text)
        is_open = len(record) < CSV_RECORD_LINES and size < limits().line_bytes
        following = lines.next() if is_open else None
        if not isinstance(following, Line):
            lines.push_back([*record[1:], *([following] if following else [])])
            message = "A quote is opened and never closed. Close it, or double the quotes inside the field."
            return quarantined(number, "unbalanced_quote", message, line.text)
        record.append(following)
    text = "\n".join(part.text for part in record)
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        lines.push_back(record[1:])
        return quarantined(number, "invalid_csv", f"The row cannot be read ({error}). Quote its fields.", line.text)
    if len(cells) != len(header):
        lines.push_back(record[1:])
        message = f"The row has {len(cells)} fields, the header {len(header)}. Quote fields that hold the delimiter."
        return quarantined(number, "wrong_field_count", message, line.text)
    values = (None if (cell := each.strip()) in _NOTHING else cell for each in cells)
    return Record(number, dict(zip(header, values, strict=True)), text)
