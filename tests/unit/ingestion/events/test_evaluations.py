"""Files of what evaluates or runs models, and sums by model; numbers are made up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ingestion.sources.events import langfuse, otel, provider_bodies
from tests.unit.ingestion.events.test_reported_faults import AT, counted
from tests.unit.ingestion.events.test_reported_faults_of_tools import export, span

SPENT = {"prompt": 90, "completion": 20, "total": 110, "numRequests": 1, "completionDetails": {"reasoning": 7}}
ASKED = {"provider": {"id": "openai:chat:gpt-5"}, "promptIdx": 0, "testIdx": 0, "id": "r-1", "cost": 0.5}
RESULT = ASKED | {"timestamp": AT, "response": {"tokenUsage": SPENT}}
CACHED = ASKED | {
    "timestamp": AT,
    "id": "r-2",
    "response": {"cached": True, "tokenUsage": {"cached": 110, "total": 110}},
}
GRADED = RESULT | {"gradingResult": {"tokensUsed": {"prompt": 40, "completion": 3, "total": 43}}}
WHOLE = {"evalId": "e", "results": {"timestamp": AT, "results": [RESULT, CACHED], "stats": {"tokenUsage": SPENT}}}
ONE = {"in": 90, "out": 20}


@pytest.mark.parametrize(
    ("records", "expected"),
    [([RESULT], [ONE]), ([CACHED, RESULT], [ONE]), ([GRADED], [ONE, {"in": 40, "out": 3}]), ([WHOLE], [ONE])],
    ids=["line", "cached", "graded", "document"],
)
def test_results_of_promptfoo(parse_records: Any, records: list[Any], expected: list[Any]) -> None:
    rows, bad = parse_records(provider_bodies.parse, *records)
    assert ([counted(row) for row in rows], bad) == (expected, [])
    first = rows[0]
    assert (first["provider_name"], first["served_model"], first["recorded_cost_kind"]) == (
        "openai",
        "gpt-5",
        "estimate",
    )
    assert [row.get("unresolved_usage") for row in rows] == [None] * len(rows)


SIDES = {"input_tokens": 60, "input_tokens_cache_read": 30, "output_tokens": 20, "total_tokens": 110}
EVENT = {"event": "model", "uuid": "u", "timestamp": AT, "model": "anthropic/claude-sonnet-4-5"}
EVENT |= {"output": {"model": "claude-sonnet-4-5-20250929", "usage": SIDES}}
LOG = {"version": 2, "status": "success", "eval": {"model": "x"}, "stats": {"model_usage": {"x": SIDES}}}


def test_logs_of_inspect_count_answers_and_no_sums(parse_records: Any) -> None:
    samples = [{"events": [{"event": "info"}, EVENT, EVENT | {"uuid": "v", "cache": "read"}]}]
    (row,), bad = parse_records(provider_bodies.parse, LOG | {"samples": samples})
    assert (counted(row), row["provider_name"], bad) == ({"in": 60, "read": 30, "out": 20}, "anthropic", [])
    rows, (refused,) = parse_records(provider_bodies.parse, LOG)
    assert (rows, refused.reason) == ([], "usage_without_calls")


ANSWER = {"id": "chatcmpl-77", "model": "m", "usage": {"prompt_tokens": 90, "completion_tokens": 20}}
IDLE = {"id": 6, "timestamp": AT, "source": "agent", "llm_metrics": {"accumulated_cost": 3}}
OF_CALL = {"model": "m", "prompt_tokens": 90, "completion_tokens": 20, "cache_read_tokens": 30, "response_id": "c-1"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (IDLE | {"id": 5, "tool_call_metadata": {"model_response": ANSWER}}, ONE),
        (
            {"token_usages": [OF_CALL], "costs": [{"cost": 0.1, "timestamp": 1794304800.5}]},
            {"in": 60, "read": 30, "out": 20},
        ),
    ],
    ids=["event", "metrics"],
)
def test_files_of_openhands(parse_records: Any, record: dict[str, Any], expected: dict[str, int]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, record, IDLE)
    assert (counted(row), bad) == (expected, [])


@pytest.mark.parametrize("name", ["usage", "usage_metadata", "model_usage"])
def test_sums_by_model_are_a_row_for_each_and_marked(parse_records: Any, name: str) -> None:
    per_model = {"gpt-5": {"input_tokens": 90, "output_tokens": 20}, "o4-mini": {"input_tokens": 9, "output_tokens": 2}}
    rows, bad = parse_records(provider_bodies.parse, {"timestamp": AT, "team_id": "t", name: per_model})
    assert [(row["served_model"], row["team_id"], counted(row)) for row in rows] == [
        ("gpt-5", "t", ONE),
        ("o4-mini", "t", {"in": 9, "out": 2}),
    ]
    assert ({row["unknown_usage_reason"] for row in rows}, bad) == ({"summed_calls"}, [])


def test_a_total_may_hold_what_nobody_knows(parse_records: Any) -> None:
    for total, reasons in ((115, []), (114, ["parts_contradict_total"])):
        usage = {"prompt_tokens": 90, "completion_tokens": 20, "guard_tokens": 5, "total_tokens": total}
        rows, bad = parse_records(provider_bodies.parse, {"timestamp": AT, "response": {"model": "m", "usage": usage}})
        assert [entry.reason for entry in bad] == reasons
        assert [(counted(row), row["unknown_usage_reason"]) for row in rows] == [(ONE, "unknown_counter")][
            : 1 - len(bad)
        ]


OBSERVED = {"id": "g", "traceId": "t", "type": "GENERATION", "startTime": AT, "model": "image-1"}


@pytest.mark.parametrize(
    ("reader", "record"),
    [
        (langfuse, OBSERVED | {"usageDetails": {"total": 3}, "totalCost": 0.25}),
        (
            provider_bodies,
            {"timestamp": AT, "response": {"model": "image-1", "usage": {"total_tokens": 3, "cost": 0.25}}},
        ),
    ],
    ids=["langfuse", "body"],
)
def test_a_cost_beside_nothing_but_a_total_is_kept(parse_records: Any, reader: Any, record: dict[str, Any]) -> None:
    (row,), bad = parse_records(reader.parse, record)
    assert (counted(row), row["recorded_cost_usd"], bad) == ({}, Decimal("0.25"), [])
    assert row["unknown_usage_reason"] == "unknown_counter"


def test_who_a_trace_of_langfuse_is_for_is_said_once_for_its_observations(parse_records: Any) -> None:
    counts = {"usageDetails": {"input": 90, "output": 20}}
    for trace in (
        {"id": "t", "userId": "u", "observations": [OBSERVED | counts]},
        {"trace": {"userId": "u"}, "observations": [OBSERVED | counts]},
    ):
        (row,), _ = parse_records(langfuse.parse, trace)
        assert (row["user_id"], counted(row)) == ("u", ONE)


STEP = {"gen_ai.usage.input_tokens": 90, "gen_ai.usage.output_tokens": 20}
GENERATION = STEP | {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.system": "openai"}


def test_a_step_without_model_is_a_call_of_the_model_above_with_the_cache_that_is_told_there(
    parse_records: Any,
) -> None:
    above = GENERATION | {"gen_ai.usage.cache_read.input_tokens": 30}
    (row,), bad = parse_records(otel.parse, export(span(STEP, 2, 1), span(above, 1)))
    assert (counted(row), bad) == ({"in": 60, "read": 30, "out": 20}, [])
    assert (row["requested_model"], row["provider_name"]) == ("gpt-5", "openai")
    rows, _ = parse_records(otel.parse, export(span(STEP, 2, 1), span(STEP, 3, 1), span(above, 1)))
    assert [(row["requested_model"], counted(row)) for row in rows] == [("gpt-5", ONE)] * 2


def test_what_langfuses_sdk_says_of_the_cost_of_a_span(parse_records: Any) -> None:
    (row,), _ = parse_records(
        otel.parse, export(span(GENERATION | {"langfuse.observation.cost_details": '{"total": 0.25}'}))
    )
    assert (row["recorded_cost_usd"], row["recorded_cost_kind"]) == (Decimal("0.25"), "estimate")
