"""Calls in sessions and exports of agents and in logs that count by themselves; counts by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import claude_code, langfuse, provider_bodies
from ingestion.sources.events.exports import langsmith
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.agent_records import BESIDE, CACHED, CLAUDE, OPENCODE, OPENCODE_MESSAGE, PLAIN, S
from tests.unit.ingestion.events.usage_records import AT, counts

_ZCODE = {
    "id": "usage_model_1",
    "session_id": "s",
    "provider_id": "builtin:zai",
    "model_id": "glm-4.7",
    "started_at": S * 1000,
    "input_tokens": 100,
    "output_tokens": 20,
    "cache_read_input_tokens": 40,
    "cache_creation_input_tokens": 0,
    "computed_total_tokens": 120,
}
_CALLS: dict[str, tuple[dict[str, Any], list[dict[str, int]]]] = {
    "zed": (
        {
            "updated_at": AT,
            "model": {"provider": "anthropic", "model": "claude-sonnet-4-5"},
            "request_token_usage": {"r-1": CLAUDE, "r-2": {"input_tokens": 100, "output_tokens": 20}},
            "cumulative_token_usage": CLAUDE,
        },
        [BESIDE, PLAIN],
    ),
    "opencode export": ({"info": {"id": "ses_1"}, "messages": [{"info": OPENCODE_MESSAGE, "parts": []}]}, [BESIDE]),
    "opencode export, a message of two steps": (
        {
            "info": {"id": "ses_1"},
            "messages": [
                {"info": OPENCODE_MESSAGE, "parts": [{"type": "step-finish", "tokens": OPENCODE} for _ in range(2)]}
            ],
        },
        [BESIDE, BESIDE],
    ),
    "opencode, a row of its database": (
        {
            "id": "msg_1",
            "session_id": "ses_1",
            "time_created": S * 1000,
            "data": json.dumps({key: item for key, item in OPENCODE_MESSAGE.items() if key != "sessionID"}),
        },
        [BESIDE],
    ),
    "opencode run": (
        {
            "type": "step_finish",
            "timestamp": S * 1000,
            "sessionID": "ses_1",
            "part": {"id": "prt_1", "tokens": OPENCODE},
        },
        [BESIDE],
    ),
    "continue": (
        {"timestamp": AT, "model": "gpt-5", "provider": "openai", "promptTokens": 100, "generatedTokens": 20},
        [PLAIN],
    ),
    "zcode": (_ZCODE, [CACHED]),
    "amp, ledger alone": (
        {
            "id": "T-1",
            "created": S * 1000,
            "messages": [{"role": "user"}],
            "usageLedger": {
                "events": [{"id": "ev-1", "timestamp": AT, "model": "m", "tokens": {"input": 100, "output": 20}}]
            },
        },
        [PLAIN],
    ),
    "vs code": (
        {
            "requesterUsername": "u",
            "requests": [
                {
                    "requestId": "request_1",
                    "timestamp": S * 1000,
                    "modelId": "copilot/gpt-5",
                    "result": {"metadata": {"promptTokens": 100, "outputTokens": 20}},
                }
            ],
        },
        [PLAIN],
    ),
    "cline, counts as an object": (
        {
            "ts": S * 1000,
            "type": "say",
            "content": {
                "type": "api_status",
                "status": {"tokensIn": 10, "tokensOut": 20, "cacheReads": 100, "cacheWrites": 50},
            },
        },
        [BESIDE],
    ),
    "a document around a list of calls": (
        {"calls": [{"timestamp": AT, "usage": {"prompt_tokens": 100, "completion_tokens": 20}, "model": "m"}] * 2},
        [PLAIN, PLAIN],
    ),
    "a choice of an answer with its usage, which is one call": (
        {"id": "chatcmpl-1", "created": S, "choices": [{"usage": {"prompt_tokens": 100, "completion_tokens": 20}}]},
        [PLAIN],
    ),
    "counters among a log's own fields": (
        {"timestamp": AT, "model": "m", "prompt_token_count": 100, "completion_token_count": 20},
        [PLAIN],
    ),
    "the same in Anthropic's names": ({"timestamp": AT, "model": "claude-x", **CLAUDE}, [BESIDE]),
    "the same behind a shipper": (
        {"@timestamp": AT, "log": json.dumps({"model": "m", "prompt_tokens": 100, "completion_tokens": 20})},
        [PLAIN],
    ),
    "the same beside ids of a trace": (
        {
            "timestamp": AT,
            "trace_id": "t",
            "span_id": "s",
            "attributes": {"x": 1},
            "model": "m",
            "prompt_tokens": 100,
            "completion_tokens": 20,
        },
        [PLAIN],
    ),
    "the same with details as text": (
        {
            "datetime_utc": AT,
            "model": "m",
            "input_tokens": 100,
            "output_tokens": 20,
            "token_details": '{"prompt_tokens_details": {"cached_tokens": 40}}',
        },
        [CACHED],
    ),
    "a row of Databricks' payload table": (
        {
            "date": "2026-11-10",
            "timestamp_ms": S * 1000,
            "request": "{}",
            "response": json.dumps({"id": "r-1", "usage": {"prompt_tokens": 100, "completion_tokens": 20}}),
        },
        [PLAIN],
    ),
    "Tencent": (
        {
            "timestamp": AT,
            "response": {"Response": {"Id": "r-1", "Usage": {"PromptTokens": 100, "CompletionTokens": 20}}},
        },
        [PLAIN],
    ),
    "usage in the metadata": (
        {
            "created_at": S,
            "message_id": "m",
            "metadata": {"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_price": "0.1"}},
        },
        [PLAIN],
    ),
}


@pytest.mark.parametrize("name", _CALLS)
def test_calls_of_agents_and_logs(parse_records: Any, name: str) -> None:
    record, expected = _CALLS[name]
    rows, bad = parse_records(provider_bodies.parse, record)
    assert ([counts(row) for row in rows], bad) == (expected, [])
    assert len({row["event_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 40},
        {"prompt_tokens": 100, "completion_tokens": 20, "other": '{"cache_tokens": 40}'},
        {"prompt_tokens": 100},
        {"prompt_tokens": 100, "completion_tokens": 20, "model": None, "message_count": 9},
    ],
    ids=["cached inside or beside?", "more tokens in an object", "one side alone", "a session without a model"],
)
def test_counters_of_a_log_that_have_several_meanings_are_asked_about(parse_records: Any, fields: Any) -> None:
    rows, (bad,) = parse_records(provider_bodies.parse, {"timestamp": AT, "model": "m", **fields})
    assert (rows, bad.reason, "costops map" in bad.message) == ([], "missing_usage", True)


def test_a_printed_total_shows_that_another_maker_counts_the_cache_inside(parse_records: Any) -> None:
    usage = {"input_tokens": 100, "cache_read_input_tokens": 40, "output_tokens": 20}
    message = {"id": "m-00001", "role": "assistant", "model": "hunyuan"}
    line = {"type": "assistant", "uuid": "u", "sessionId": "s", "timestamp": AT, "cwd": "/x"}
    (row,), _ = parse_records(claude_code.parse, line | {"message": message | {"usage": usage | {"total_tokens": 120}}})
    assert (counts(row), row.get("provider_name")) == (CACHED, None)
    for given in (usage, usage | {"total_tokens": 120}):
        (row,), _ = parse_records(
            claude_code.parse, line | {"message": message | {"usage": given, "model": "claude-x"}}
        )
        assert counts(row) == {**CACHED, "uncached_input": 100}
        assert row["provider_name"] == "anthropic"


def test_a_tier_that_langchain_names_in_its_counters(parse_records: Any) -> None:
    details = {"input_token_details": {"flex": 60, "flex_cache_read": 40}, "output_token_details": {"flex": 20}}
    usage = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, **details}
    run = {"id": "run-0001", "run_type": "llm", "start_time": AT, "usage_metadata": usage}
    (row,), bad = parse_records(langsmith.parse, run)
    assert (counts(row), row["served_service_tier"], bad) == (CACHED, "flex", [])
    assert not unresolved_of(row)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"inputTokens": "100", "outputTokens": "20", "totalTokens": "120"}, PLAIN),
        ({"usageDetails": {}, "totalCost": 0.25}, {}),
    ],
    ids=["columns of a page", "a cost alone"],
)
def test_observations_of_langfuse_with_columns_or_a_cost_alone(parse_records: Any, fields: Any, expected: Any) -> None:
    observation = {"id": "o-1", "type": "GENERATION", "startTime": AT, "model": "gpt-5"}
    (row,), bad = parse_records(langfuse.parse, observation | fields)
    assert (counts(row), bad) == (expected, [])
    assert ("recorded_cost_usd" in row) == ("totalCost" in fields)


def test_the_usage_of_all_steps_of_the_ai_sdk_counts_and_not_of_the_last_alone(parse_records: Any) -> None:
    last, whole = {"inputTokens": 70, "outputTokens": 5}, {"inputTokens": 100, "outputTokens": 20}
    (row,), _ = parse_records(
        provider_bodies.parse, {"timestamp": AT, "model": "m", "usage": last, "totalUsage": whole}
    )
    assert counts(row) == PLAIN


def test_a_total_of_zero_beside_counts_is_none(parse_records: Any) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 0}
    (row,), bad = parse_records(provider_bodies.parse, {"timestamp": AT, "model": "m", "usage": usage})
    assert (counts(row), bad) == (PLAIN, [])
