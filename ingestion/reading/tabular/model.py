"""What a table reader gives: a header and batches of text columns.

Put here: plain types and the helpers to make quarantined rows. Keep out: reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from ingestion.landing.model import QuarantinedRow

BATCH_ROWS = 50_000
MAX_ORIGINAL_CHARACTERS = 20_000
"""Longest original record kept in quarantine; a longer one is cut and says so."""


class UnreadableTable(Exception):
    """The file has no header that could be read at all; the message says why and what to do.

    `holds_files` is true of an archive of several files, each of which may be a table.
    """

    def __init__(self, message: str, *, holds_files: bool = False) -> None:
        super().__init__(message)
        self.holds_files = holds_files


@dataclass
class TextBatch:
    """Rows of a table as text.

    `columns[i]` belongs to `TableReader.names[i]`; a cell that was empty or a literal NULL is null.
    `row_numbers` counts data rows from 1 and leaves gaps where rows went to `quarantined`.
    """

    columns: list[pa.Array]
    row_numbers: pa.Array
    original: Callable[[int], str]
    """The record at a position of this batch as it was delivered."""
    quarantined: list[QuarantinedRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)


class TableReader(Protocol):
    """A table with its header already read."""

    names: list[str]
    lines_above: int
    """Lines that stand above the header and are no part of the table."""
    remarks: tuple[str, ...]
    """What else of the file is no part of the table."""

    def batches(self) -> Iterator[TextBatch]:
        """The rows; ends early, with a quarantined row that says where, when the file is damaged."""
        ...

    def close(self) -> None: ...


def storable(text: str) -> str:
    """Text that any store accepts: undecodable bytes and NULs made visible, overlong records cut."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    if len(text) > MAX_ORIGINAL_CHARACTERS:
        text = f"{text[:MAX_ORIGINAL_CHARACTERS]}… (cut, {len(text)} characters)"
    return text


def unique_names(names: list[str]) -> list[str]:
    """Header names made unique: a repeated one gets `#2`, an empty one its position."""
    seen: dict[str, int] = {}
    result = []
    for position, name in enumerate(names, start=1):
        name = name or f"column_{position}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result
