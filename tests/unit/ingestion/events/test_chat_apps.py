"""Calls in tables and exports of programs that chat, and of gateways with a database; counts by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import provider_bodies
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.usage_records import AT, counts

S = 1_794_304_800
WHOLE = {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000}
_CHAT = {
    "prompt_tokens": 12_000,
    "completion_tokens": 1_000,
    "total_tokens": 13_000,
    "prompt_tokens_details": {"cached_tokens": 8_000},
}
_LOBE = {"totalInputTokens": 12_000, "inputCachedTokens": 8_000, "totalOutputTokens": 1_000, "totalTokens": 13_000}
_DSPY = {
    "prompt": None,
    "messages": [{"role": "user", "content": "x"}],
    "response": {"id": "chatcmpl-d1", "model": "gpt-5-2025-08-07"},
    "outputs": ["x"],
    "usage": _CHAT,
    "cost": 0.016,
    "timestamp": AT,
    "uuid": "u-1",
    "model": "openai/gpt-5",
}
_NEW_API = {
    "id": 7,
    "created_at": S,
    "type": 2,
    "model_name": "gpt-5",
    "quota": 8_000,
    "prompt_tokens": 12_000,
    "completion_tokens": 1_000,
    "use_time": 2,
    "other": json.dumps({"cache_tokens": 8_000, "cache_ratio": 0.1}),
}
_CALLS: dict[str, tuple[dict[str, Any], dict[str, int], str | None]] = {
    "DSPy": (_DSPY, WHOLE, "0.016"),
    "DSPy, an answer that is no JSON": ({**_DSPY, "response": "ModelResponse()"}, WHOLE, "0.016"),
    "LobeChat": (
        {"id": "m1", "role": "assistant", "createdAt": AT, "model": "gpt-5", "metadata": {**_LOBE, "cost": 0.016}},
        WHOLE,
        "0.016",
    ),
    "LobeChat, whose misses hold what was written": (
        {
            "id": "m1",
            "role": "assistant",
            "created_at": AT,
            "model": "claude-sonnet-4-5",
            "metadata": {"usage": {**_LOBE, "inputCacheMissTokens": 4_000, "inputWriteCacheTokens": 2_000}},
        },
        {**WHOLE, "uncached_input": 2_000, "cache_write": 2_000},
        None,
    ),
    "Open WebUI, whose messages repeat its history": (
        {
            "id": "c1",
            "chat": {
                "history": {
                    "messages": {
                        "a": {"id": "a", "role": "user", "content": "x"},
                        "b": {"id": "b", "role": "assistant", "model": "gpt-5", "timestamp": S, "usage": _CHAT},
                    }
                },
                "messages": [{"id": "b", "role": "assistant", "usage": _CHAT}],
            },
        },
        WHOLE,
        None,
    ),
    "Dify": (
        {
            "id": "m1",
            "created_at": S,
            "model_provider": "langgenius/openai/openai",
            "model_id": "gpt-5",
            "message_tokens": 12_000,
            "answer_tokens": 1_000,
            "total_price": "0.025",
            "currency": "USD",
        },
        {"uncached_input": 12_000, "output": 1_000},
        "0.025",
    ),
    "New API": (_NEW_API, WHOLE, None),
    "New API, Claude": (
        {**_NEW_API, "other": {"claude": True, "cache_tokens": 8_000, "cache_creation_tokens": 2_000}},
        {"uncached_input": 12_000, "cache_read": 8_000, "cache_write": 2_000, "output": 1_000},
        None,
    ),
    "llm, a row of its database": (
        {
            "id": "01k",
            "model": "gpt-5",
            "response": '{"an answer": "in JSON"}',
            "response_json": json.dumps({"id": "chatcmpl-l1", "model": "gpt-5", "usage": _CHAT}),
            "datetime_utc": AT,
            "input_tokens": 12_000,
            "output_tokens": 1_000,
        },
        WHOLE,
        None,
    ),
    "n8n, usage beside an answer": (
        {
            "timestamp": AT,
            "model": "gpt-5",
            "response": {"generations": [[{"text": "x"}]]},
            "tokenUsage": {"promptTokens": 100, "completionTokens": 10, "totalTokens": 110},
        },
        {"uncached_input": 100, "output": 10},
        None,
    ),
}


@pytest.mark.parametrize("name", _CALLS)
def test_calls_of_programs_that_chat(parse_records: Any, name: str) -> None:
    record, expected, cost = _CALLS[name]
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (counts(row), bad) == (expected, [])
    assert str(row["requested_at_utc"]) == "2026-11-10 10:00:00"
    assert (cost is None) == ("recorded_cost_usd" not in row)
    assert cost is None or str(row["recorded_cost_usd"]).startswith(cost)


@pytest.mark.parametrize(
    "record",
    [
        {**_DSPY, "usage": {}},
        {**_NEW_API, "type": 1},
        {"id": "m0", "role": "user", "topicId": "t", "createdAt": AT, "metadata": None},
    ],
)
def test_records_without_a_call_are_none(parse_records: Any, record: dict[str, Any]) -> None:
    assert parse_records(provider_bodies.parse, record) == ([], [])


def test_price_of_dify_in_another_currency_is_left_out(parse_records: Any) -> None:
    record = {**_CALLS["Dify"][0], "currency": "RMB"}
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert "recorded_cost_usd" not in row
    assert bad == []


def test_deleted_and_delegated_requests_of_cline_are_sums_beside_its_calls(parse_records: Any) -> None:
    told = json.dumps({"tokensIn": 4, "tokensOut": 200, "cacheWrites": 0, "cacheReads": 8_000, "cost": 0.01})
    messages = [
        {"ts": S * 1_000 + number, "type": "say", "say": say, "text": told}
        for number, say in enumerate(("api_req_started", "deleted_api_reqs", "subagent_usage"))
    ]
    rows, bad = parse_records(provider_bodies.parse, *messages)
    assert bad == []
    assert [counts(row)["output"] for row in rows] == [200, 200, 200]
    reasons = sorted(item.reason for row in rows for item in unresolved_of(row))
    assert reasons == ["summed_calls", "summed_calls"]
