"""Transactions of LibreChat: what a call read and what it wrote are two of them, which are one call.

Put here: joining the two. Keep out: what counts mean, programs that keep a call in one record (`chat_apps`).
Source: code of the program. Its credits are millionths of a dollar at its own prices.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record
from ingestion.sources.events.usage_shapes.values import decimal, text

_KINDS = ("prompt", "completion", "credits")
_ONE_CALL = ("user", "conversationId", "model", "context", "messageId")
MOST_WAITING = 10_000


def joined_sides(
    records: Iterable[Record | QuarantinedRow], no_calls: Counter[str]
) -> Iterator[Record | QuarantinedRow]:
    """The records, with calls in place of transactions; a side whose other side is not there stands alone."""
    waiting: dict[tuple[str, ...], Record] = {}
    for record in records:
        if isinstance(record, QuarantinedRow) or not _is_transaction(record.value):
            yield record
        elif record.value["tokenType"] == "credits":
            no_calls["LibreChat"] += 1
        else:
            key = tuple(str(record.value.get(name)) for name in _ONE_CALL)
            is_prompt = record.value["tokenType"] == "prompt"
            read = waiting.pop(key, None)
            if is_prompt:
                yield from [_call(read, None)] if read else []
                waiting[key] = record
            else:
                yield _call(read, record)
            if len(waiting) > MOST_WAITING:
                yield _call(waiting.pop(next(iter(waiting))), None)
    yield from (_call(read, None) for read in waiting.values())


def _is_transaction(value: Any) -> bool:
    if not isinstance(value, dict) or not {"rawAmount", "tokenType", "user"} <= value.keys():
        return False
    return value["tokenType"] in _KINDS


def _call(read: Record | None, wrote: Record | None) -> Record:
    """The envelope of a call at the place of its first side."""
    sides = [side for side in (read, wrote) if side is not None]
    told = sides[0].value
    usage: dict[str, Any] = {}
    if read is not None:
        parts = ("inputTokens", "writeTokens", "readTokens")
        fresh, written, cached = (_size(read.value.get(name)) for name in parts)
        usage["input_tokens"] = _size(read.value["rawAmount"]) if fresh is None else fresh
        if fresh is not None:
            usage |= {"cache_creation_input_tokens": written or 0, "cache_read_input_tokens": cached or 0}
    if wrote is not None:
        usage["output_tokens"] = _size(wrote.value["rawAmount"])
    credits = [decimal(side.value.get("tokenValue"), "tokenValue") for side in sides]
    known = [abs(each) for each in credits if each is not None and told.get("context") != "incomplete"]
    call = {
        "timestamp": told.get("createdAt"),
        "user_id": text(told.get("user")),
        "session_id": text(told.get("conversationId")),
        "cost_usd": format(sum(known, Decimal(0)) / 1_000_000, "f") if len(known) == len(sides) else None,
        "response": {"id": text(told.get("_id")), "model": told.get("model"), "usage": usage},
    }
    return Record(sides[0].number, call, json.dumps(call))


def _size(amount: Any) -> Any:
    """A number of tokens, which is negative as it is taken from a balance."""
    number = decimal(amount, "rawAmount")
    return None if number is None else format(abs(number), "f")
