"""Calls inside what log shippers wrap around them, and files that lie in the wrong folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record
from ingestion.sources.events.provider_bodies.calls import read_calls
from ingestion.sources.events.recognition import reader_of
from tests.unit.ingestion.events.corpus import observation, spend_log
from tests.unit.ingestion.events.usage_records import AT, counts

_BODY = {"id": "chatcmpl-1", "model": "gpt-4o", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
_LOGGED = {"response": _BODY}


@pytest.mark.parametrize(
    "line",
    [
        {"log": json.dumps(_LOGGED) + "\n", "stream": "stdout", "time": AT},
        {"insertId": "i", "timestamp": AT, "jsonPayload": _LOGGED},
        {"@timestamp": AT, "@message": json.dumps(_BODY)},
        {"_time": AT, "_raw": json.dumps({"log": json.dumps(_LOGGED)})},
        {"date": 1794304800, "kubernetes": {}, "log": json.dumps(_LOGGED)},
        {"id": "AA", "attributes": {"timestamp": AT, "message": json.dumps(_LOGGED)}},
        {"time": "2026-11-11T00:00:00Z", "log": json.dumps({"timestamp": AT, **_LOGGED})},
        {"time": 1794304800, "host": "h", "sourcetype": "_json", "event": _LOGGED},
        {"time": AT, "category": "AppTraces", "properties": {"Message": json.dumps(_LOGGED)}},
        {"TIMESTAMP": AT, "RESPONSE": _BODY},
        {"timestamp": AT, "output": _BODY},
        {"created_at": AT, "path": "/v1/chat/completions", "llm_response": json.dumps(_BODY), "request": {"n": 1}},
        {
            "results": [
                [{"field": "@timestamp", "value": AT}, {"field": "@message", "value": json.dumps(_LOGGED)}],
            ]
        },
        {
            "timestamp": AT,
            "response": "ChatCompletion(id='chatcmpl-1', choices=[Choice(why=<Reason.STOP: 'stop'>, index=0)], "
            "model='gpt-4o', usage=CompletionUsage(completion_tokens=5, prompt_tokens=10, details=None))",
        },
    ],
)
def test_the_call_is_what_the_application_logged(line: dict[str, Any]) -> None:
    row, *notes = read_calls([Record(1, line, "")])
    assert isinstance(row, dict)
    assert notes == []
    assert (row["event_id"], counts(row)) == ("chatcmpl-1", {"uncached_input": 10, "output": 5})
    assert f"{row['requested_at_utc']:%Y-%m-%dT%H:%M:%SZ}" == AT


@pytest.mark.parametrize("field", ["log", "message", "content"])
def test_words_in_such_a_field_are_no_call(field: str) -> None:
    (bad,) = read_calls([Record(1, {"time": AT, field: '{"level": "info"}'}, "")])
    assert isinstance(bad, QuarantinedRow)


def test_what_stands_before_an_object_on_its_line(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    good = json.dumps({"timestamp": AT, **_LOGGED})
    lines = [good, f"{AT} stdout F {good}", f"INFO:root:{good}", f"[{good}", f'"x": {good}', f"INFO {good[:-1]}"]
    path.write_text("\n".join(lines))
    found = list(read_json_records(path))
    assert [isinstance(item, Record) for item in found] == [True, True, True, False, False, False]


def test_two_answers_in_one_record_are_not_chosen_from() -> None:
    (bad,) = read_calls([Record(1, {"timestamp": AT, "first_answer": _BODY, "second_answer": _BODY}, "")])
    assert isinstance(bad, QuarantinedRow)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"llm_usage": {"prompt_tokens": 10, "completion_tokens": 5}}, {"uncached_input": 10, "output": 5}),
        ({"tokens": {"prompt": 10, "completion": 5, "total": 15}}, {"uncached_input": 10, "output": 5}),
        (
            {"token_usage": {"input": 10, "cached_tokens": 4, "output": 5, "total": 15}},
            {"uncached_input": 6, "cache_read": 4, "output": 5},
        ),
    ],
)
def test_the_only_object_that_counts_both_sides_is_the_usage(fields: dict[str, Any], expected: dict[str, int]) -> None:
    (row,) = read_calls([Record(1, {"timestamp": AT, "model": "gpt-4o", **fields}, "")])
    assert isinstance(row, dict)
    assert counts(row) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"tokens": {"input": 10, "cached_tokens": 4, "output": 5}},
        {"tokens": {"input": 10, "output": 5}, "turn_tokens": {"input": 1, "output": 1}},
        {"tokens": {"limit": 10}},
    ],
)
def test_objects_of_counters_with_several_meanings_are_asked_about(fields: dict[str, Any]) -> None:
    (bad,) = read_calls([Record(1, {"timestamp": AT, "model": "gpt-4o", **fields}, "")])
    assert isinstance(bad, QuarantinedRow)


def test_tokens_among_the_fields_of_a_record_need_a_mapping() -> None:
    (bad,) = read_calls([Record(1, {"timestamp": AT, "model": "gpt-4o", "prompt_tokens": 10}, "")])
    assert isinstance(bad, QuarantinedRow)
    assert "costops map" in bad.message


def test_records_of_tools_are_known_in_the_folder_of_bodies() -> None:
    assert reader_of([spend_log(1), spend_log(2)]) == "litellm"
    assert reader_of([observation(1)]) == "langfuse"
    assert reader_of([{"resourceSpans": []}]) == "otel"
    assert reader_of([_BODY]) is None
