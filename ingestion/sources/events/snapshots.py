"""What makes two records one call: the same id, model and input side, with output that grows.

A stream, a resumed session and a log that is written twice repeat a call; a relay that gives every answer one id
does not. Put here: telling the two apart. Keep out: formats; ids among files (`landing.uniqueness`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ingestion.landing.notes import Note
from ingestion.sources.events.usage_shapes.batches import Row

INPUT_SIDE = (
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "audio_input_tokens",
    "audio_cache_read_tokens",
    "image_input_tokens",
    "image_cache_read_tokens",
    "video_input_tokens",
)
OUTPUT_SIDE = ("output_tokens", "audio_output_tokens", "image_output_tokens", "video_output_tokens")
ID_PREFIXES = ("msg_", "resp_", "chatcmpl-", "cmpl-", "gen-", "req_", "batch_")
SHORTEST_ID = 12
"""Characters; a shorter id without a digit is a name, not an id."""


def input_side(row: Row) -> tuple[Any, ...]:
    """Model and input counts: equal in every snapshot of one call."""
    return (row.get("served_model") or row.get("requested_model"), *(row.get(name) or 0 for name in INPUT_SIDE))


def output_size(row: Row) -> int:
    """Everything a row says was written."""
    return sum(row.get(name) or 0 for name in OUTPUT_SIDE)


def distinct_calls(calls: Sequence[list[Row]]) -> Iterator[Row | Note]:
    """The rows of the calls of a file, with ids that tell them apart, and one note on each id that does not.

    An id that stands for several calls is completed by a hash of time, model and counts, so that the same call
    has the same id in every file and in every order.
    """
    by_id: dict[str, list[list[Row]]] = {}
    for rows in calls:
        by_id.setdefault(_identity(rows), []).append(rows)
    for identity, found in by_id.items():
        kept = found
        if len(found) > 1:
            kept = list(_unequal(found)) if is_name(identity) else _fullest(found)
        if len(kept) > 1:
            yield _repeated(identity, len(kept), kept[0][0].get("_source_row"))
        for rows in kept:
            if len(kept) > 1 or is_name(identity):
                _complete(rows, identity)
            yield from rows


class RepeatedIds:
    """Ids of the calls of a file that is read in one go, and which of them stand for several calls."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._told: dict[str, list[int | None]] = {}

    def told_apart(self, rows: list[Row]) -> list[Row]:
        """The rows of one call, with an id that no other call of the file has; snapshots keep theirs."""
        identity = _identity(rows)
        side = repr(input_side(rows[0]))
        first = self._first.setdefault(identity, f"{rows[0]['requested_at_utc']}|{side}")
        time, _, known = first.partition("|")
        is_other = known != side and time != str(rows[0]["requested_at_utc"])
        if is_other:
            self._told.setdefault(identity, []).append(rows[0].get("_source_row"))
        if is_other or is_name(identity):
            _complete(rows, identity)
        return rows

    def knows(self, identity: str) -> bool:
        """Whether a call of this id was in the file."""
        return identity in self._first

    def notes(self) -> Iterator[Note]:
        """One note on each id that stands for several calls."""
        for identity, found in self._told.items():
            yield _repeated(identity, len(found) + 1, found[0])


def is_name(identity: str) -> bool:
    """Whether an id is a word that a relay gives to every answer; what APIs put before their ids makes it none."""
    is_short = len(identity) < SHORTEST_ID and not any(map(str.isdigit, identity))
    return is_short and not identity.startswith(ID_PREFIXES)


def _repeated(identity: str, count: int, row: int | None) -> Note:
    message = (
        f"the source gives the id {identity!r} to {count} calls that differ in time and in counts; each counts. "
        "It is a defect of the source"
    )
    return Note("repeated_id", message, row=row, count=count)


def _identity(rows: list[Row]) -> str:
    return str(rows[0].get("parent_event_id") or rows[0]["event_id"])


def _unequal(found: Iterable[list[Row]]) -> Iterator[list[Row]]:
    seen = set()
    for rows in found:
        content = _digest(rows)
        if content not in seen:
            seen.add(content)
            yield rows


def _fullest(found: list[list[Row]]) -> list[list[Row]]:
    """Of the snapshots of each call the fullest, at the time of the earliest; equal input is one call."""
    by_input: dict[str, list[Row]] = {}
    for rows in found:
        side = repr([input_side(row) for row in rows])
        known = by_input.setdefault(side, rows)
        if known is rows:
            continue
        fuller, other = (rows, known) if sum(map(output_size, rows)) > sum(map(output_size, known)) else (known, rows)
        for row in fuller:
            row["requested_at_utc"] = min(row["requested_at_utc"], other[0]["requested_at_utc"])
        by_input[side] = fuller
    return list(by_input.values())


def _digest(rows: list[Row]) -> str:
    said = [(row["requested_at_utc"].isoformat(), input_side(row), output_size(row)) for row in rows]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def _complete(rows: list[Row], identity: str) -> None:
    full = f"{identity}#{_digest(rows)}"
    for row in rows:
        row["event_id"] = full + str(row["event_id"]).removeprefix(identity)
        if row.get("parent_event_id") == identity:
            row["parent_event_id"] = full
