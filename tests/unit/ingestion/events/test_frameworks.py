"""Records of AutoGen, Haystack, smolagents and LibreChat in shapes that their code writes; numbers are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ingestion.sources.events.provider_bodies import parse
from tests.unit.ingestion.events.usage_records import AT, CHAT_USAGE
from tests.unit.ingestion.events.usage_records import plain_counts as counts

ANSWER = {"id": "chatcmpl-abc123", "object": "chat.completion", "model": "gpt-5-2025-08-07", "usage": CHAT_USAGE}
WHOLE = (4_000, 8_000, 1_000)
META = {"model": "gpt-5-2025-08-07", "index": 0, "finish_reason": "stop", "usage": CHAT_USAGE}


HAYSTACK: dict[str, dict[str, Any]] = {
    "a message": {"timestamp": AT, "role": "assistant", "content": [{"text": "x"}], "meta": META},
    "a message of older versions": {"timestamp": AT, "_role": "assistant", "_content": [{"text": "x"}], "_meta": META},
    "what a generator returns": {"timestamp": AT, "response": {"replies": [{"role": "assistant", "meta": META}]}},
    "of another generator": {"timestamp": AT, "replies": ["x"], "meta": [META]},
    "two replies to one question": {"timestamp": AT, "replies": ["x", "y"], "meta": [META, META | {"index": 1}]},
    "a pipeline": {"timestamp": AT, "llm": {"replies": [{"meta": META}]}, "retriever": {"documents": []}},
    "with the time in its meta": {"llm": {"replies": [{"meta": META | {"completion_start_time": AT}}]}},
}


@pytest.mark.parametrize("record", HAYSTACK.values(), ids=HAYSTACK.keys())
def test_replies_of_haystack_are_one_call(parse_records: Callable[..., Any], record: dict[str, Any]) -> None:
    ((row,), bad) = parse_records(parse, record)
    assert (counts(row), row["served_model"], bad) == (WHOLE, "gpt-5-2025-08-07", [])


def step(number: int, **more: Any) -> dict[str, Any]:
    used = {"input_tokens": 100 * number, "output_tokens": 10 * number, "total_tokens": 110 * number}
    timing = {"start_time": 1_794_304_800.1 + number, "end_time": 1_794_304_801.1 + number, "duration": 1.0}
    return {"step_number": number, "timing": timing, "token_usage": used, "model_output_message": None} | more


def test_steps_of_smolagents_are_calls_and_their_run_is_none(parse_records: Callable[..., Any]) -> None:
    run = {"output": "x", "state": "success", "token_usage": {"input_tokens": 300, "output_tokens": 30}}
    run |= {"timing": step(1)["timing"], "steps": [{"system_prompt": "x"}, {"task": "y"}, step(1), step(2)]}
    rows, bad = parse_records(parse, run)
    assert ([counts(row) for row in rows], [row["duration_ms"] for row in rows], bad) == (
        [(100, 10), (200, 20)],
        [1_000, 1_000],
        [],
    )
    (row,), _ = parse_records(parse, run | {"steps": []})
    assert (counts(row), row["unknown_usage_reason"]) == ((300, 30), "summed_calls")


def test_the_answer_that_a_step_keeps_tells_more(parse_records: Callable[..., Any]) -> None:
    (row,), _ = parse_records(parse, {"system_prompt": "x"}, step(1, model_output_message={"raw": ANSWER}))
    assert (counts(row), row["event_id"], row["served_model"]) == (WHOLE, "chatcmpl-abc123", "gpt-5-2025-08-07")


def logged(identity: str, is_cached: int) -> dict[str, Any]:
    answer = json.dumps(ANSWER | {"id": identity})
    times = {"start_time": "2026-11-10 10:00:00.000", "end_time": "2026-11-10 10:00:02.000"}
    return {
        "invocation_id": identity,
        "response": answer,
        "is_cached": is_cached,
        "cost": 0.016,
        "request": "{}",
    } | times


def test_what_the_cache_of_autogen_answered_costs_nothing(parse_records: Callable[..., Any]) -> None:
    rows, bad = parse_records(parse, logged("chatcmpl-1", 0), logged("chatcmpl-2", 1))
    assert [(row["event_id"], row["is_billable"], counts(row)) for row in rows] == [
        ("chatcmpl-1", True, WHOLE),
        ("chatcmpl-2", False, WHOLE),
    ]
    assert bad == []
    used = {"prompt_tokens": 100, "completion_tokens": 10}
    result = {"finish_reason": "stop", "content": "x", "usage": used}
    ended = {"timestamp": AT, "type": "LLMStreamEnd", "response": result | {"cached": True}, **used}
    rows, _ = parse_records(parse, {"timestamp": AT, **result, "cached": True}, ended, {**ended, "response": result})
    assert [(row["is_billable"], counts(row)) for row in rows] == [
        (False, (100, 10)),
        (False, (100, 10)),
        (True, (100, 10)),
    ]


def test_messages_of_a_team_are_calls_where_a_model_wrote_them(parse_records: Callable[..., Any]) -> None:
    def message(identity: str, used: Any) -> dict[str, Any]:
        said = {"id": identity, "source": "a", "models_usage": used, "metadata": {}, "type": "TextMessage"}
        return said | {"created_at": AT, "content": "x"}

    used = {"prompt_tokens": 100, "completion_tokens": 10}
    rows, bad = parse_records(parse, {"messages": [message("m1", None), message("m2", used)], "stop_reason": "x"})
    assert ([(row["event_id"], counts(row)) for row in rows], bad) == ([("m2", (100, 10))], [])
    rows, bad = parse_records(parse, message("m1", None), message("m3", used))
    assert ([row["event_id"] for row in rows], bad) == (["m3"], [])


def test_what_a_chat_of_autogen_cost_is_a_sum_without_what_its_cache_gave(parse_records: Callable[..., Any]) -> None:
    def spent(prompt: int) -> dict[str, Any]:
        used = {"cost": 0.0001, "prompt_tokens": prompt, "completion_tokens": 100, "total_tokens": prompt + 100}
        return {"total_cost": 0.0001, "gpt-5": used}

    costs = {"usage_including_cached_inference": spent(25), "usage_excluding_cached_inference": spent(5)}
    (row,), _ = parse_records(parse, {"timestamp": AT, **costs})
    assert (counts(row), row["served_model"], row["unknown_usage_reason"]) == ((5, 100), "gpt-5", "summed_calls")
    assert row["recorded_cost_usd"] == Decimal("0.0001")


def transaction(number: int, kind: str, amount: Any, **more: Any) -> dict[str, Any]:
    """As `mongoexport` writes a document."""
    told = {"_id": {"$oid": f"6911b2a0c0ffee{number:010d}"}, "user": {"$oid": "65f0aa11c0ffee0000000001"}}
    told |= {"conversationId": "c1", "context": "message", "model": "gpt-5", "createdAt": {"$date": AT}}
    return told | {"tokenType": kind, "rawAmount": amount} | more


def test_two_transactions_of_librechat_are_one_call(parse_records: Callable[..., Any]) -> None:
    other = transaction(2, "prompt", "-50.0", conversationId="c2")  # as a table prints numbers
    rows, bad = parse_records(
        parse,
        transaction(1, "prompt", -12_000, tokenValue=-15_000, rate=1.25),
        other,
        transaction(3, "completion", -1_000, tokenValue=-10_000, rate=10),
        transaction(4, "credits", 100_000),
    )
    assert (bad, [(counts(row), row["session_id"]) for row in rows]) == ([], [((12_000, 1_000), "c1"), ((50,), "c2")])
    assert rows[0]["recorded_cost_usd"] == Decimal("0.025")  # 25,000 credits
    assert "recorded_cost_usd" not in rows[1]


def test_cached_tokens_of_librechat_lie_beside_in_a_document_too(parse_records: Callable[..., Any]) -> None:
    parts = {"inputTokens": -2_000, "writeTokens": -2_000, "readTokens": -8_000}
    pair = [transaction(1, "prompt", -12_000, **parts), transaction(2, "completion", -1_000)]
    document = json.dumps([each | {"model": "claude-sonnet-4-5"} for each in pair]).encode()
    (row,), bad = parse_records(parse, document, name="transactions.json")
    assert (counts(row), row["cache_write_tokens"], bad) == ((2_000, 8_000, 1_000), 2_000, [])
    assert row["event_id"] == "6911b2a0c0ffee0000000001"


def test_steps_of_the_ai_sdk_are_calls_and_their_sum_is_none(parse_records: Callable[..., Any]) -> None:
    def result(identity: str, second: int, read: int, wrote: int) -> dict[str, Any]:
        used = {"inputTokens": read, "outputTokens": wrote, "totalTokens": read + wrote}
        answer = {"id": identity, "modelId": "gpt-5", "timestamp": f"2026-11-10T10:00:0{second}.000Z"}
        return {"finishReason": "stop", "usage": used, "response": answer}

    first, last = result("r1", 1, 1_000, 200), result("r2", 2, 500, 100)
    whole = {"totalUsage": {"inputTokens": 1_500, "outputTokens": 300, "totalTokens": 1_800}}
    rows, bad = parse_records(parse, {**last, **whole, "steps": [first, last], "user_id": "u"})
    assert [(row["event_id"], counts(row), row["user_id"]) for row in rows] == [
        ("r1", (1_000, 200), "u"),
        ("r2", (500, 100), "u"),
    ]
    assert bad == []
    (row,), _ = parse_records(parse, {**first, "steps": [first], "model": "gpt-5-asked", "cost_usd": "0.5"})
    assert (row["event_id"], row["requested_model"], row["served_model"]) == ("r1", "gpt-5-asked", "gpt-5")
    assert (row["recorded_cost_usd"], str(row["requested_at_utc"])) == (Decimal("0.5"), "2026-11-10 10:00:01")


def test_spans_of_openais_agents(parse_records: Callable[..., Any]) -> None:
    def span(identity: str, **data: Any) -> dict[str, Any]:
        told = {"object": "trace.span", "id": identity, "trace_id": "t", "started_at": AT}
        return told | {"ended_at": "2026-11-10T10:00:02Z", "span_data": data, "error": None}

    used = {"input_tokens": 100, "output_tokens": 10}
    (row,), (bad,) = parse_records(
        parse,
        {"object": "trace", "id": "t", "workflow_name": "w"},
        span("s1", type="generation", model="gpt-5", usage=used),
        span("s2", type="function", name="f"),
        span("s3", type="response", response_id="resp_1"),
    )
    assert (row["event_id"], counts(row), row["duration_ms"], row["trace_id"]) == ("s1", (100, 10), 2_000, "t")
    assert (bad.row_number, bad.reason, bad.field) == (4, "missing_usage", "span_data.usage")
