"""A call that an application logs is the same call whatever logger wrote the line; lines as the loggers write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingestion.sources.events.provider_bodies import parse

AT = "2026-11-10T10:00:00.500Z"
USED = {
    "prompt_tokens": 100,
    "completion_tokens": 10,
    "total_tokens": 110,
    "prompt_tokens_details": {"cached_tokens": 40},
}
CALL = {"model": "gpt-5", "usage": USED}
FLAT = {"model": "gpt-5", "prompt_tokens": 60, "completion_tokens": 10}
LINES: dict[str, dict[str, Any]] = {
    "Logstash": {"@timestamp": AT, "@version": "1", "message": "x", "level": "INFO", **CALL},
    "Serilog": {"@t": AT, "@mt": "asked {Model}", "response": CALL},
    "python-json-logger": {"asctime": "2026-11-10 10:00:00,500", "message": "x", "llm": CALL},
    "python-json-logger, counters": {"asctime": "2026-11-10 10:00:00,500", "message": "x", "llm": FLAT},
    "Monolog": {"message": "x", "context": CALL, "level": 200, "datetime": "2026-11-10T10:00:00.500000+00:00"},
    "loguru": {"text": "x", "record": {"extra": CALL, "time": {"repr": "10:00 +02:00", "timestamp": 1_794_304_800.5}}},
    "tracing": {"timestamp": AT, "level": "INFO", "fields": {"message": "x", **FLAT}, "target": "app"},
    "slog": {"time": AT, "level": "INFO", "msg": "x", "llm": FLAT},
    "a job's own": {"started_at": AT, "ended_at": "2026-11-10T10:00:02Z", **CALL},
    "a database's": {"createdAt": AT, **CALL},
    "SAP's orchestration": {"timestamp": AT, "response": {"request_id": "r", "orchestration_result": CALL}},
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_call_is_the_same_whatever_logger_wrote_it(parse_records: Callable[..., Any], line: dict[str, Any]) -> None:
    ((row,), bad) = parse_records(parse, line)
    assert (str(row["requested_at_utc"]), row["served_model"], bad) == ("2026-11-10 10:00:00.500000", "gpt-5", [])
    assert (row["uncached_input_tokens"], row["output_tokens"]) == (60, 10)


def test_a_day_alone_is_no_time_of_a_call(parse_records: Callable[..., Any]) -> None:
    rows, (bad,) = parse_records(parse, {"date": "2026-11-10", **CALL})
    assert (rows, bad.reason) == ([], "missing_timestamp")


def test_labels_that_a_request_tells_the_api_are_tags(parse_records: Callable[..., Any]) -> None:
    response = {"object": "response", "id": "resp_1", "metadata": {"team": "ads"}, **CALL}
    rows, _ = parse_records(
        parse,
        {"timestamp": AT, "request": {"metadata": {"team": "search", "user_id": "u"}}, "response": CALL},
        {"timestamp": AT, "request": {"labels": {"team": "search"}}, "tags": {"team": "own"}, "response": CALL},
        {"timestamp": AT, "response": response},
        {"timestamp": AT, "request": {"requestMetadata": {"team": "search"}}, "response": CALL},
    )
    assert [json.loads(row["tags"]) for row in rows] == [
        {"team": "search"},
        {"team": "own"},
        {"team": "ads"},
        {"team": "search"},
    ]


def test_counters_below_the_name_of_a_sum_are_no_call(parse_records: Callable[..., Any]) -> None:
    rows, (bad,) = parse_records(parse, {"time": AT, "msg": "x", "session_summary": FLAT})
    assert (rows, bad.reason) == ([], "missing_usage")


@pytest.mark.parametrize(
    ("said", "is_billable"),
    [
        ({"cache_hit": True}, False),
        ({"from_cache": "true"}, False),
        ({"cache_status": "HIT"}, False),
        ({"cache_status": "semantic hit"}, False),
        ({"cache_status": "MISS"}, True),
        ({"cache_hit": False}, True),
    ],
)
def test_what_a_cache_of_answers_gave_is_not_billed(
    parse_records: Callable[..., Any], said: dict[str, Any], is_billable: bool
) -> None:
    (row,), _ = parse_records(parse, {"timestamp": AT, "response": CALL} | said)
    assert row["is_billable"] is is_billable
