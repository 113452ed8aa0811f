"""Events of streams and of realtime sessions that were logged one a line, and pieces of chat completions.

Those that count nothing are no calls; what a session says of its models holds for the answers in it.
Put here: telling such events, the models of a session. Keep out: Anthropic's events, which count in two pieces
(`events`), streams within one record (`usage_shapes.streams`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record
from ingestion.sources.events.provider_bodies.flavours import find_usage
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

STREAMS = "streams"
_HOLDERS = ("event", "chunk", "data", "payload")
_EVENT = re.compile(
    r"(?:response|conversation|session|transcription_session|input_audio_buffer|output_audio_buffer|rate_limits|thread"
    r"|mcp_list_tools)\..+|(?:transcript\.text|speech\.audio)\.delta|image_(?:generation|edit)\.partial_image"
)
_COUNTS = re.compile(r"tokens?\W{1,4}[1-9]|seconds\W{1,4}[1-9]", re.IGNORECASE)
_HEARD = "conversation.item.input_audio_transcription.completed"


@dataclass
class _Session:
    """What the sessions of a file named; two names are none, as nothing tells whose answer is whose."""

    models: set[str] = field(default_factory=set)
    listeners: set[str] = field(default_factory=set)

    def learn(self, session: dict[str, Any]) -> None:
        listener = dig(session, "audio", "input", "transcription", "model")
        listener = listener or dig(session, "input_audio_transcription", "model")
        self.models |= {session["model"]} if isinstance(session.get("model"), str) else set()
        self.listeners |= {listener} if isinstance(listener, str) else set()

    def model_of(self, kind: str) -> str | None:
        known = self.listeners if kind == _HEARD else self.models if kind == "response.done" else set()
        return next(iter(known)) if len(known) == 1 else None


def told_events(
    records: Iterable[Record | QuarantinedRow], no_calls: Counter[str]
) -> Iterator[Record | QuarantinedRow]:
    """The records without events that count nothing, which `no_calls` counts; of a stream that never counts, one
    piece is left, to be set aside."""
    session, waiting, counted = _Session(), dict[str, Record](), set[str]()
    for record in records:
        event, outer = _event(record.value) if isinstance(record, Record) else (None, {})
        if not isinstance(record, Record) or event is None:
            yield record
            continue
        kind = str(event.get("type") or "")
        session.learn(as_object(event.get("session")))
        if _is_piece(event):
            identity = next((found for name in _IDS if (found := text(event.get(name)))), "")
            if find_usage(event) is None:
                no_calls[STREAMS] += identity in waiting
                waiting.setdefault(identity, record)
                continue
            counted |= {identity, ""}
        elif _counts_nothing(kind, event):
            no_calls[STREAMS] += 1
            continue
        model = session.model_of(kind) if "model" not in {**outer, **as_object(event.get("response"))} else None
        if outer or model:
            told = {"model": model, "event_id": event.get("event_id")}
            around = {name: item for name, item in told.items() if item} | outer
            body = {"response": event} if outer else event
            record = Record(record.number, {**body, **around}, record.text)
        yield record
    for identity, record in waiting.items():
        if identity in counted:
            no_calls[STREAMS] += 1
        else:
            yield record
    if not no_calls[STREAMS]:
        del no_calls[STREAMS]


def _event(value: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """(event or piece that a record is or holds, what stands around it)."""
    if not isinstance(value, dict):
        return None, {}
    if _is_one(value):
        return value, {}
    for name in ("response", *_HOLDERS):
        inner = as_object(value.get(name))
        if inner and _is_one(inner):
            return inner, {key: item for key, item in value.items() if key not in (name, "type")}
    return None, {}


def _is_one(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    return (isinstance(kind, str) and _EVENT.fullmatch(kind) is not None) or _is_piece(value)


_IDS = ("id", "responseId", "response_id")


def _is_piece(value: dict[str, Any]) -> bool:
    return value.get("object") == "chat.completion.chunk" or _is_of_gemini(value)


def _is_of_gemini(value: dict[str, Any]) -> bool:
    """Whether a value may be a piece of a stream of Gemini: an answer that counts, or one that goes on."""
    candidates = value.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        return False
    is_last = any(dig(each, "finishReason") or dig(each, "finish_reason") for each in candidates)
    return not is_last or find_usage(value) is not None


def _counts_nothing(kind: str, event: dict[str, Any]) -> bool:
    """Whether an event is no answer, finished or not, and tells of no usage and no error."""
    if isinstance(event.get("response"), dict) or event.get("error") or event.get("object"):
        return False
    return kind.startswith(("session.", "transcription_session.")) or not _COUNTS.search(json.dumps(event, default=str))
