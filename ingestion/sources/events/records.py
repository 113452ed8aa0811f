"""The one loop of readers of logs: from records to what each says, with what cannot be read set aside.

Logs hold prompts and answers: nothing of them may reach a table, quarantine included.
Put here: bad records, records that are no calls, leaving out what people wrote. Keep out: formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.usage_shapes.values import BadValue

Said = TypeVar("Said")
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What a record of an unforeseen shape can raise in a reader."""


@dataclass(frozen=True)
class Read(Generic[Said]):
    """What one record says, with the record's position."""

    number: int
    said: Said


def read_each(
    records: Iterable[Record | QuarantinedRow | Note],
    read: Callable[[Any], Said | None],
    page: str,
    *,
    keeps_record: bool = False,
) -> Iterator[Read[Said] | QuarantinedRow | Note]:
    """What each record says, in order; records of which `read` says None are left out.

    `read` raises `BadValue` for a record that must be set aside. `page` is the document that describes the format.
    A record set aside is kept (redacted by landing) only where `keeps_record`.
    """
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record if keeps_record else replace(record, original_record=None)
            continue
        if isinstance(record, Note):
            yield record
            continue
        kept = record.text if keeps_record else None
        try:
            said = read(record.value)
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, kept, bad.field)
        except UNREADABLE as error:
            message = f"The record cannot be read ({type(error).__name__}). See {page}."
            yield quarantined(record.number, "unreadable_record", message, kept)
        else:
            if said is not None:
                yield Read(record.number, said)


def without_text(records: Iterable[Record | QuarantinedRow]) -> Iterator[Record | QuarantinedRow | Note]:
    """The records; what cannot be read loses its text, and a broken last line becomes a note.

    A session that is being written ends in the middle of a line: that is no defect, and the next run reads it.
    """
    waiting: QuarantinedRow | None = None
    for record in records:
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(record, QuarantinedRow):
            record = replace(record, original_record=None)
            if record.reason == "invalid_json":
                waiting = replace(record, message="Not JSON. Write one JSON object per line.")
                continue
        yield record
    if waiting is not None:
        yield Note("other", "the last line is not complete yet; it is read when it is", row=waiting.row_number)


def folder_name(path: object) -> str | None:
    """The last part of a working directory: the project, without the folders that name a person."""
    if not isinstance(path, str):
        return None
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or None
