"""One pattern is read in one way by every reader: Google's totals, caches beside an input, routers, batches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.sources.events import langfuse, litellm, otel, provider_bodies
from ingestion.sources.events.exports import helicone, langsmith, portkey, posthog
from tests.unit.ingestion.events.test_reported_faults import AT, counted
from tests.unit.ingestion.events.test_reported_faults_of_tools import export, span

Given = tuple[str, str | None, int, int, int]


def _body(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": total}
    request = {"request": {"model": asked}} if asked else {}
    return {"timestamp": AT, "response": {"object": "chat.completion", "model": served, "usage": usage}} | request


def _observation(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    found = {"id": "g", "traceId": "t", "type": "GENERATION", "startTime": AT, "model": served}
    found["usageDetails"] = {"input": read, "output": wrote, "total": total}
    return found | ({"modelParameters": {"model": asked}} if asked else {})


def _run(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    sides = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": total}
    named = {"metadata": {"ls_model_name": asked or served}}
    answer = {"llm_output": {"model_name": served}}
    return {"id": "r", "run_type": "llm", "start_time": AT, "extra": named, "outputs": answer} | sides


def _request(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    sides = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": total}
    row = {"request_id": "h", "request_created_at": AT, "response_model": served, "provider": "X"}
    return row | sides | ({"request_model": asked} if asked else {})


def _log(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    units = {"req_units": read, "res_units": wrote, "total_units": total}
    row = {"id": "p", "created_at": AT, "ai_model": asked or served, "ai_org": "x"} | units
    return row | ({"response": {"model": served}} if asked else {})


def _event(given: Given) -> dict[str, Any]:
    served, _, read, wrote, total = given
    told = {"$ai_model": served, "$ai_input_tokens": read, "$ai_output_tokens": wrote, "$ai_total_tokens": total}
    return {"uuid": "e", "event": "$ai_generation", "timestamp": AT, "properties": told}


def _spend(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    row = {"request_id": "l", "call_type": "acompletion", "startTime": AT, "spend": 0.5, "model": served}
    sides = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": total}
    return row | sides | {"custom_llm_provider": "gemini"} | ({"model_group": asked} if asked else {})


def _span(given: Given) -> dict[str, Any]:
    served, asked, read, wrote, total = given
    sides = {"input_tokens": read, "output_tokens": wrote, "total_tokens": total}
    found = {f"gen_ai.usage.{name}": number for name, number in sides.items()}
    names = {"gen_ai.operation.name": "chat", "gen_ai.request.model": asked or served, "gen_ai.response.model": served}
    return export(span(found | names))


READERS = {
    "body": (provider_bodies, _body),
    "langfuse": (langfuse, _observation),
    "langsmith": (langsmith, _run),
    "helicone": (helicone, _request),
    "portkey": (portkey, _log),
    "posthog": (posthog, _event),
    "litellm": (litellm, _spend),
    "span": (otel, _span),
}


@pytest.mark.parametrize("name", READERS)
def test_what_a_total_of_googles_has_beyond_its_parts_is_thinking(parse_records: Any, name: str) -> None:
    reader, made = READERS[name]
    (row,), bad = parse_records(reader.parse, made(("gemini-2.5-pro", None, 50, 40, 390)))
    assert (counted(row), row["reasoning_tokens"], bad) == ({"in": 50, "out": 340}, 300, [])


@pytest.mark.parametrize("name", [name for name in READERS if name != "posthog"])
def test_input_that_azures_router_read_is_counted_for_its_fee(parse_records: Any, name: str) -> None:
    reader, made = READERS[name]
    (row,), _ = parse_records(reader.parse, made(("gpt-5-nano", "model-router", 50, 40, 90)))
    assert (row["routed_input_tokens"], row["served_model"]) == (50, "gpt-5-nano")


CACHED = {"prompt_tokens": 12, "completion_tokens": 23, "total_tokens": 35}
FLAT = {"cache_read_input_tokens": 500, "cache_creation_input_tokens": 70}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (FLAT, {"in": 12, "read": 500, "written": 70, "out": 23}),
        ({"prompt_tokens_details": {"cached_tokens": 500}}, None),
    ],
    ids=["beside", "in details"],
)
def test_a_cache_above_the_input_lies_beside_it_unless_it_is_said_to_be_inside(
    parse_records: Any, more: dict[str, Any], expected: dict[str, int] | None
) -> None:
    answer = {"object": "chat.completion", "model": "claude-sonnet-4-5", "usage": CACHED | more}
    rows, bad = parse_records(provider_bodies.parse, {"timestamp": AT, "response": answer})
    assert [counted(row) for row in rows] == ([expected] if expected else [])
    assert [entry.reason for entry in bad] == ([] if expected else ["parts_exceed_total"])


CHAT = {"id": "c", "object": "chat.completion", "model": "m", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
GEMINI = {"modelVersion": "gemini-2.5-flash", "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5}}
SAID = {"id": "msg_1", "type": "message", "model": "m", "usage": {"input_tokens": 10, "output_tokens": 5}}


@pytest.mark.parametrize(
    "record",
    [
        {"custom_id": "a", "response": {"status_code": 200, "body": json.dumps(CHAT)}},
        {"status": "", "processed_time": AT, "request": "{}", "response": json.dumps(GEMINI)},
        {"key": "a", "response": json.dumps(GEMINI)},
        {"key": "a", "request": {"contents": []}, "response": GEMINI},
        {"results": [{"custom_id": "a", "result": {"type": "succeeded", "message": SAID}}]},
    ],
    ids=["body", "vertex", "gemini", "with request", "document"],
)
def test_lines_of_batches_that_are_text_or_listed_are_of_a_batch(parse_records: Any, record: dict[str, Any]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (counted(row), row["is_batch"], bad) == ({"in": 10, "out": 5}, True, [])


@pytest.mark.parametrize("name", ["ON_DEMAND_FLEX", "TrafficType.ON_DEMAND_FLEX", "<TrafficType.ON_DEMAND_FLEX: 'x'>"])
def test_the_tier_is_known_however_an_sdk_prints_it(parse_records: Any, name: str) -> None:
    usage = {"prompt_token_count": 10, "candidates_token_count": 5, "traffic_type": name}
    record = {"timestamp": AT, "response": {"model_version": "gemini-2.5-flash", "usage_metadata": usage}}
    (row,), _ = parse_records(provider_bodies.parse, record)
    assert row["served_service_tier"] == "flex"
