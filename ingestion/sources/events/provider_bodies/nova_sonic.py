"""Usage events of Nova Sonic, each of which counts its session up to there: a session is a call, with its last counts.

Put here: putting the events of a session together. Keep out: events of other sessions (`stream_events`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

_WRAPPERS = ("response", "body", "data", "chunk", "payload", "event")


def joined_sessions(records: Iterable[Record | QuarantinedRow]) -> Iterator[Record | QuarantinedRow]:
    """The records, with the usage events of each session as one record behind them, at the time of the first."""
    sessions: dict[str, Record] = {}
    for record in records:
        event = _usage_event(record.value) if isinstance(record, Record) and "usageEvent" in record.text else None
        identity = text(event.get("sessionId")) if event else None
        if not isinstance(record, Record) or event is None or not identity:
            yield record
            continue
        before = sessions.get(identity)
        outer = {name: item for name, item in record.value.items() if name not in (*_WRAPPERS, "usageEvent")}
        first = before.value if before else {"provider": "aws", **outer}
        usage = _usage(event)
        if before is None or usage["total_tokens"] >= before.value["response"]["usage"]["total_tokens"]:
            value = {**outer, **first, "response": {"id": identity, "object": "realtime.response", "usage": usage}}
            sessions[identity] = Record(record.number, value, record.text)
    yield from sessions.values()


def _usage_event(value: Any) -> dict[str, Any] | None:
    for _ in range(4):
        if not isinstance(value, dict):
            return None
        if found := as_object(value.get("usageEvent")):
            return found
        value = next((inner for name in _WRAPPERS if (inner := as_object(value.get(name)))), None)
    return None


def _usage(event: dict[str, Any]) -> dict[str, Any]:
    """The counts of a session as those of an answer that is heard and spoken."""
    found: dict[str, Any] = {"total_tokens": _number(event.get("totalTokens"))}
    for side, summed in (("input", "totalInputTokens"), ("output", "totalOutputTokens")):
        spoken = _number(dig(event, "details", "total", side, "speechTokens"))
        written = _number(dig(event, "details", "total", side, "textTokens"))
        found[f"{side}_tokens"] = _number(event.get(summed)) or spoken + written
        if spoken or written:
            found[f"{side}_token_details"] = {"audio_tokens": spoken, "text_tokens": written}
    found["total_tokens"] = found["total_tokens"] or found["input_tokens"] + found["output_tokens"]
    return found


def _number(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0
