"""Spans as exporters and backends write them, each of one call; counts by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import otel, provider_bodies
from tests.unit.ingestion.events.corpus import export
from tests.unit.ingestion.events.usage_records import AT, counts

_S = 1_794_304_800
_CACHED = {"uncached_input": 60, "cache_read": 40, "output": 20}
_BESIDE = {"uncached_input": 10, "cache_read": 100, "cache_write": 50, "output": 20}
_PLAIN = {"uncached_input": 100, "output": 20}
_USED = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20, "gen_ai.usage.cached_tokens": 40}
_CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.provider.name": "openai", **_USED}
_IDS = {"span_id": "s-1", "trace_id": "t-1"}
_FLAT = {"input_tokens": 10, "output_tokens": 20, "cache_read_tokens": 100, "cache_creation_tokens": 50}
_SPANS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "a file of Copilot CLI": (
        {
            "type": "span",
            "traceId": "t-1",
            "spanId": "s-1",
            "startTime": [_S, 0],
            "endTime": [_S + 1, 0],
            "attributes": _CHAT,
        },
        _CACHED,
    ),
    "the console exporter of JavaScript": (
        {"traceId": "t-1", "id": "s-1", "timestamp": _S * 10**6, "duration": 10, "attributes": _CHAT},
        _CACHED,
    ),
    "sentry": ({**_IDS, "start_timestamp": _S + 0.5, "timestamp": _S + 1.5, "data": _CHAT}, _CACHED),
    "honeycomb": ({"Timestamp": AT, "trace.span_id": "s-1", "trace.trace_id": "t-1", **_CHAT}, _CACHED),
    "an access log of a gateway": ({"start_time": AT, "x-request-id": "r", **_CHAT}, _CACHED),
    "datadog": (
        {
            **_IDS,
            "parent_id": "undefined",
            "start_ns": _S * 10**9,
            "duration": 10**9,
            "meta": {"span.kind": "llm", "model_name": "gpt-5", "model_provider": "openai"},
            "metrics": {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "cache_read_input_tokens": 40},
        },
        _CACHED,
    ),
    "a page of datadog's export": (
        {
            "data": [
                {
                    "id": "1",
                    "attributes": {
                        **_IDS,
                        "span_kind": "llm",
                        "start_ms": _S * 1000,
                        "metrics": {"input_tokens": 100, "output_tokens": 20},
                    },
                }
            ]
        },
        _PLAIN,
    ),
    "braintrust": (
        {
            "id": "b",
            "span_id": "s-1",
            "root_span_id": "t-1",
            "span_parents": ["r"],
            "created": AT,
            "metadata": {"model": "gpt-5"},
            "metrics": {"start": _S, "prompt_tokens": 100, "completion_tokens": 20, "prompt_cached_tokens": 40},
            "span_attributes": {"type": "llm"},
        },
        _CACHED,
    ),
    "weave": (
        {
            "id": "w",
            "trace_id": "t-1",
            "op_name": "weave:///x",
            "started_at": AT,
            "summary": {"usage": {"gpt-5": {"prompt_tokens": 100, "completion_tokens": 20, "requests": 1}}},
        },
        _PLAIN,
    ),
    "a row of ClickHouse": (
        {"Timestamp": AT, "TraceId": "t", "SpanId": "s", "Duration": 9, "SpanAttributes": _CHAT},
        _CACHED,
    ),
    "a row of SigNoz": (
        {
            "timestamp": AT,
            "traceID": "t",
            "spanID": "s",
            "attributes_string": {"gen_ai.request.model": "gpt-5"},
            "attributes_number": _USED,
        },
        _CACHED,
    ),
    "a row of Application Insights": (
        {"timestamp": AT, "operation_Id": "t", "id": "s", "duration": 9, "customDimensions": json.dumps(_CHAT)},
        _CACHED,
    ),
    "a document of Elasticsearch": (
        {"_index": "x", "_source": {"@timestamp": AT, "trace_id": "t", "span_id": "s", "attributes": _CHAT}},
        _CACHED,
    ),
    "new relic": (
        {
            "timestamp": _S * 1000,
            "id": "n",
            "vendor": "openai",
            "request.model": "gpt-5",
            "response.usage.prompt_tokens": 100,
            "response.usage.completion_tokens": 20,
        },
        _PLAIN,
    ),
    "claude code": (
        export(_otlp := {"traceId": "t", "spanId": "s", "startTimeUnixNano": f"{_S}000000000"})
        | {
            "resourceSpans": [
                {
                    "scopeSpans": [
                        {"spans": [{**_otlp, "attributes": {"span.type": "llm_request", "model": "claude-x", **_FLAT}}]}
                    ]
                }
            ]
        },
        _BESIDE,
    ),
    "images": (
        {
            **_IDS,
            "start_time": AT,
            "attributes": {
                "gen_ai.request.model": "gemini-2.5-flash-image",
                "gen_ai.output.type": "image",
                "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 20,
            },
        },
        {"uncached_input": 100, "image_output": 20},
    ),
    "adk before 2.3": (
        {
            **_IDS,
            "start_time": AT,
            "attributes": {
                "gen_ai.system": "gcp.vertex.agent",
                "gen_ai.request.model": "gemini-2.5-flash",
                "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 20,
                "gen_ai.usage.experimental.reasoning_tokens": 7,
                "gen_ai.usage.experimental.reasoning_tokens_limit": 1024,
            },
        },
        {"uncached_input": 100, "output": 27, "reasoning": 7},
    ),
}


@pytest.mark.parametrize("name", _SPANS)
def test_spans_as_exporters_and_backends_write_them(parse_records: Any, name: str) -> None:
    record, expected = _SPANS[name]
    for parse in (otel.parse, provider_bodies.parse):
        (row,), bad = parse_records(parse, record)
        assert (counts(row), bad) == (expected, [])
        assert str(row["requested_at_utc"]).startswith("2026-11-10 10:00:00")
