"""Streams of Gemini that were logged one piece a line, without an id: the pieces of an answer are one call.

Each piece counts all that was written so far, and only the last says why it ended. Put here: putting such pieces
together. Keep out: pieces with an id (`snapshots`), streams within one record (`usage_shapes.streams`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.provider_bodies.field_names import BODY_TIMES, IDENTITY, RESPONSE_IDS, TIMES
from ingestion.sources.events.usage_shapes.streams import merged_stream
from ingestion.sources.events.usage_shapes.values import as_object

FARTHEST = 200
"""Records between two pieces of one stream, where a log holds several at once."""
_WRAPPERS = ("response", "event", "body", "data", "chunk", "response_body", "raw_response")
_IDS = ("event_id", "request_id", *RESPONSE_IDS)
_UNTOLD = (None, "", 0, "FINISH_REASON_UNSPECIFIED")


@dataclass
class _Piece:
    """A record that holds an answer without an id, with what is written so far."""

    record: Record
    body: dict[str, Any]
    wrapper: str | None
    key: str
    written: int
    is_last: bool


@dataclass
class Pieces:
    """What became of the pieces of a file."""

    joined: int = 0
    unsure: int = 0
    """Pieces that may belong together, in a file of which no answer says that it ended."""
    _saw_end: bool = False
    _waiting: dict[str, list[_Piece]] = field(default_factory=dict)

    def together(self, records: Iterable[Record | QuarantinedRow]) -> Iterator[Record | QuarantinedRow]:
        """The records, with the pieces of a stream as one at the place of its last."""
        for at, record in enumerate(records):
            if at % FARTHEST == 0 and self._waiting:
                yield from self._give_up(before=record.number if isinstance(record, Record) else None)
            piece = _piece(record)
            if piece is None:
                yield record
                continue
            before = self._waiting.pop(piece.key, [])
            if before and before[-1].written > piece.written:
                yield from self._unfinished(before)
                before = []
            if piece.is_last:
                self._saw_end = True
                yield self._whole([*before, piece])
            else:
                self._waiting[piece.key] = [*before, piece]
        yield from self._give_up(before=None)

    def notes(self) -> Iterator[Note]:
        """What a person should know of them."""
        if self.joined:
            message = f"not counted: {counted(self.joined, 'piece', 'pieces')} of streams, whose last piece counts"
            yield Note("other", message, count=self.joined)
        if self.unsure:
            message = (
                f"{counted(self.unsure, 'answer has', 'answers have')} the input of the one before, no less output, no "
                "responseId and no finishReason: each counts"
            )
            yield Note("pieces_alike", message, count=self.unsure)

    def _give_up(self, before: int | None) -> Iterator[Record]:
        for key, pieces in list(self._waiting.items()):
            if before is None or before - pieces[-1].record.number >= FARTHEST:
                del self._waiting[key]
                yield from self._unfinished(pieces)

    def _unfinished(self, pieces: list[_Piece]) -> Iterator[Record]:
        """A stream without its last piece: where other answers of the file say that they ended, it was broken off."""
        if self._saw_end:
            yield self._whole(pieces)
            return
        self.unsure += len(pieces) - 1
        yield from (piece.record for piece in pieces)

    def _whole(self, pieces: list[_Piece]) -> Record:
        first, last = pieces[0], pieces[-1]
        if first is last:
            return last.record
        self.joined += len(pieces) - 1
        began = {name: first.body[name] for name in (*TIMES, *BODY_TIMES) if name in first.body}
        body = merged_stream([piece.body for piece in pieces]) | began
        if last.wrapper is None:
            return Record(last.record.number, body, last.record.text)
        began = {name: item for name, item in first.record.value.items() if name in (*TIMES, *BODY_TIMES)}
        return Record(last.record.number, {**last.record.value, last.wrapper: body, **began}, last.record.text)


def _piece(record: Record | QuarantinedRow) -> _Piece | None:
    """A record that holds an answer of Gemini without an id."""
    if not isinstance(record, Record) or "andidates" not in record.text or not isinstance(record.value, dict):
        return None
    given = record.value
    holders = [(None, given), *((name, as_object(given.get(name))) for name in _WRAPPERS)]
    for wrapper, body in holders:
        usage = as_object(body.get("usageMetadata")) or as_object(body.get("usage_metadata"))
        candidates = body.get("candidates")
        if not usage or not isinstance(candidates, list) or not candidates:
            continue
        if any(holder.get(name) for holder in (given, body) for name in _IDS):
            return None
        asked = [_number(usage, *names) for names in (_PROMPT, _CACHED)]
        around = {name: given.get(name) for name in (*IDENTITY, "request") if name in given}
        key = repr((body.get("modelVersion") or body.get("model_version"), given.get("model"), asked, around))
        reasons = [as_object(each).get(name) for each in candidates for name in ("finishReason", "finish_reason")]
        is_last = any(reason not in _UNTOLD for reason in reasons)
        return _Piece(record, body, wrapper, key, _number(usage, *_WRITTEN), is_last)
    return None


_PROMPT = ("promptTokenCount", "prompt_token_count")
_CACHED = ("cachedContentTokenCount", "cached_content_token_count")
_WRITTEN = ("candidatesTokenCount", "candidates_token_count")


def _number(usage: dict[str, Any], *names: str) -> int:
    return next((int(usage[name]) for name in names if str(usage.get(name)).isdecimal()), 0)
