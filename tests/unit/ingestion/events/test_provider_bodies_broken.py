"""Bodies whose counts, cost or time cannot be right end in quarantine."""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.landing.model import QuarantinedRow
from tests.unit.ingestion.events.corpus import chat, enveloped, message

BROKEN = {
    "cached_more_than_prompt": (chat(1, prompt_tokens_details={"cached_tokens": 101}), "parts_exceed_total"),
    "negative": (chat(1, prompt_tokens=-1), "out_of_range"),
    "fraction": (chat(1, completion_tokens="7.5"), "invalid_number"),
    "boolean": (chat(1, completion_tokens=True), "invalid_number"),
    "list": (chat(1, completion_tokens=[1]), "invalid_number"),
    "too_large": (chat(1, prompt_tokens=10**30), "out_of_range"),
    "reasoning_more_than_output": (chat(1, completion_tokens_details={"reasoning_tokens": 31}), "parts_exceed_total"),
    "deepseek_parts": (chat(1, prompt_cache_hit_tokens=40, prompt_cache_miss_tokens=61), "parts_do_not_sum"),
    "lifetimes": (enveloped(message(1, cache_creation_input_tokens=299)), "parts_exceed_total"),
    "out_of_range": (chat(1, cost="-0.1"), "out_of_range"),
    "cost_is_text": (chat(1, cost="free"), "invalid_number"),
    "no_time": (message(1), "missing_timestamp"),
    "bad_time": (enveloped(chat(1), timestamp="yesterday"), "invalid_time"),
    "far_time": (enveloped(chat(1), timestamp="1970-01-01T00:00:00Z"), "out_of_range"),
    "chunk_without_usage": (chat(1) | {"object": "chat.completion.chunk", "usage": None}, "missing_usage"),
    "stream_start": ({"type": "message_start", "message": message(1)}, "partial_usage"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bodies_are_quarantined_with_field_and_remedy(name: str, parse_records: Any) -> None:
    from ingestion.sources.events.provider_bodies import parse

    record, reason = BROKEN[name]
    rows, bad = parse_records(parse, record, chat(99))
    assert [row["event_id"] for row in rows] == ["chatcmpl-99"]
    (entry,) = bad
    assert isinstance(entry, QuarantinedRow)
    assert (entry.row_number, entry.reason) == (1, reason)
    assert entry.field
    assert entry.message.endswith((".", "}."))
    assert entry.original_record
