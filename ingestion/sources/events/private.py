"""Reading logs that hold prompts and answers: nothing of them may reach a table, quarantine included.

Put here: leaving out what people wrote. Keep out: formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.sources.events.lines import Record


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
