"""Calls in the records of tracing tools and gateways, after public reports of wrong counts; worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import langfuse, litellm, otel
from ingestion.sources.events.exports import helicone
from tests.unit.ingestion.events.test_reported_faults import AT, counted


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


LLM = {"model_name": "gpt-5", "token_count": {"prompt": 100, "completion": 10, "prompt_details": {"cache_read": 60}}}
MLFLOW = {"span_id": "b", "trace_id": "a", "start_time_unix_nano": 1794312000000000000, "name": "c"}
TIMES = {"start_time": AT, "end_time": AT}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {**TIMES, "context": {"trace_id": "a", "span_id": "b"}, "attributes": {"llm": LLM}},
            {"in": 40, "read": 60, "out": 10},
        ),
        (
            {
                **TIMES,
                "context.trace_id": "a",
                "context.span_id": "b",
                "attributes.llm.model_name": "gpt-5",
                "attributes.llm.token_count.prompt": 100,
                "attributes.llm.token_count.completion": 10,
            },
            {"in": 100, "out": 10},
        ),
        (
            {
                "info": {"trace_id": "tr-1"},
                "data": {"spans": [MLFLOW | {"attributes": {"mlflow.chat.tokenUsage": '{"input_tokens": 7}'}}]},
            },
            {"in": 7},
        ),
    ],
    ids=["phoenix", "table of phoenix", "mlflow"],
)
def test_spans_as_backends_give_them(parse_records: Any, record: dict[str, Any], expected: dict[str, int]) -> None:
    (row,), bad = parse_records(otel.parse, record)
    assert (bad, counted(row)) == ([], expected)


def test_answers_of_googles_agents_tell_the_thinking(parse_records: Any) -> None:
    answer = {"prompt_token_count": 100, "candidates_token_count": 50, "thoughts_token_count": 1000}
    told = {"gcp.vertex.agent.llm_response": json.dumps({"usage_metadata": answer})}
    (row,), _ = parse_records(otel.parse, export(span(chat(100, 50) | GEMINI | told)))
    assert counted(row) == {"in": 100, "out": 1050}


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
