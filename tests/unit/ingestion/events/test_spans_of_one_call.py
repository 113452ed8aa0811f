"""Spans, events and records of one call that tell of it in part, or twice; counts by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events import otel
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.usage_records import AT, counts

_S = 1_794_304_800
_CACHED = {"uncached_input": 60, "cache_read": 40, "output": 20}
_PLAIN = {"uncached_input": 100, "output": 20}
_USED = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20, "gen_ai.usage.cached_tokens": 40}
_CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.provider.name": "openai", **_USED}


def test_spans_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "spans.csv"
    path.write_text(
        "context.span_id,context.trace_id,parent_id,start_time,attributes.openinference.span.kind,"
        "attributes.llm.model_name,attributes.llm.token_count.prompt,attributes.llm.token_count.completion\n"
        "s0,t,,2026-11-10 10:00:00+00:00,AGENT,,100.0,20.0\n"
        "s1,t,s0,2026-11-10 10:00:00+00:00,LLM,gpt-5,100.0,20.0\n"
    )
    (row,), bad = run(otel.parse, path)
    assert (counts(row), row["event_id"], bad) == (_PLAIN, "t:s1", [])


def _in_trace(identity: str, parent: str | None, **attributes: Any) -> dict[str, Any]:
    times = {"start_time": AT, "end_time": AT}
    return {"trace_id": "t", "span_id": identity, "parent_span_id": parent, "attributes": attributes, **times}


_LEAF = {"gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-flash"}
_ANSWER = {"promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 7, "totalTokenCount": 127}


def test_a_span_that_shows_the_same_call_and_tells_more_completes_it(parse_records: Any) -> None:
    used = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}
    model = {"gen_ai.request.model": "gemini-2.5-flash", "gen_ai.system": "gcp.vertex.agent"}
    answer = {"gcp.vertex.agent.llm_response": json.dumps({"usage_metadata": _ANSWER})}
    spans = [_in_trace("above", None, **model, **used, **answer), _in_trace("below", "above", **_LEAF, **used)]
    (row,), bad = parse_records(otel.parse, *spans)
    assert (row["event_id"], counts(row)) == ("t:below", {"uncached_input": 100, "output": 27, "reasoning": 7})
    assert bad == []
    two = [*spans, _in_trace("another", "above", **_LEAF, **used)]
    rows, _ = parse_records(otel.parse, *two)
    assert [counts(row) for row in rows] == [_PLAIN, _PLAIN], "what lies above two calls is neither of them"


def test_a_call_without_counts_below_the_span_that_counts_it_is_no_fault(parse_records: Any) -> None:
    (row,), bad = parse_records(
        otel.parse, _in_trace("above", None, **_CHAT), _in_trace("below", "above", **{"gen_ai.operation.name": "chat"})
    )
    assert (row["event_id"], bad) == ("t:above", [])


def test_the_event_of_the_conventions_is_the_call_where_no_span_is(parse_records: Any) -> None:
    attributes = [{"key": name, "value": {"stringValue": str(item)}} for name, item in _CHAT.items()]
    name = "gen_ai.client.inference.operation.details"
    record = {"timeUnixNano": f"{_S}000000000", "eventName": name, "traceId": "t", "spanId": "s-1"}
    event = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record | {"attributes": attributes}]}]}]}
    (row,), bad = parse_records(otel.parse, event)
    assert (counts(row), row["event_id"], bad) == (_CACHED, "t:s-1", [])
    span = {"trace_id": "t", "span_id": "s-1", "start_time": AT, "attributes": _CHAT}
    assert len(parse_records(otel.parse, event, span)[0]) == 1


def test_an_unknown_counter_in_text_below_a_dotted_name_is_named(parse_records: Any) -> None:
    """OTLP writes whole numbers as text."""
    (row,), _ = parse_records(otel.parse, _in_trace("s", None, **_CHAT, **{"gen_ai.usage.future.zeta_tokens": "77"}))
    assert [(each.key, each.quantity) for each in unresolved_of(row)] == [("gen_ai.usage.future.zeta_tokens", 77)]


@pytest.mark.parametrize(("currency", "expected"), [("USD", "charge"), ("EUR", None)])
def test_the_cost_of_the_conventions_is_a_charge_where_the_provider_told_it(
    parse_records: Any, currency: str, expected: str | None
) -> None:
    cost = {"amount": 0.25, "currency": currency, "source": "provider"}
    given = {f"gen_ai.usage.cost.{name}": item for name, item in cost.items()}
    (row,), _ = parse_records(otel.parse, _in_trace("s", None, **_CHAT, **given))
    assert row.get("recorded_cost_kind") == expected


def test_log_records_alone_as_gemini_cli_writes_them_to_a_file(parse_records: Any) -> None:
    used = {"input_token_count": 100, "output_token_count": 20, "cached_content_token_count": 40}
    said = {"event.name": "gemini_cli.api_response", "model": "gemini-2.5-pro", **used}
    (row,), bad = parse_records(otel.parse, {"hrTime": [_S, 0], "_body": "x", "attributes": said})
    assert (counts(row), bad) == (_CACHED, [])
    assert str(row["requested_at_utc"]) == "2026-11-10 10:00:00"
