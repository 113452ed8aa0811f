"""Sums that agents keep or print of their sessions: which land, and which say what to bring instead."""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.sources.events import litellm, provider_bodies
from ingestion.sources.events.exports import helicone
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.agent_records import BESIDE, CACHED, CLAUDE, COPILOT, PLAIN
from tests.unit.ingestion.events.usage_records import AT, counts


def _event(kind: str, identity: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "data": data, "id": identity, "timestamp": AT, "parentId": None}


_SHUTDOWN = _event(
    "session.shutdown", "e-end-0001", {"modelMetrics": {"gpt-5": {"requests": {"count": 3}, "usage": COPILOT}}}
)
_START = _event("session.start", "e-start-01", {"sessionId": "s"})


def test_calls_of_copilot_cli_count_and_the_sum_of_its_session_only_without_them(parse_records: Any) -> None:
    usage = _event("assistant.usage", "e-call-001", {"model": "gpt-5", "cost": 1, **COPILOT})
    (row,), bad = parse_records(provider_bodies.parse, _START, usage, _SHUTDOWN)
    assert (counts(row), bad, row["event_id"]) == (CACHED, [], "e-call-001")
    assert "recorded_cost_usd" not in row, "its cost counts requests of a plan and is no money"
    (row,), bad = parse_records(provider_bodies.parse, _START, _SHUTDOWN)
    assert (counts(row), bad) == (CACHED, [])
    assert [(each.reason, each.quantity) for each in unresolved_of(row)] == [("summed_calls", 3)]


_GOOSE = {
    "id": "20260819_1",
    "created_at": AT,
    "provider_name": "anthropic",
    "model_config": {"model_name": "claude-sonnet-4-5"},
    "usage": {"input_tokens": 1, "output_tokens": 1},
    "accumulated_usage": {
        "input_tokens": 160,
        "output_tokens": 20,
        "total_tokens": 180,
        "cache_read_input_tokens": 100,
        "cache_write_input_tokens": 50,
    },
}
_SUMS = {
    "goose, exported": (_GOOSE, BESIDE),
    "goose, a row of its table": (
        {
            "id": "1",
            "created_at": AT,
            "model_config_json": '{"model_name": "gpt-5"}',
            "input_tokens": 3,
            "accumulated_total_tokens": 120,
            "accumulated_input_tokens": 100,
            "accumulated_output_tokens": 20,
        },
        PLAIN,
    ),
    "droid": (
        {
            "model": "claude-sonnet-4-5",
            "providerLock": "anthropic",
            "providerLockTimestamp": AT,
            "tokenUsage": {
                "inputTokens": 10,
                "outputTokens": 20,
                "cacheCreationTokens": 50,
                "cacheReadTokens": 100,
                "thinkingTokens": 5,
            },
        },
        BESIDE,
    ),
    "zed, without its requests": (
        {"updated_at": AT, "model": {"model": "m"}, "request_token_usage": {}, "cumulative_token_usage": CLAUDE},
        BESIDE,
    ),
}


@pytest.mark.parametrize("name", _SUMS)
def test_sums_of_sessions_land_with_their_tokens_and_say_that_they_are_sums(parse_records: Any, name: str) -> None:
    record, expected = _SUMS[name]
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (counts(row), bad, [each.reason for each in unresolved_of(row)]) == (expected, [], ["summed_calls"])


_REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "cline": (
        provider_bodies.parse,
        {"ts": 1, "task": "", "tokensIn": 1, "tokensOut": 1, "totalCost": 1},
        "ui_messages.json",
    ),
    "goose": (provider_bodies.parse, {"working_dir": "/", "accumulated_total_tokens": 9}, "sessions.db"),
    "ccusage": (
        provider_bodies.parse,
        {"daily": [{"date": "2026-11-10", "modelsUsed": [], "inputTokens": 1, "outputTokens": 1}]},
        "claude_code/",
    ),
    "claude -p": (
        provider_bodies.parse,
        {"type": "assistant", "uuid": "u", "session_id": "s", "message": {"usage": CLAUDE}},
        "claude_code/",
    ),
    "litellm by hour": (
        litellm.parse,
        {"hour": AT, "model": "m", "prompt_tokens": 1, "completion_tokens": 1, "requests": 5},
        "summed_calls",
    ),
    "litellm by day": (litellm.parse, {"date": AT, "spend": 1, "api_requests": 5}, "summed_calls"),
    "helicone": (helicone.parse, {"day": AT, "model": "m", "request_count": 5}, "summed_calls"),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_sums_without_model_or_time_say_what_to_bring(parse_records: Any, name: str) -> None:
    parse, record, remedy = _REFUSED[name]
    rows, (bad,) = parse_records(parse, record)
    assert (rows, bad.reason in ("daily_rollup", "usage_without_calls")) == ([], True)
    assert remedy in bad.message
