"""Tool tokens in a total of Google's, amounts and counts as people write them, access logs of gateways; by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import langfuse, otel, provider_bodies
from tests.unit.ingestion.events.test_reported_faults import AT, counted
from tests.unit.ingestion.events.test_reported_faults_of_tools import chat, export, span

MODEL = "gemini-3-flash-preview"
THOUGHT = {"gen_ai.usage.reasoning.output_tokens": 1120, "gen_ai.usage.total_tokens": 20689}


def _body(usage: dict[str, Any], name: str = "usage", **more: Any) -> dict[str, Any]:
    return {"timestamp": AT, "event_id": "t", "provider": "google", "response": {"model": MODEL, name: usage, **more}}


def _message(usage: dict[str, Any]) -> dict[str, Any]:
    told = {"id": "run", "response_metadata": {"model_name": MODEL}, "usage_metadata": usage}
    said = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": told}
    return {"timestamp": AT, "event_id": "t", "response": said}


LANGCHAIN = {"input_tokens": 151, "output_tokens": 2209, "total_tokens": 20689}
LANGCHAIN |= {"output_token_details": {"reasoning": 1120}}
SDK = {"inputTokens": 151, "outputTokens": 1089, "reasoningTokens": 1120, "totalTokens": 20689}
NATIVE = {"promptTokenCount": 151, "candidatesTokenCount": 1089, "thoughtsTokenCount": 1120, "totalTokenCount": 20689}
SIDES = {"prompt_tokens": 151, "completion_tokens": 2209, "total_tokens": 20689}


@pytest.mark.parametrize(
    ("reader", "record"),
    [
        (provider_bodies, _body(NATIVE, "usageMetadata")),
        (provider_bodies, _body(SIDES | {"completion_tokens_details": {"reasoning_tokens": 1120}})),
        (provider_bodies, {"timestamp": AT, "event_id": "t", "model": f"google/{MODEL}", "usage": SDK}),
        (provider_bodies, _message(LANGCHAIN)),
        (provider_bodies, _message(LANGCHAIN | {"input_token_details": {"tool_use": 18329}})),
        (provider_bodies, _message(LANGCHAIN | {"input_tokens": 18480, "input_token_details": {"tool_use": 18329}})),
        (otel, export(span(chat(151, 2209) | THOUGHT | {"gen_ai.request.model": MODEL}))),
        (
            langfuse,
            {
                "id": "t",
                "traceId": "t",
                "type": "GENERATION",
                "startTime": AT,
                "model": MODEL,
                "usageDetails": {"input": 151, "output": 1089, "output_reasoning": 1120, "total": 20689},
            },
        ),
    ],
    ids=["native", "chat", "ai sdk 5", "langchain", "langchain beside", "langchain inside", "span", "langfuse"],
)
def test_what_a_total_holds_beyond_thinking_that_is_told_is_what_tools_read(
    parse_records: Any, reader: Any, record: dict[str, Any]
) -> None:
    (row,), bad = parse_records(reader.parse, record)
    assert (counted(row), row["reasoning_tokens"], bad) == ({"in": 18480, "out": 2209}, 1120, [])


def test_a_message_of_langchain_with_a_total_of_googles_holds_thinking_where_none_is_told(parse_records: Any) -> None:
    told = {"input_tokens": 50, "output_tokens": 40, "total_tokens": 390}
    (row,), bad = parse_records(provider_bodies.parse, _message(told))
    assert (counted(row), row["reasoning_tokens"], bad) == ({"in": 50, "out": 340}, 300, [])


def _costing(where: str, name: str, amount: Any, **more: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200} | ({name: amount} if where == "usage" else {}) | more
    outer = {name: amount} if where == "outer" else {}
    return {"timestamp": AT, "response": {"id": "c", "model": "acme-1", "usage": usage}} | outer


@pytest.mark.parametrize(
    "record",
    [
        _costing("outer", "cost_usd", "$0.0045"),
        _costing("outer", "cost_usd", "US$ 0.0045"),
        _costing("outer", "total_cost_usd", 0.0045),
        _costing("outer", "response_cost", 0.0045),
        _costing("usage", "cost", "0.0045 USD"),
        _costing("usage", "cost_usd", 0.0045),
        _costing("usage", "total_cost", "4.5e-3"),
        _costing("usage", "cost", 0.0045, currency="usd"),
    ],
)
def test_dollars_of_a_body_are_read_however_they_are_marked(parse_records: Any, record: dict[str, Any]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (str(row["recorded_cost_usd"]), row["recorded_cost_kind"], bad) == ("0.004500000000", "estimate", [])


def test_a_cost_in_another_currency_is_no_dollars(parse_records: Any) -> None:
    (row,), bad = parse_records(provider_bodies.parse, _costing("usage", "cost", 0.0045, currency="EUR"))
    assert ("recorded_cost_usd" in row, bad) == (False, [])


@pytest.mark.parametrize("name", ["gen_ai.usage.cost_usd", "gen_ai.usage.total_cost_usd", "llm.usage.cost"])
def test_costs_of_spans_under_names_of_their_own(parse_records: Any, name: str) -> None:
    (row,), bad = parse_records(otel.parse, export(span(chat(1000, 200) | {name: "0.0045"})))
    assert (str(row["recorded_cost_usd"]), bad) == ("0.004500000000", [])


@pytest.mark.parametrize(("printed", "expected"), [("1,234", 1234), ("1,234,567", 1234567), ("12,34", None)])
def test_commas_between_the_thousands_of_a_count(parse_records: Any, printed: str, expected: int | None) -> None:
    rows, bad = parse_records(provider_bodies.parse, _body({"prompt_tokens": printed, "completion_tokens": 7}))
    assert [row["uncached_input_tokens"] for row in rows] == ([expected] if expected else [])
    assert [entry.reason for entry in bad] == ([] if expected else ["invalid_number"])


def test_what_datadog_calls_input_outside_the_cache(parse_records: Any) -> None:
    metrics = {"input_tokens": 1000, "output_tokens": 200, "cache_read_input_tokens": 400}
    told = {"span_kind": "llm", "span_id": "7", "trace_id": "70", "start_ns": 1794312000000000000, "duration": 10}
    told |= {"model_name": "gpt-4o", "metrics": metrics | {"non_cached_input_tokens": 600}}
    (row,), bad = parse_records(otel.parse, {"data": [{"id": "a", "type": "span", "attributes": told}]})
    assert (counted(row), "unknown_usage_reason" in row, bad) == ({"in": 600, "read": 400, "out": 200}, False, [])


def test_a_line_of_a_gateways_access_log_in_names_of_the_conventions_is_a_call(parse_records: Any) -> None:
    told = chat(1000, 200) | {"gen_ai.response.model": "gpt-5-2025-08-07", "response_code": 200}
    log = {name: span(told)[name] for name in ("traceId", "spanId", "attributes")}
    logs = [log | {"timeUnixNano": "1794312000000000000", "body": {"stringValue": ""}}]
    (row,), bad = parse_records(otel.parse, {"resourceLogs": [{"scopeLogs": [{"logRecords": logs}]}]})
    assert (counted(row), row["served_model"], bad) == ({"in": 1000, "out": 200}, "gpt-5-2025-08-07", [])


NESTED = {
    "operation": {"name": "chat"},
    "provider": {"name": "anthropic"},
    "request": {"model": "claude-sonnet-4-5"},
    "response": {"id": "msg_1"},
    "usage": {"input_tokens": 10003, "output_tokens": 300, "cache_read": {"input_tokens": 8000}},
}


@pytest.mark.parametrize("reader", [otel, provider_bodies])
def test_names_of_the_conventions_that_a_store_nested_at_their_dots(parse_records: Any, reader: Any) -> None:
    (row,), bad = parse_records(reader.parse, {"timestamp": AT, "message": "", "gen_ai": NESTED})
    assert (counted(row), row["requested_model"], bad) == (
        {"in": 2003, "read": 8000, "out": 300},
        "claude-sonnet-4-5",
        [],
    )


@pytest.mark.parametrize(("prompt", "expected"), [(10003, 3), (10004, 10004)], ids=["its sum", "another"])
def test_a_sum_of_openinference_that_hides_the_cache_is_read_in_its_answer(
    parse_records: Any, prompt: int, expected: int
) -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 8000, "cache_creation_input_tokens": 2000}
    answer = {"id": "msg_1", "type": "message", "usage": usage | {"output_tokens": 300}}
    told = {"openinference.span.kind": "LLM", "llm.provider": "anthropic", "llm.model_name": "claude-sonnet-4-5"}
    told |= {"llm.token_count.prompt": prompt, "llm.token_count.completion": 300, "output.value": json.dumps(answer)}
    (row,), bad = parse_records(otel.parse, export(span(told)))
    assert (row["uncached_input_tokens"], row["output_tokens"], bad) == (expected, 300, [])


@pytest.mark.parametrize(
    "details", [{}, {"completion_tokens_details": {"reasoning_tokens": 300}}], ids=["left out", "told"]
)
@pytest.mark.parametrize("provider", ["azure", "xai", "openrouter"])
def test_reasoning_of_xai_is_in_its_total_where_its_details_were_left_out(
    parse_records: Any, details: dict[str, Any], provider: str
) -> None:
    usage = {"prompt_tokens": 92, "completion_tokens": 79, "total_tokens": 471} | details
    answer = {"id": "x", "model": "grok-4-1-fast-reasoning", "usage": usage}
    (row,), bad = parse_records(provider_bodies.parse, {"timestamp": AT, "provider": provider, "response": answer})
    assert (counted(row), row["reasoning_tokens"], bad) == ({"in": 92, "out": 379}, 300, [])


def test_reasoning_of_xai_that_only_the_total_of_a_span_holds(parse_records: Any) -> None:
    told = chat(92, 79) | {"gen_ai.usage.total_tokens": 471, "gen_ai.request.model": "grok-4-1-fast-reasoning"}
    (row,), bad = parse_records(otel.parse, export(span(told)))
    assert (counted(row), row["reasoning_tokens"], bad) == ({"in": 92, "out": 379}, 300, [])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"text": "", "audio_duration_secs": 61.5}, ("audio_milliseconds", 61500)),
        ({"text": "", "segments": [], "durationInSeconds": 61}, ("audio_milliseconds", 61000)),
        ({"usage": {"character_count": 500}}, ("input_characters", 500)),
    ],
    ids=["elevenlabs", "ai sdk", "spoken"],
)
def test_speech_by_seconds_and_characters(
    parse_records: Any, answer: dict[str, Any], expected: tuple[str, int]
) -> None:
    (row,), bad = parse_records(provider_bodies.parse, {"timestamp": AT, "model": "m", "response": answer})
    assert ((expected[0], row[expected[0]]), bad) == (expected, [])


@pytest.mark.parametrize("printed", ["10/Nov/2026:13:00:00 +0100", "[10/Nov/2026:12:00:00 +0000]"])
def test_times_of_access_logs(parse_records: Any, printed: str) -> None:
    answer = {"id": "c", "model": "gpt-5", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    (row,), bad = parse_records(provider_bodies.parse, {"timestamp": printed, "response": answer})
    assert (f"{row['requested_at_utc']:%Y-%m-%dT%H:%M:%SZ}", bad) == (AT, [])


@pytest.mark.parametrize("empty", [None, "", "N/A"])
def test_known_counters_without_numbers_are_not_called_unknown(parse_records: Any, empty: str | None) -> None:
    usage = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), empty)
    rows, (entry,) = parse_records(provider_bodies.parse, _body(usage))
    assert (rows, entry.reason) == ([], "missing_usage")
    assert "prompt_tokens" in entry.message
