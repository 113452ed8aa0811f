"""Spans that keep the usage in what was put out, spans written twice, and tags of spans as products keep them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingestion.sources.events.litellm import parse as parse_litellm
from ingestion.sources.events.otel import parse
from tests.unit.ingestion.events.conftest import source_file
from tests.unit.ingestion.events.usage_records import plain_counts as counts

START = 1_794_304_800_000_000_000


def exported(identity: str, attributes: dict[str, Any], parent: str = "") -> dict[str, Any]:
    said = [{"key": name, "value": {"stringValue": str(item)}} for name, item in attributes.items()]
    times = {"startTimeUnixNano": str(START), "endTimeUnixNano": str(START + 10**9)}
    span = {"traceId": "t", "spanId": identity, "parentSpanId": parent, "attributes": said, **times}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def test_what_a_model_of_genkit_put_out_is_counted(parse_records: Callable[..., Any]) -> None:
    used = {"inputTokens": 100, "outputTokens": 10, "thoughtsTokens": 5, "cachedContentTokens": 40, "totalTokens": 115}
    said = {"genkit:type": "action", "genkit:metadata:subtype": "model", "genkit:name": "googleai/gemini-2.5-flash"}
    flow = exported("p", {"genkit:type": "flow", "genkit:output": json.dumps({"usage": used})})
    call = exported("c", said | {"genkit:output": json.dumps({"usage": used, "finishReason": "stop"})}, "p")
    ((row,), bad) = parse_records(parse, flow, call)
    assert (counts(row), row["provider_name"], row["requested_model"]) == ((60, 40, 15), "google", "gemini-2.5-flash")
    assert (row["reasoning_tokens"], bad) == (5, [])


def test_replies_in_a_span_of_haystack_are_counted_once(parse_records: Callable[..., Any]) -> None:
    used = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}}
    replies = {"replies": [{"role": "assistant", "meta": {"model": "gpt-5", "usage": used}}]}
    whole = exported("p", {"haystack.pipeline.output_data": json.dumps({"llm": replies})})
    call = exported("c", {"haystack.component.output": json.dumps(replies)}, "p")
    ((row,), bad) = parse_records(parse, whole, call)
    assert (counts(row), row["requested_model"], bad) == ((60, 40, 10), "gpt-5", [])


def test_a_pending_span_of_logfire_is_no_call_without_counts(parse_records: Callable[..., Any]) -> None:
    said = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}
    used = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10}
    pending = exported("s0", said | {"logfire.span_type": "pending_span"}, "s1")
    ((row,), bad) = parse_records(parse, pending, exported("s1", said | used | {"logfire.span_type": "span"}))
    assert (counts(row), bad) == ((100, 10), [])


def test_tags_of_a_span_of_datadog_are_its_tags(parse_records: Callable[..., Any]) -> None:
    told = {"kind": "llm", "metadata": {"model_name": "gpt-5", "model_provider": "openai"}}
    used = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
    span = {"span_id": "1", "trace_id": "9", "parent_id": "undefined", "start_ns": START, "duration": 10**9}
    tags = ["env:prod", "team:search", "beta"]
    (row,), _ = parse_records(parse, span | {"meta": told, "metrics": used, "tags": tags})
    assert json.loads(row["tags"]) == {"env": "prod", "team": "search", "beta": "true"}
    assert row["environment"] == "prod"


def test_an_image_that_litellm_neither_counted_nor_priced_is_no_call_of_zero(
    parse_records: Callable[..., Any],
) -> None:
    row = {"request_id": "r-1", "startTime": "2026-11-10T12:00:00Z", "model": "gpt-image-1", "spend": 0.0}
    row |= {"call_type": "aimage_generation", "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    rows, (bad,) = parse_records(parse_litellm, row)
    assert (rows, bad.reason, "aimage_generation" in bad.message) == ([], "missing_usage", True)
    (paid,), _ = parse_records(parse_litellm, row | {"spend": 0.042})
    assert (str(paid["recorded_cost_usd"]), counts(paid)) == ("0.042000000000", ())
    (hit,), _ = parse_records(parse_litellm, row | {"cache_hit": "True"})
    assert hit["is_billable"] is False


def test_rerankers_that_count_nothing_are_named_by_model(tmp_path: Path) -> None:
    said = {"openinference.span.kind": "RERANKER", "reranker.model_name": "rerank-v3.5", "reranker.top_k": "3"}
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join(json.dumps(exported(identity, said)) for identity in ("a1", "a2")))
    (note,) = [note for batch in parse(source_file(path)) for note in batch.notes]
    assert ("rerank-v3.5 (2)" in note.message, note.count) == (True, 2)
