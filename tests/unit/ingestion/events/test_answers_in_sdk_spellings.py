"""Answers as SDKs of other languages spell them, spans whose events or cost tell of the call, and ids that repeat."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from ingestion.sources.events import litellm, otel, provider_bodies
from tests.unit.ingestion.events.test_reported_faults import AT, counted
from tests.unit.ingestion.events.test_reported_faults_of_tools import export, span

FULL = {"in": 50, "read": 40, "out": 20}
DOTNET = {"InputTokenCount": 90, "OutputTokenCount": 20, "InputTokenDetails": {"CachedTokenCount": 40}}
GO = {"PromptTokens": 90, "CompletionTokens": 20, "PromptTokensDetails": {"CachedTokens": 40}}
SIDES = {"input_tokens": 10, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 7, "output_tokens": 20}
SUMMED = {"input_tokens": 57, "cache_read_tokens": 40, "cache_write_tokens": 7, "output_tokens": 20}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"Id": "c-1", "Model": "gpt-5", "Usage": DOTNET}, FULL),
        ({"ID": "c-1", "Model": "gpt-5", "Usage": GO}, FULL),
        (
            {"model_iden": {"model_name": "gpt-5"}, "usage": {"prompt_tokens": 90, "completion_tokens": 20}},
            {"in": 90, "out": 20},
        ),
        ({"model": "gpt-5", "usage": SUMMED | {"details": SIDES}}, {"in": 10, "read": 40, "written": 7, "out": 20}),
        (["{'model': 'gpt-5', 'usage': {'prompt_tokens': 90, 'completion_tokens': 20}}"], {"in": 90, "out": 20}),
    ],
    ids=["dotnet", "go", "rust", "details of pydantic-ai", "printed pieces"],
)
def test_answers_as_sdks_spell_them(parse_records: Any, answer: Any, expected: dict[str, int]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, {"timestamp": AT, "response": answer})
    assert (counted(row), row["served_model"], bad) == (expected, "gpt-5", [])
    assert row.get("unresolved_usage") is None


def test_units_of_cohere_in_camel_case(parse_records: Any) -> None:
    answer = {"results": [], "meta": {"billedUnits": {"searchUnits": 3}}}
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "model": "rerank-v3.5", "response": answer})
    assert row["rerank_searches"] == 3


CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1"}
COUNTS = {"gen_ai.usage.input_tokens": "90", "gen_ai.usage.output_tokens": "20"}


def test_an_event_of_a_span_counts_where_the_span_does_not(parse_records: Any) -> None:
    given = span(CALL)
    given["events"] = [{"name": "choice"}, {"name": "details", "attributes": span(COUNTS)["attributes"]}]
    (row,), bad = parse_records(otel.parse, export(given))
    assert (counted(row), bad) == ({"in": 90, "out": 20}, [])
    given["attributes"] = span(CALL | COUNTS | {"gen_ai.usage.input_tokens": "91"})["attributes"]
    (row,), _ = parse_records(otel.parse, export(given))
    assert counted(row) == {"in": 91, "out": 20}


def test_a_span_that_tells_only_its_cost_is_a_call_and_one_above_calls_is_none(parse_records: Any) -> None:
    cost = CALL | {"gen_ai.usage.cost": "0.25"}
    (row,), bad = parse_records(otel.parse, export(span(cost)))
    assert (row["recorded_cost_usd"], counted(row), bad) == (Decimal("0.25"), {}, [])
    rows, bad = parse_records(otel.parse, export(span(cost, 1), span(CALL | COUNTS, 2, 1)))
    assert ([counted(row) for row in rows], bad) == ([{"in": 90, "out": 20}], [])


def test_terms_of_a_call_among_the_counters_of_a_span(parse_records: Any) -> None:
    told = {"inference_geo": "us", "speed": "fast", "service_tier": "priority"}
    given = CALL | COUNTS | {f"gen_ai.usage.{name}": value for name, value in told.items()}
    (row,), _ = parse_records(otel.parse, export(span(given)))
    assert (row["region"], row["speed"], row["served_service_tier"]) == ("us", "fast", "priority")


@pytest.mark.parametrize("identity", ["relay", "chatcmpl-0"])
def test_calls_of_one_request_id_in_a_spend_log_all_count(parse_records: Any, identity: str) -> None:
    rows = [
        {"request_id": identity, "startTime": f"2026-11-10T1{hour}:00:00Z", "model": "m", "spend": 0.5}
        | {"prompt_tokens": 10 * hour, "completion_tokens": 5, "total_tokens": 10 * hour + 5}
        for hour in (1, 2, 3)
    ]
    found, bad = parse_records(litellm.parse, *rows)
    assert ([counted(row)["in"] for row in found], bad) == ([10, 20, 30], [])
    assert len({row["event_id"] for row in found}) == 3


def test_spans_of_datadog_that_name_their_kind_and_model_in_the_metadata(parse_records: Any) -> None:
    told = {"kind": "llm", "metadata": {"model_name": "gpt-5", "model_provider": "openai"}}
    given = {"span_id": "1", "trace_id": "2", "parent_id": "undefined", "start_ns": 1794304800000000000, "duration": 5}
    metrics = {"input_tokens": 90, "output_tokens": 20, "cache_read_input_tokens": 40}
    (row,), bad = parse_records(otel.parse, given | {"meta": told, "metrics": metrics})
    assert (counted(row), row["requested_model"], row["provider_name"], bad) == (FULL, "gpt-5", "openai", [])


def test_input_outside_the_cache_under_another_name(parse_records: Any) -> None:
    usage = {"totalInputTokens": 90, "totalOutputTokens": 20, "inputCachedTokens": 40, "inputCacheMissTokens": 50}
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "response": {"model": "gpt-5", "usage": usage}})
    assert (counted(row), row.get("unresolved_usage")) == (FULL, None)


def test_a_line_of_a_batch_in_what_a_shipper_wrapped(parse_records: Any) -> None:
    said = {"id": "msg_1", "type": "message", "model": "m", "usage": {"input_tokens": "90", "output_tokens": "20"}}
    line = {"custom_id": "a", "result": {"type": "succeeded", "message": said}}
    (row,), _ = parse_records(provider_bodies.parse, {"time": AT, "log": json.dumps(line)})
    assert (counted(row), row["is_batch"]) == ({"in": 90, "out": 20}, True)
