"""Calls as tools write them, after public reports of wrong counts; what each comes to was worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import langfuse, litellm, otel, provider_bodies
from ingestion.sources.events.exports import helicone

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
        {"type": "session.shutdown", "data": {"modelMetrics": {"gpt-5": {"usage": {"inputTokens": 10}}}}},
    ],
    ids=["codex exec", "claude -p", "gemini -p", "copilot"],
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


def span(attributes: dict[str, Any], number: int = 1, parent: int | None = None, second: int = 0) -> dict[str, Any]:
    return {
        "traceId": f"{1:032x}",
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "startTimeUnixNano": f"{1794312000 + second}000000000",
        "endTimeUnixNano": f"{1794312001 + second}000000000",
        "attributes": [{"key": key, "value": {"stringValue": str(value)}} for key, value in attributes.items()],
    }


def export(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def chat(read: int, wrote: int, **more: Any) -> dict[str, Any]:
    named = {name.replace("__", "."): value for name, value in more.items()}
    usage = {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": wrote}
    return {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"} | usage | named


def test_what_a_tool_asks_is_not_in_the_usage_of_the_call_above(parse_records: Any) -> None:
    tool = {"gen_ai.operation.name": "execute_tool"}
    spans = [span(chat(1000, 100), 1), span(tool, 2, 1), span(chat(500, 50), 3, 2)]
    rows, _ = parse_records(otel.parse, export(*spans))
    assert [counted(row) for row in rows] == [{"in": 1000, "out": 100}, {"in": 500, "out": 50}]


def test_one_response_id_of_several_calls(parse_records: Any) -> None:
    relay = {"gen_ai__response__id": "relay"}
    spans = [span(chat(1000, 100, **relay), 1), span(chat(2000, 200, **relay), 2, second=60)]
    again = span(chat(1000, 90, **relay), 3)
    rows, _ = parse_records(otel.parse, export(*spans, again))
    assert [counted(row) for row in rows] == [{"in": 1000, "out": 100}, {"in": 2000, "out": 200}]
    assert len({row["event_id"] for row in rows}) == 2


SDK = {"ai.operationId": "ai.generateText.doGenerate", "gen_ai.usage.input_tokens": 2000}
SDK |= {"gen_ai.usage.output_tokens": 100}
LIFETIMES = {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 0}
WRITTEN = {"cache_creation_input_tokens": 1000, "cache_read_input_tokens": 8000, "cache_creation": LIFETIMES}
ROUTED = {"promptTokensDetails": {"cachedTokens": 1500}, "cost": 0.0018}


@pytest.mark.parametrize(
    ("provider", "metadata", "expected", "recorded"),
    [
        ("anthropic.messages", {"anthropic": {"usage": WRITTEN}}, {"in": 2000, "read": 8000, "5m": 1000}, None),
        (
            "amazon-bedrock",
            {"bedrock": {"usage": {"cacheReadInputTokens": 8000, "cacheWriteInputTokens": 1000}}},
            {"in": 2000, "read": 8000, "written": 1000},
            None,
        ),
        ("openai.responses", {"openai": {"cachedPromptTokens": 1500}}, {"in": 500, "read": 1500}, None),
        ("openrouter", {"openrouter": {"usage": ROUTED}}, {"in": 500, "read": 1500}, "charge"),
        ("gateway", {"gateway": {"cost": "0.0075"}}, {"in": 2000}, "estimate"),
    ],
)
def test_what_the_provider_told_beside_the_ai_sdk(
    parse_records: Any, provider: str, metadata: dict[str, Any], expected: dict[str, int], recorded: str | None
) -> None:
    given = SDK | {"ai.model.provider": provider, "ai.model.id": "m", "ai.usage.promptTokens": 2000}
    told = given | {"ai.response.providerMetadata": json.dumps(metadata)}
    (row,), bad = parse_records(otel.parse, export(span(told)))
    assert bad == []
    assert counted(row) == expected | {"out": 100}
    assert row.get("recorded_cost_kind") == recorded


GEMINI = {"gen_ai.system": "google-gla", "gen_ai.request.model": "gemini-2.5-flash"}


@pytest.mark.parametrize(
    ("more", "wrote", "expected"),
    [
        ({"gen_ai.usage.details.thoughts_tokens": 1000, "gen_ai.usage.details.text_prompt_tokens": 100}, 1050, 1050),
        ({"gen_ai.usage.details.thoughts_tokens": 1000}, 50, 1050),
        ({"gen_ai.usage.reasoning.output_tokens": 1000}, 50, 1050),
        ({"gen_ai.usage.reasoning.output_tokens": 1000, "gen_ai.usage.cost": "0.005155"}, 1050, 2050),
    ],
    ids=["thoughts in output", "thoughts above output", "reasoning above output", "as the cost shows"],
)
def test_thinking_of_google_in_spans(parse_records: Any, more: dict[str, Any], wrote: int, expected: int) -> None:
    (row,), bad = parse_records(otel.parse, export(span(chat(100, wrote) | GEMINI | more)))
    assert bad == []
    assert (counted(row), row.get("unknown_usage_reason")) == ({"in": 100, "out": expected}, None)


@pytest.mark.parametrize(
    "attributes",
    [
        {"langsmith.span.kind": "llm", "gen_ai.request.model": "gpt-5", "langsmith.usage_metadata": {}},
        {
            "braintrust.span_attributes": '{"type": "llm"}',
            "braintrust.metadata": '{"model": "gpt-5", "provider": "openai"}',
            "braintrust.metrics": '{"prompt_tokens": 1000, "completion_tokens": 100, "prompt_cached_tokens": 600}',
        },
    ],
    ids=["langsmith", "braintrust"],
)
def test_usage_in_objects_of_tracing_tools(parse_records: Any, attributes: dict[str, Any]) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 100, "input_token_details": {"cache_read": 600}}
    given = {key: value or json.dumps(usage) for key, value in attributes.items()}
    (row,), bad = parse_records(otel.parse, export(span(given)))
    assert bad == []
    assert (counted(row), row["requested_model"]) == ({"in": 400, "read": 600, "out": 100}, "gpt-5")


def observed(**fields: Any) -> dict[str, Any]:
    return {"id": "o", "type": "GENERATION", "traceId": "t", "startTime": AT, "model": "m", **fields}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {
                "usageDetails": {
                    "input": 0,
                    "output": 500,
                    "input_cache_creation": 0,
                    "input_cache_read": 8000,
                    "input_ephemeral_5m_input_tokens": 2000,
                }
            },
            {"read": 8000, "5m": 2000, "out": 500},
        ),
        (
            {
                "usageDetails": {
                    "input_text_tokens": 200,
                    "input_audio_tokens": 800,
                    "output_text_tokens": 100,
                    "output_audio_tokens": 400,
                    "total": 1500,
                }
            },
            {"in": 200, "audio in": 800, "out": 100, "audio out": 400},
        ),
        (
            {"usageDetails": {"input": 0, "input_modality_1": 100, "output": 0, "output_modality_1": 50}},
            {"in": 100, "out": 50},
        ),
        ({"usage": {"unit": "SECONDS", "input": 60, "output": 0}}, {"ms": 60000}),
        ({"usage": {"unit": "IMAGES", "output": 2, "total": 2}}, {"images": 2}),
        ({"usage": {"unit": "CHARACTERS", "input": 1000, "output": 0}}, {"characters": 1000}),
    ],
    ids=["lifetimes", "modalities without sums", "modalities by number", "seconds", "images", "characters"],
)
def test_observations(parse_records: Any, fields: dict[str, Any], expected: dict[str, int]) -> None:
    (row,), bad = parse_records(langfuse.parse, observed(**fields))
    assert bad == []
    assert (counted(row), row.get("unknown_usage_reason")) == (expected, None)


def spent(**fields: Any) -> dict[str, Any]:
    row = {"request_id": "r", "startTime": AT, "model": "gpt-5", "custom_llm_provider": "openai", "status": "success"}
    return row | {"spend": 0.1, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, **fields}


def test_columns_that_litellm_left_zero_do_not_contradict_the_usage(parse_records: Any) -> None:
    usage = {"input_tokens": 40, "output_tokens": 4160, "total_tokens": 4200}
    record = spent(call_type="aimage_generation", model="gpt-image-1", metadata={"usage_object": usage})
    (row,), bad = parse_records(litellm.parse, record)
    assert (bad, counted(row)) == ([], {"in": 40, "image out": 4160})


def test_tools_that_litellm_charged_for_are_named(parse_records: Any) -> None:
    tokens = {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}
    rows, _ = parse_records(
        litellm.parse,
        spent(**tokens, metadata={"cost_breakdown": {"tool_usage_cost": 0.01}}),
        spent(**tokens, request_id="s", metadata={"cost_breakdown": {"tool_usage_cost": 0}}),
    )
    assert [row.get("unknown_usage_reason") for row in rows] == ["unmetered_tool", None]


@pytest.mark.parametrize(("code", "is_billable"), [("429", False), ("400", False), ("408", True), ("", True)])
def test_calls_that_were_answered_with_an_error_cost_nothing(parse_records: Any, code: str, is_billable: bool) -> None:
    said = {"error_information": {"error_code": code}}
    (row,), _ = parse_records(
        litellm.parse, spent(status="failure", spend=0, prompt_tokens=1000, total_tokens=1000, metadata=said)
    )
    assert (row["status"], row["is_billable"]) == ("error", is_billable)
    asked = {"request_id": "h", "request_created_at": AT, "response_status": int(code or 200), "provider": "OPENAI"}
    (row,), _ = parse_records(helicone.parse, asked | {"prompt_tokens": 400, "completion_tokens": 0})
    assert row["is_billable"] == is_billable
