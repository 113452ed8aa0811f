"""Traces as Google Cloud, AWS X-Ray and products that watch models give them back; counts by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import otel, provider_bodies
from tests.unit.ingestion.events.usage_records import AT, counts

S = 1_794_304_800
_GEN = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.usage.input_tokens": "100",
    "gen_ai.usage.output_tokens": "20",
}
_USED = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
PLAIN = {"uncached_input": 100, "output": 20}
CACHED = {"uncached_input": 60, "cache_read": 40, "output": 20}
TRACE = "5759e988bd862e3fe1be46a994272793"
_ABOVE = {"spanId": "1", "name": "agent", "startTime": AT, "labels": {"gen_ai.operation.name": "invoke_agent"}}
_GOOGLE = {
    "projectId": "p",
    "traceId": TRACE,
    "spans": [
        _ABOVE,
        {"spanId": "2", "parentSpanId": "1", "startTime": AT, "endTime": "2026-11-10T10:00:02Z", "labels": _GEN},
    ],
}
_SEGMENT = {
    "id": "70de5b6f19ff9a0a",
    "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    "name": "app",
    "start_time": S,
    "end_time": S + 2,
}
_CALL = {"id": "0000000000000002", "name": "chat", "start_time": S, "end_time": S + 2, "metadata": {"default": _GEN}}
_TRACES: dict[str, dict[str, Any]] = {
    "google": _GOOGLE,
    "google, a list": {"traces": [_GOOGLE]},
    "google, version 2": {
        "name": f"projects/p/traces/{TRACE}/spans/0000000000000002",
        "spanId": "0000000000000002",
        "startTime": AT,
        "endTime": "2026-11-10T10:00:02Z",
        "attributes": {"attributeMap": {name: {"stringValue": {"value": item}} for name, item in _GEN.items()}},
    },
    "x-ray": {"Traces": [{"Segments": [{"Document": json.dumps({**_SEGMENT, "subsegments": [_CALL]})}]}]},
    "x-ray, a segment": {**_SEGMENT, "subsegments": [_CALL]},
    "x-ray, annotations": {
        **_SEGMENT,
        "id": "0000000000000002",
        "annotations": {name.replace(".", "_"): item for name, item in _GEN.items()},
    },
}


@pytest.mark.parametrize("name", _TRACES)
def test_a_call_in_traces_of_clouds(parse_records: Any, name: str) -> None:
    for parse in (otel.parse, provider_bodies.parse):
        (row,), bad = parse_records(parse, _TRACES[name], name="trace.json")
        assert (counts(row), bad) == (PLAIN, [])
        assert row["event_id"] == f"{TRACE}:0000000000000002"
        assert row["requested_model"] == "gpt-5"
        assert str(row["requested_at_utc"]) == "2026-11-10 10:00:00"
        assert row["duration_ms"] == 2_000


_OPIK = {
    "id": "a",
    "trace_id": "t",
    "type": "llm",
    "start_time": AT,
    "model": "gpt-5",
    "provider": "openai",
    "usage": {
        **_USED,
        "original_usage.prompt_tokens": 100,
        "original_usage.completion_tokens": 20,
        "original_usage.prompt_tokens_details.cached_tokens": 40,
    },
    "total_estimated_cost": 0.0003,
}
_NEW_RELIC = {"id": "n1", "timestamp": S * 1_000, "vendor": "openai", "response.model": "gpt-5"}
_DYNATRACE = {"trace.id": "t", "span.id": "a", "start_time": AT, **_GEN}
_SPANS: dict[str, tuple[dict[str, Any], dict[str, int], str | None]] = {
    "opik": (_OPIK, CACHED, "0.0003"),
    "opik, a page": ({"page": 1, "size": 1, "total": 1, "content": [_OPIK]}, CACHED, "0.0003"),
    "dynatrace": (_DYNATRACE, PLAIN, None),
    "dynatrace, an answer": ({"state": "SUCCEEDED", "result": {"records": [_DYNATRACE], "types": []}}, PLAIN, None),
    "new relic, an answer": (
        {"results": [{"events": [_NEW_RELIC | {f"response.usage.{name}": item for name, item in _USED.items()}]}]},
        PLAIN,
        None,
    ),
    "weave": (
        {
            "id": "a",
            "op_name": "openai.chat",
            "trace_id": "t",
            "started_at": AT,
            "summary": {
                "usage": {"gpt-5": _USED},
                "weave": {
                    "costs": {"gpt-5": {"prompt_tokens_total_cost": 0.0001, "completion_tokens_total_cost": 0.0002}}
                },
            },
        },
        PLAIN,
        "0.0003",
    ),
    "datadog, in nanodollars": (
        {
            "span_id": "a",
            "trace_id": "t",
            "start_ns": S * 10**9,
            "meta": {"kind": "llm", "model_name": "gpt-5"},
            "metrics": {"input_tokens": 100, "output_tokens": 20, "estimated_total_cost": 300_000},
        },
        PLAIN,
        "0.0003",
    ),
    "braintrust": (
        {
            "span_id": "a",
            "root_span_id": "t",
            "created": AT,
            "metadata": {"model": "gpt-5"},
            "span_attributes": {"type": "llm"},
            "metrics": {"prompt_tokens": 100, "completion_tokens": 20, "estimated_cost": 0.0003},
        },
        PLAIN,
        "0.0003",
    ),
    "sentry": (
        {
            "span_id": "a",
            "trace_id": "t",
            "start_timestamp": S,
            "data": {**_GEN, "gen_ai.cost.total_tokens": 0.0003},
        },
        PLAIN,
        "0.0003",
    ),
    "mlflow, a row of its table": (
        {
            "trace_id": "t",
            "request_time": AT,
            "spans": json.dumps(
                [{"trace_id": "t", "span_id": "a", "start_time_unix_nano": S * 10**9, "attributes": _GEN}]
            ),
        },
        PLAIN,
        None,
    ),
}


@pytest.mark.parametrize("name", _SPANS)
def test_calls_as_products_give_them_back(parse_records: Any, name: str) -> None:
    record, expected, cost = _SPANS[name]
    (row,), bad = parse_records(otel.parse, record, name="spans.json")
    assert (counts(row), bad) == (expected, [])
    assert "gpt-5" in (row.get("requested_model"), row.get("served_model"))
    assert str(row.get("recorded_cost_usd", "")).rstrip("0") == (cost or "")


def test_a_trace_of_mlflow_without_its_spans_is_named(parse_records: Any) -> None:
    told = {"mlflow.trace.tokenUsage": '{"input_tokens": 100, "output_tokens": 20}'}
    info = {"trace_id": "tr-1", "request_time": AT, "trace_metadata": told}
    for parse in (otel.parse, provider_bodies.parse):
        rows, (refused,) = parse_records(parse, {"info": info, "data": {"spans": []}}, name="trace.json")
        assert (rows, refused.reason) == ([], "usage_without_calls")
