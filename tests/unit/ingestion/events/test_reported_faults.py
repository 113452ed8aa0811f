"""Calls as tools write them, after public reports of wrong counts; what each comes to was worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import provider_bodies

AT = "2026-11-10T12:00:00Z"
_COUNTS = {
    "uncached_input_tokens": "in",
    "cache_read_tokens": "read",
    "cache_write_tokens": "written",
    "cache_write_5m_tokens": "5m",
    "cache_write_1h_tokens": "1h",
    "output_tokens": "out",
    "audio_input_tokens": "audio in",
    "audio_output_tokens": "audio out",
    "image_output_tokens": "image out",
    "audio_milliseconds": "ms",
    "images": "images",
    "input_characters": "characters",
}


def counted(row: dict[str, Any]) -> dict[str, int]:
    return {short: row[name] for name, short in _COUNTS.items() if row.get(name)}


def body(given: Any, **outer: Any) -> dict[str, Any]:
    return {"timestamp": AT, **outer, "response": given}


CLAUDE = {"id": "msg_1", "type": "message", "model": "claude-sonnet-4-5"}
CHOICE = {"index": 0, "finish_reason": "stop", "usage": {"prompt_tokens": 1000, "completion_tokens": 9}}
KIMI = {"id": "k", "object": "chat.completion.chunk", "model": "kimi-k2.5", "choices": [CHOICE]}
METRICS = {"inputTokenCount": 30, "outputTokenCount": 100, "invocationLatency": 900}
QWEN = {"uuid": "u", "sessionId": "s", "type": "assistant", "cwd": "/x", "model": "qwen3-coder-plus", "timestamp": AT}
QWEN_USAGE = {"promptTokenCount": 10000, "candidatesTokenCount": 50, "cachedContentTokenCount": 6000}
PI_USAGE = {"input": 2000, "output": 100, "cacheRead": 8000, "cacheWrite": 1000, "cost": {"total": 0.01365}}
PI = {"role": "assistant", "provider": "anthropic", "model": "claude-sonnet-4-5", "usage": PI_USAGE}
ROO = {"apiProtocol": "anthropic", "tokensIn": 10000, "tokensOut": 100, "cacheWrites": 1000, "cacheReads": 7000}
CLOUDFLARE = {"id": "c", "created_at": AT, "provider": "openai", "model": "gpt-5", "tokens_in": 1000, "tokens_out": 9}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            body(
                {
                    "model": "claude-sonnet-4-5",
                    "usage_metadata": {
                        "input_tokens": 12000,
                        "output_tokens": 500,
                        "total_tokens": 12500,
                        "input_token_details": {
                            "cache_creation": 0,
                            "cache_read": 8000,
                            "ephemeral_5m_input_tokens": 1500,
                            "ephemeral_1h_input_tokens": 500,
                        },
                    },
                }
            ),
            {"in": 2000, "read": 8000, "5m": 1500, "1h": 500, "out": 500},
        ),
        (body(KIMI, provider="moonshotai"), {"in": 1000, "out": 9}),
        (body([KIMI], provider="moonshotai"), {"in": 1000, "out": 9}),
        (
            body(
                [{"generation": "a"}, {"generation": "b", "amazon-bedrock-invocationMetrics": METRICS}], provider="aws"
            ),
            {"in": 30, "out": 100},
        ),
        ({**QWEN, "message": {"role": "model"}, "usageMetadata": QWEN_USAGE}, {"in": 4000, "read": 6000, "out": 50}),
        (
            {"type": "message", "id": "a1", "parentId": None, "timestamp": AT, "message": PI},
            {"in": 2000, "read": 8000, "written": 1000, "out": 100},
        ),
        (
            {"ts": 1794312000000, "type": "say", "say": "api_req_started", "text": json.dumps(ROO)},
            {"in": 2000, "read": 7000, "written": 1000, "out": 100},
        ),
        (
            {"ts": 1746000000000, "type": "say", "say": "api_req_started", "text": json.dumps(ROO)},
            {"in": 10000, "read": 7000, "written": 1000, "out": 100},
        ),
        (CLOUDFLARE, {"in": 1000, "out": 9}),
    ],
    ids=[
        "langchain lifetimes beside 0",
        "kimi choice",
        "kimi stream",
        "bedrock stream of any model",
        "qwen code",
        "pi",
        "roo counts the whole prompt",
        "roo before 3.29.5 did not",
        "cloudflare",
    ],
)
def test_bodies(parse_records: Any, record: dict[str, Any], expected: dict[str, int]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert bad == []
    assert counted(row) == expected


def test_connectors_of_mistral_are_named_and_no_contradiction(parse_records: Any) -> None:
    usage = {"prompt_tokens": 188, "completion_tokens": 55, "total_tokens": 7355, "connector_tokens": 7112}
    (row,), bad = parse_records(provider_bodies.parse, body({"model": "m", "usage": usage}, provider="mistral"))
    assert (bad, counted(row), row["unknown_usage_reason"]) == ([], {"in": 188, "out": 55}, "unmetered_tool")
    assert json.loads(row["unresolved_usage"])[0]["quantity"] == 7112


def test_messages_of_openrouter_are_its_charge(parse_records: Any) -> None:
    answer = {
        **CLAUDE,
        "id": "gen-2",
        "usage": {"input_tokens": 9, "output_tokens": 1, "cost": 0.006, "is_byok": False},
    }
    (row,), _ = parse_records(provider_bodies.parse, body(answer))
    assert (row["provider_name"], row["recorded_cost_kind"]) == ("openrouter", "charge")


def test_a_stream_without_its_end_is_a_lower_bound(parse_records: Any) -> None:
    start = {"type": "message_start", "message": {**CLAUDE, "usage": {"input_tokens": 1000, "output_tokens": 1}}}
    end = {"type": "message_delta", "usage": {"output_tokens": 100}}
    rows, _ = parse_records(provider_bodies.parse, body([start]), body([start, end]))
    assert [row.get("unknown_usage_reason") for row in rows] == ["partial_usage", None]


def test_errors_caches_and_tiers_outside_the_usage(parse_records: Any) -> None:
    refused = {"model": "MiniMax-M2", "usage": {"total_tokens": 0}, "base_resp": {"status_code": 1004}}
    gemini = {"modelVersion": "gemini-2.5-flash", "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1}}
    rows, bad = parse_records(
        provider_bodies.parse,
        body(refused, provider="minimax"),
        {**CLOUDFLARE, "cached": True, "cost": 0},
        body(gemini, headers={"x-gemini-service-tier": "priority"}),
    )
    assert bad == []
    assert [(row["status"], row["is_billable"]) for row in rows] == [("error", True), ("ok", False), ("ok", True)]
    assert rows[2]["served_service_tier"] == "priority"


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({}, "unmetered_tool"),
        ({"server_tool_use": {"web_fetch_requests": 1}}, None),
        ({"server_tool_use": {"code_execution_requests": 2}}, "unmetered_tool"),
    ],
)
def test_code_that_a_message_ran(parse_records: Any, usage: dict[str, Any], reason: str | None) -> None:
    content = [{"type": "server_tool_use", "name": "bash_code_execution"}]
    answer = {**CLAUDE, "content": content, "usage": {"input_tokens": 1, "output_tokens": 1, **usage}}
    (row,), _ = parse_records(provider_bodies.parse, body(answer))
    assert row.get("unknown_usage_reason") == reason


@pytest.mark.parametrize(("model", "reason"), [("gpt-4o", "unmetered_tool"), ("gpt-5", None)])
def test_previews_of_search_cost_more_where_a_model_does_not_reason(
    parse_records: Any, model: str, reason: str | None
) -> None:
    answer = {
        "object": "response",
        "model": model,
        "tools": [{"type": "web_search_preview"}],
        "output": [{"type": "web_search_call", "action": {"type": "search"}}],
        "usage": {"input_tokens": 10, "output_tokens": 1, "total_tokens": 11},
    }
    (row,), _ = parse_records(provider_bodies.parse, body(answer))
    assert (row["web_searches"], row.get("unknown_usage_reason")) == (1, reason)


@pytest.mark.parametrize(
    "record",
    [
        {"type": "turn.completed", "usage": {"input_tokens": 10, "output_tokens": 1}},
        {"type": "result", "total_cost_usd": 0.05, "modelUsage": {}, "usage": {"input_tokens": 10}, "timestamp": AT},
        {"response": "hi", "stats": {"models": {"gemini-2.5-pro": {"tokens": {"prompt": 10}}}}},
    ],
    ids=["codex exec", "claude -p", "gemini -p"],
)
def test_sums_that_agents_print_are_no_calls(parse_records: Any, record: dict[str, Any]) -> None:
    rows, bad = parse_records(provider_bodies.parse, record)
    assert (rows, [entry.reason for entry in bad]) == ([], ["usage_without_calls"])


def test_lines_of_gemini_cli_that_are_no_calls_are_no_errors(parse_records: Any) -> None:
    answer = {"id": "m", "timestamp": AT, "type": "gemini", "content": "x", "model": "gemini-2.5-pro"}
    tokens = {"input": 10000, "output": 50, "cached": 6000, "thoughts": 1000, "tool": 0, "total": 11050}
    rows, bad = parse_records(
        provider_bodies.parse,
        {"sessionId": "s", "projectHash": "h", "startTime": AT},
        {"id": "u", "timestamp": AT, "type": "user", "content": []},
        answer,
        {"$set": {"lastUpdated": AT}},
        {**answer, "tokens": tokens},
    )
    assert (bad, [counted(row) for row in rows]) == ([], [{"in": 4000, "read": 6000, "out": 1050}])


def test_what_lies_beside_the_usage_of_a_body(parse_records: Any) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    rows, bad = parse_records(
        provider_bodies.parse,
        body({"model": "m", "usage": usage}, provider="fireworks", headers={"Fireworks-Cached-Prompt-Tokens": "64"}),
        body({"model": "m", "usage": usage, "perf_metrics": {"cached-prompt-tokens": 64}}, provider="fireworks"),
        body({**CLAUDE, "usage": '{"input_tokens": 10, "output_tokens": 5}'}),
    )
    assert bad == []
    assert [counted(row) for row in rows] == [{"in": 36, "read": 64, "out": 10}] * 2 + [{"in": 10, "out": 5}]
