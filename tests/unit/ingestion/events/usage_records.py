"""Records of usage as tests write them, and what is read from them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ingestion.sources.events.otel.traces import span_row
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.vocabulary.usage_columns import OTHER_METER_COLUMNS, TOKEN_COLUMNS

AT = "2026-11-10T10:00:00Z"
TEXT = {"uncached_input": 10, "output": 5}
CHAT_USAGE = {
    "prompt_tokens": 12_000,
    "completion_tokens": 1_000,
    "total_tokens": 13_000,
    "prompt_tokens_details": {"cached_tokens": 8_000},
    "completion_tokens_details": {"reasoning_tokens": 700},
}
RESPONSE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


def body(usage: dict[str, Any] | None, key: str = "usage", provider: str | None = None, **more: Any) -> dict[str, Any]:
    inner = {"id": "x", **({} if usage is None else {key: usage}), **more}
    return {"timestamp": AT, "response": inner} | ({"provider": provider} if provider else {})


def rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    return read_call(record, Counter())


def counts(row: dict[str, Any]) -> dict[str, int]:
    names = (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, "reasoning_tokens")
    return {name.removesuffix("_tokens"): row[name] for name in names if row.get(name)}


def plain_counts(row: dict[str, Any]) -> tuple[int, ...]:
    """Uncached input, input from a cache and output, those of them that are told."""
    names = ("uncached_input_tokens", "cache_read_tokens", "output_tokens")
    return tuple(row[name] for name in names if name in row)


def span(**attributes: Any) -> dict[str, Any]:
    return span_row(("t", "s"), {"startTimeUnixNano": "1794308400000000000"}, attributes, {})


def spend(**columns: Any) -> dict[str, Any]:
    usage = columns.pop("usage", {})
    return {
        "request_id": "r",
        "startTime": AT,
        "model": "claude-sonnet-4-5-20250929",
        "custom_llm_provider": "anthropic",
        "metadata": {"usage_object": usage},
        **columns,
    }
