from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from ingestion.sources.events.otel import parse
from tests.unit.ingestion.events.conftest import source_file
from tests.unit.ingestion.events.corpus import export, span

NEWEST = {
    "gen_ai.usage.input_tokens": None,
    "gen_ai.usage.output_tokens": None,
    "gen_ai.usage.cache_read.input_tokens": None,
}


def one(parse_records: Any, *records: Any) -> dict[str, Any]:
    rows, bad = parse_records(parse, *records)
    assert bad == []
    (row,) = rows
    return row


def tokens(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    return tuple(row.get(name) for name in names)


def test_a_span(parse_records: Any) -> None:
    row = one(
        parse_records, export(span(1, **{"openai.response.service_tier": "flex", "gen_ai.conversation.id": "s1"}))
    )
    assert tokens(row) == (60, 40, None, 30)
    assert (row["event_id"], row["provider_name"]) == ("resp-1", "openai")
    assert (row["requested_model"], row["served_model"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert row["requested_at_utc"] == datetime(2026, 1, 1, 0, 0, 1)  # noqa: DTZ001
    assert (row["duration_ms"], row["environment"], row["session_id"]) == (700, "prod", "s1")
    assert row["served_service_tier"] == "flex"
    assert json.loads(row["tags"]) == {"service.name": "answers"}


@pytest.mark.parametrize(
    "attributes",
    [
        {
            "gen_ai.system": "openai",
            "gen_ai.usage.prompt_tokens": 100,
            "gen_ai.usage.completion_tokens": 30,
            "gen_ai.usage.cache_read_input_tokens": 25,
            "gen_ai.usage.cache_creation_input_tokens": 15,
            "llm.request.type": "chat",
            "gen_ai.operation.name": None,
        },
        {
            "llm.token_count.prompt": 100,
            "llm.token_count.completion": 30,
            "llm.token_count.prompt_details.cache_read": 25,
            "llm.token_count.prompt_details.cache_write": 15,
            "openinference.span.kind": "LLM",
            "gen_ai.operation.name": None,
        },
        {
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.prompt_tokens": 999,
            "gen_ai.usage.output_tokens": 30,
            "gen_ai.usage.cache_read.input_tokens": 25,
            "gen_ai.usage.cache_read_input_tokens": 999,
            "gen_ai.usage.cache_creation.input_tokens": 15,
        },
    ],
    ids=["conventions_1.36_and_openllmetry", "openinference", "newest_of_several_generations_wins"],
)
def test_every_generation_of_names(parse_records: Any, attributes: dict[str, Any]) -> None:
    assert tokens(one(parse_records, export(span(1, **(NEWEST | attributes))))) == (60, 25, 15, 30)


def test_cached_tokens_beyond_input_mean_that_input_excludes_them(parse_records: Any) -> None:
    older = {"gen_ai.usage.input_tokens": 12, "gen_ai.usage.cache_read_input_tokens": 2_000} | {
        "gen_ai.usage.cache_read.input_tokens": None
    }
    assert tokens(one(parse_records, export(span(1, **older)))) == (12, 2_000, None, 30)


def test_modalities(parse_records: Any) -> None:
    given = {"gen_ai.usage.audio.input_tokens": 20, "gen_ai.usage.audio.output_tokens": 5}
    row = one(parse_records, export(span(1, **given)))
    assert (row["uncached_input_tokens"], row["audio_input_tokens"], row["audio_output_tokens"]) == (40, 20, 5)


def test_agent_span_with_the_sum_of_its_children_is_not_counted_even_when_they_come_later(parse_records: Any) -> None:
    agent = span(1, **{"gen_ai.operation.name": "invoke_agent", "gen_ai.response.id": None})
    middle = {**span(2, **{"gen_ai.operation.name": "chain"}), "attributes": []}
    child, other = span(3), span(4)
    for part in (agent, middle, child, other):
        part["traceId"] = "a" * 32
    middle["parentSpanId"] = agent["spanId"]
    child["parentSpanId"] = other["parentSpanId"] = middle["spanId"]
    rows, bad = parse_records(parse, export(agent), export(child), export(middle, other))
    assert sorted(row["event_id"] for row in rows) == ["resp-3", "resp-4"]
    assert bad == []


def test_inference_span_around_another_is_not_a_leaf(parse_records: Any) -> None:
    outer, inner = span(1, **{"gen_ai.response.id": None}), span(2)
    inner |= {"traceId": outer["traceId"], "parentSpanId": outer["spanId"]}
    assert one(parse_records, export(inner), export(outer))["event_id"] == "resp-2"


def test_agent_tokens_without_calls_are_set_aside(parse_records: Any) -> None:
    rows, bad = parse_records(parse, export(span(1, **{"gen_ai.operation.name": "invoke_agent"})))
    assert (rows, [entry.reason for entry in bad]) == ([], ["usage_without_calls"])


def test_repeated_exports_and_double_instrumentation_count_once(tmp_path: Any) -> None:
    twin = span(2) | {"attributes": span(1)["attributes"]}
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps(export(one)) for one in (span(1), span(1), twin)))
    batches = list(parse(source_file(path)))
    assert sum(batch.table.num_rows for batch in batches if batch.table) == 1
    assert any("2 spans exported or instrumented twice" in note for batch in batches for note in map(str, batch.notes))


def test_a_span_that_is_its_own_parent_counts(parse_records: Any) -> None:
    given = span(1)
    assert one(parse_records, export(given | {"parentSpanId": given["spanId"]}))


def test_streaming_span_without_usage_is_set_aside_and_an_error_lands(parse_records: Any) -> None:
    failed = span(2, **(NEWEST | {"error.type": "rate_limit_exceeded", "gen_ai.response.id": None}))
    rows, bad = parse_records(parse, export(span(1, **NEWEST), failed))
    assert [(row["status"], row["error_type"]) for row in rows] == [("error", "rate_limit_exceeded")]
    assert "output_tokens" not in rows[0]
    assert [entry.reason for entry in bad] == ["missing_usage"]


def test_fetch_response_and_tools_are_no_calls(parse_records: Any) -> None:
    spans = [
        span(n, **(NEWEST | {"gen_ai.operation.name": name}))
        for n, name in enumerate(("fetch_response", "execute_tool"))
    ]
    assert parse_records(parse, export(*spans)) == ([], [])


def test_one_pretty_printed_document(tmp_path: Any) -> None:
    path = tmp_path / "traces.json"
    path.write_text(json.dumps(export(span(1), span(2)), indent=2))
    (batch,) = parse(source_file(path))
    assert batch.table is not None
    assert batch.table.num_rows == 2


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"resourceProfiles": []}, "not_a_trace_export"),
        (export({"name": "x"}), "missing_span_id"),
        (export(span(1, **{"gen_ai.usage.input_tokens": "many"})), "invalid_number"),
        (export(span(1, **{"gen_ai.usage.reasoning.output_tokens": 31})), "parts_exceed_total"),
        (export(span(1) | {"startTimeUnixNano": "0"}), "missing_timestamp"),
        (export(span(1) | {"startTimeUnixNano": "x"}), "invalid_time"),
    ],
)
def test_broken_spans_are_quarantined(parse_records: Any, record: Any, reason: str) -> None:
    rows, bad = parse_records(parse, record, export(span(9)))
    assert [row["event_id"] for row in rows] == ["resp-9"]
    assert [(entry.row_number, entry.reason) for entry in bad] == [(1, reason)]
