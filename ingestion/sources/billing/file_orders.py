"""How a file writes what can be read in two ways: day and month, thousands and decimals, days since 1900 or 1904.

One way holds for a whole file, and only where a cell of it proves one. Put here: looking for that proof. Keep out:
reading by it (`tabular.values`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import SourceFile
from ingestion.raw_schemas import DATE, INSTANT
from ingestion.reading.tabular import TextBatch, open_table
from ingestion.reading.tabular import values as convert
from ingestion.reading.tabular.other_dates import SPREADSHEET_EPOCH, counted_day
from ingestion.reading.tabular.slashed_dates import slashed_parts
from ingestion.sources.billing.model import BillingFormat


class Columns(Protocol):
    """Where a file has its raw columns."""

    @property
    def source(self) -> Mapping[str, int]:
        """Position by raw column."""


def is_day_first(billing_format: BillingFormat, columns: Columns, path: Path) -> bool | None:
    """Whether a file's slashed dates can only be day/month/year: some date has a first number above 12 and
    none has a second number above 12. None where nothing proves either order. Reads the date columns once more, and
    only where dates have slashes."""
    is_proven = is_open = False
    for texts in _texts(path, columns, billing_format.day_first_columns):
        parts = [found for found in map(slashed_parts, texts) if found]
        if texts and not parts:
            return False
        if any(second > 12 for _, second in parts):
            return False
        is_proven = is_proven or any(first > 12 for first, _ in parts)
        is_open = is_open or any(first != second for first, second in parts)
    return is_proven or (None if is_open else False)


def proven_decimal_mark(
    billing_format: BillingFormat, columns: Columns, path: Path, start: Iterable[TextBatch]
) -> str | None:
    """The decimal mark of a file's numbers, `,` or `.`: one of them has no other reading (`10,5`, `1.250,50`; `10.5`,
    `1,250.50`) and none can only have the other. None where nothing or both is proven. Reads the numbers once more, and
    only where the first have commas."""
    kinds = billing_format.columns
    numbers = [column for column in columns.source if column in kinds and pa.types.is_decimal(kinds[column])]
    firsts = (batch.columns[columns.source[column]] for batch in start for column in numbers)
    if not any(pc.any(pc.match_substring(column, ",")).as_py() for column in firsts):
        return None
    marks: set[str | None] = set()
    for texts in _texts(path, columns, numbers):
        marks |= {convert.decimal_mark(text) for text in texts}
        if {",", "."} <= marks:
            return None
    marks.discard(None)
    return marks.pop() if marks else None


def counts_days(billing_format: BillingFormat, columns: Columns, file: SourceFile, start: Iterable[TextBatch]) -> bool:
    """Whether numbers in a file's columns of times are days since 1900, as spreadsheets store dates: read so, none is
    later than a bill of the file's own time can be, while from 1904, as other spreadsheets count, one is."""
    kinds = billing_format.columns
    times = [column for column in columns.source if kinds.get(column) in (INSTANT, DATE)]
    firsts = (batch.columns[columns.source[column]] for batch in start for column in times)
    if not any(pc.any(pc.match_substring_regex(column, r"^[2-7]\d{4}(\.\d+)?$")).as_py() for column in firsts):
        return False
    latest = file.modified_at_utc + timedelta(days=62)
    is_proven = False
    for texts in _texts(file.path, columns, times):
        numbers = [text for text in texts if counted_day(text)]
        if any(_is_later(text, latest) for text in numbers):
            return False
        is_proven = is_proven or any(_is_later(text, latest, date(1904, 1, 1)) for text in numbers)
    return is_proven


def _is_later(text: str, latest: datetime, epoch: date = SPREADSHEET_EPOCH) -> bool:
    day = counted_day(text, epoch)
    return day is not None and day > latest


def _texts(path: Path, columns: Columns, wanted: Iterable[str]) -> Iterator[set[str]]:
    """The distinct cells of some columns, batch by batch."""
    positions = [columns.source[column] for column in wanted if column in columns.source]
    reader = open_table(path)
    try:
        for batch in reader.batches():
            yield {text for position in positions for text in pc.unique(batch.columns[position]).to_pylist() if text}
    finally:
        reader.close()
