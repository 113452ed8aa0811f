"""One call in every form in which people have a trace of it, and the objects in which tools keep their counters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.otel.traces import read_traces
from tests.unit.ingestion.events.usage_records import counts

START, END = "1794304800000000000", "1794304802000000000"
TRACE, SPAN = "5b8aa5a2d2c872e8321cf37308d69df2", "051581bf3cb55c13"
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 10,
}


def camel(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", int: "intValue"}
    return [{"key": key, "value": {kinds[type(value)]: str(value)}} for key, value in attributes.items()]


def snake(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "string_value", int: "int_value"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in attributes.items()]


def part(attributes: dict[str, Any] = CALL) -> dict[str, Any]:
    span = {"traceId": TRACE, "spanId": SPAN, "startTimeUnixNano": START, "endTimeUnixNano": END}
    return {"scopeSpans": [{"spans": [span | {"attributes": camel(attributes)}]}]}


SNAKE_SPAN = {"trace_id": TRACE, "span_id": SPAN, "start_time_unix_nano": int(START), "end_time_unix_nano": int(END)}
TAGS = [{"key": key, "type": "string", "value": value} for key, value in CALL.items()]
FORMS: dict[str, dict[str, Any]] = {
    "otlp": {"resourceSpans": [part()]},
    "protobuf dumped": {"resource_spans": [{"scope_spans": [{"spans": [SNAKE_SPAN | {"attributes": snake(CALL)}]}]}]},
    "tempo 1": {"batches": [part()]},
    "tempo 2": {"trace": {"resourceSpans": [part()]}},
    "jaeger": {
        "data": [
            {
                "traceID": TRACE,
                "processes": {"p1": {"serviceName": "app"}},
                "spans": [
                    {
                        "traceID": TRACE,
                        "spanID": SPAN,
                        "references": [],
                        "startTime": 1794304800000000,
                        "duration": 2000000,
                        "tags": TAGS,
                        "processID": "p1",
                    }
                ],
            }
        ]
    },
    "console": {
        "name": "chat gpt-5",
        "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{SPAN}"},
        "parent_id": None,
        "start_time": "2026-11-10T10:00:00.000000Z",
        "end_time": "2026-11-10T10:00:02.000000Z",
        "attributes": CALL,
    },
    "logfire": {
        "kind": "span",
        "trace_id": TRACE,
        "span_id": SPAN,
        "start_timestamp": "2026-11-10T10:00:00.000000Z",
        "end_timestamp": "2026-11-10T10:00:02.000000Z",
        "attributes": json.dumps(CALL),
    },
}


def read(*values: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    found = list(read_traces(Record(number, value, "") for number, value in enumerate(values, start=1)))
    others = [item for item in found if isinstance(item, Note | QuarantinedRow)]
    return [item for item in found if isinstance(item, dict)], others


@pytest.mark.parametrize("form", FORMS)
def test_a_call_is_the_same_in_every_form_of_its_trace(form: str) -> None:
    (row,), others = read(FORMS[form])
    assert not others
    assert counts(row) == {"uncached_input": 100, "output": 10}
    assert (row["event_id"], row["provider_name"], row["requested_model"]) == (f"{TRACE}:{SPAN}", "openai", "gpt-5")
    assert (row["requested_at_utc"].isoformat(), row["duration_ms"]) == ("2026-11-10T10:00:00", 2000)


def test_a_pending_span_is_no_call_yet_and_a_span_without_a_time_is_named() -> None:
    assert read(FORMS["logfire"] | {"kind": "pending_span"}) == ([], [])
    _, (bad,) = read(FORMS["console"] | {"start_time": "yesterday"})
    assert (bad.reason, bad.field, bad.row_number) == ("invalid_time", "start_time", 1)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"mlflow.chat.tokenUsage": '{"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}'}, {}),
        ({"langfuse.observation.usage_details": '{"input": 100, "output": 10}'}, {}),
        (
            {
                "gen_ai.usage.input_tokens": "100",
                "gen_ai.usage.output_tokens": "10",
                "gen_ai.usage.input_token_details": '{"cache_read": 40}',
            },
            {"uncached_input": 60, "cache_read": 40},
        ),
        ({"openinference.span.kind": "RERANKER", "llm.token_count.total": 100}, {"output": None}),
        ({"openinference.span.kind": "EMBEDDING", "llm.token_count.prompt": 100}, {"output": None}),
    ],
)
def test_counters_in_objects_and_of_reranking_are_read(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    (row,), others = read({"resourceSpans": [part({"reranker.model_name": "m"} | attributes)]})
    assert not others
    full = {"uncached_input": 100, "output": 10} | expected
    assert counts(row) == {name: number for name, number in full.items() if number is not None}
    assert row["requested_model"] == "m"


def test_reranking_that_counts_nothing_is_no_call_and_named() -> None:
    rows, notes = read({"resourceSpans": [part({"openinference.span.kind": "RERANKER", "reranker.model_name": "m"})]})
    assert (rows, [note.kind for note in notes]) == ([], ["usage_without_row"])


def log(name: str, **attributes: Any) -> dict[str, Any]:
    record = {"timeUnixNano": START, "eventName": name, "attributes": camel(attributes)}
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}


USED = {"model": "qwen3-coder", "input_token_count": 1000, "output_token_count": 50, "cached_content_token_count": 400}


def test_an_agent_made_from_gemini_cli_is_read_and_no_maker_is_guessed() -> None:
    (row,), _ = read(log("qwen-code.api_response", **USED))
    assert counts(row) == {"uncached_input": 600, "cache_read": 400, "output": 50}
    assert row["provider_name"] is None


def test_a_log_record_with_tokens_that_is_no_known_call_is_named() -> None:
    rows, (note,) = read(log("own.summary", **{"gen_ai.usage.input_tokens": 100}))
    assert not rows
    assert "own.summary (1)" in note.message


def test_an_event_beside_an_agents_own_record_is_its_second_copy() -> None:
    second = log("gen_ai.client.inference.operation.details", **{"gen_ai.usage.input_tokens": 100})
    (row,), notes = read(log("gemini_cli.api_response", **USED), second)
    assert (row["requested_model"], notes) == ("qwen3-coder", [])
