"""Delimited text (CSV) to text batches, whatever state the file is in.

A block of lines is parsed at once when every line is one record of the right width; otherwise record by
record. A quote that never closes swallows at most `MAX_RECORD_LINES` lines before the reader gives up on
that line only and goes on with the next. Put here: records. Keep out: lines (`text_lines`), types of columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, BoundedStream, limits
from ingestion.reading.tabular.broken_rows import bad_encoding, ends_early, nul_byte, wrong_shape
from ingestion.reading.tabular.model import TextBatch, UnreadableTable, storable, unique_names
from ingestion.reading.tabular.preamble import LOOKED_AT, IsHeader, delimiter_of, header_at, said_delimiter
from ingestion.reading.tabular.text_lines import (
    MAX_RECORD_LINES,
    Lines,
    RecordTooLong,
    Tolerant,
    windows_text,
)

WINDOWS = "its text is no UTF-8 and read as Windows-1252; save it as UTF-8 if letters are wrong"
_NULLS = pa.array(["", "NULL", "null", "\\N"])


class DelimitedReader:
    """A CSV file: comma, semicolon, tab or bar, UTF-8 or UTF-16, quoted or not."""

    remarks: tuple[str, ...] = ()

    def __init__(self, stream: BinaryIO | BoundedStream, owner: BinaryIO, is_header: IsHeader | None = None) -> None:
        self._owner = owner
        self._lines = Lines(Tolerant(stream))
        csv.field_size_limit(2**31 - 1)
        header = self._header(is_header)
        if header is None:
            why = f" ({self._lines.failure})" if self._lines.failure else ""
            raise UnreadableTable(f"the file has no header line{why}; deliver it again")
        self._delimiter = delimiter_of(header)
        if said := said_delimiter(header):
            self._delimiter = said
            header = next((line for line in self._lines_of_header() if line.strip()), header)
        try:
            names = next(csv.reader([header], delimiter=self._delimiter))
        except csv.Error as error:
            raise UnreadableTable(f"the header line is not CSV ({error}); deliver it again") from error
        if len(names) > limits().columns:
            raise UnreadableTable(
                f"the header names {len(names):,} columns, more than the limit of {limits().columns:,}; check the "
                f"file, or raise {VARIABLES['columns']}"
            )
        names = windows_text(names) or names
        self.names = unique_names([storable(name).strip().lstrip("\ufeff") for name in names])
        self._row = 0
        self._width = len(self.names)

    def _header(self, is_header: IsHeader | None) -> str | None:
        """The header, below what is written above it; None for a file that says nothing."""
        first = next((line for line in self._lines_of_header() if line.strip()), None)
        self.lines_above = 0
        if first is None or said_delimiter(first):
            return first
        looked_at = [first, *self._lines.some(LOOKED_AT)]
        place = header_at(looked_at, is_header)
        self._lines.waiting.extendleft(reversed(looked_at[place + 1 :]))
        self.lines_above = sum(bool(line.strip()) for line in looked_at[:place])
        return looked_at[place]

    def _lines_of_header(self) -> Iterator[str]:
        return islice(self._lines, MAX_RECORD_LINES - 1)

    def close(self) -> None:
        """Closes the file."""
        self._owner.close()

    def batches(self) -> Iterator[TextBatch]:
        """The rows; what is not a record of the header's width is quarantined."""
        first = True
        while block := self._lines.some():
            if first:
                self._width = self._width_of(block)
                first = False
            quarantined: list[QuarantinedRow] = []
            rows, originals, numbers = self._parse(block, quarantined)
            yield self._batch(rows, originals, numbers, quarantined)
        if self._lines.failure:
            yield self._batch([], [], [], [ends_early(self._row, self._lines.failure)])

    def _width_of(self, block: list[str]) -> int:
        """The header's width, or less where every one of the first rows leaves out the same last columns."""
        try:
            rows = [row for row in islice(csv.reader(block, delimiter=self._delimiter), 100) if row]
        except csv.Error:
            return len(self.names)
        widths = {len(row) for row in rows}
        if len(rows) > 1 and len(widths) == 1 and (width := widths.pop()) < len(self.names) and width > 1:
            return width
        return len(self.names)

    def _parse(
        self, block: list[str], quarantined: list[QuarantinedRow]
    ) -> tuple[list[list[str]], list[str], list[int]]:
        try:
            rows = list(csv.reader(block, delimiter=self._delimiter))
        except csv.Error:
            rows = []
        is_clean = (
            len(rows) == len(block)
            and set(map(len, rows)) == {self._width}
            and block[-1].count('"') % 2 == 0
            and not any("\x00" in line for line in block)
        )
        if is_clean:
            numbers = list(range(self._row + 1, self._row + len(rows) + 1))
            self._row += len(rows)
            return rows, block, numbers
        return self._parse_slowly(block, quarantined)

    def _parse_slowly(
        self, block: list[str], quarantined: list[QuarantinedRow]
    ) -> tuple[list[list[str]], list[str], list[int]]:
        """Record by record: a line that breaks the file's shape is set aside and the next one starts afresh."""
        lines = self._lines
        lines.waiting.extendleft(reversed(block))
        remaining = len(lines.waiting) - len(block)
        rows: list[list[str]] = []
        originals: list[str] = []
        numbers: list[int] = []
        reader = csv.reader(lines, delimiter=self._delimiter)
        while len(lines.waiting) > remaining:
            lines.taken = []
            problem = ""
            try:
                row = next(reader)
            except StopIteration:
                break
            except RecordTooLong:
                row, problem = [""], "a quote opens and does not close"
            except csv.Error as error:
                row, problem = [""], str(error)
            if not row:
                continue
            self._row += 1
            taken = lines.taken
            if not problem and len(row) != self._width:
                row = _without_empty_tail(row, self._width)
                problem = "" if len(row) == self._width else f"{len(row)} fields where {self._width} are expected"
            original = "".join(taken)
            if not problem and original.count('"') % 2 and lines.at_end():
                problem = "a quote opens and does not close before the file ends"
            if problem:
                if len(taken) > 1:
                    lines.waiting.extendleft(reversed(taken[1:]))
                reader = csv.reader(lines, delimiter=self._delimiter)
                quarantined.append(wrong_shape(self._row, problem, taken[0] if taken else ""))
            elif "\x00" in original:
                quarantined.append(nul_byte(self._row, original))
            else:
                rows.append(row)
                originals.append(original)
                numbers.append(self._row)
        lines.taken = []
        return rows, originals, numbers

    def _batch(
        self, rows: list[list[str]], originals: list[str], numbers: list[int], quarantined: list[QuarantinedRow]
    ) -> TextBatch:
        try:
            columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        except UnicodeEncodeError:
            if (read := windows_text(cell for row in rows for cell in row)) is not None:
                cells = iter(read)
                self.remarks = tuple(dict.fromkeys((*self.remarks, WINDOWS)))
                return self._batch([list(islice(cells, len(row))) for row in rows], originals, numbers, quarantined)
            good = [position for position, original in enumerate(originals) if _is_text(original)]
            kept = set(good)
            quarantined.extend(
                bad_encoding(numbers[position], originals[position])
                for position in range(len(rows))
                if position not in kept
            )
            rows, numbers = [rows[i] for i in good], [numbers[i] for i in good]
            originals = [originals[i] for i in good]
            columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        if not rows:
            columns = [pa.array([], pa.string()) for _ in range(self._width)]
        columns = [_without_nulls(column) for column in columns]
        columns += [pa.nulls(len(rows), pa.string())] * (len(self.names) - len(columns))
        return TextBatch(
            columns, pa.array(numbers, pa.int64()), lambda position: storable(originals[position]), quarantined
        )


_KEPT_AS_TEXT = r"^(?:=\"([^\"]*)\"|'([0-9]+))$"
"""How digits are kept from being a number in a spreadsheet: `="0123"`, `'0123`."""


def _without_nulls(column: pa.Array) -> pa.Array:
    """Cells without surrounding blanks; an empty one and a literal NULL become null."""
    column = pc.utf8_trim_whitespace(column)
    if pc.any(pc.starts_with(column, '="')).as_py() or pc.any(pc.starts_with(column, "'")).as_py():
        column = pc.replace_substring_regex(column, _KEPT_AS_TEXT, r"\1\2")
    return pc.if_else(pc.is_in(column, value_set=_NULLS), pa.scalar(None, pa.string()), column)


def _without_empty_tail(row: list[str], width: int) -> list[str]:
    if len(row) > width and not any(row[width:]):
        return row[:width]
    return row


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
