"""One answer in many wrappings: what logs, stores and tables put around it changes nothing of the call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events import provider_bodies
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.test_reported_faults import AT, counted

USED = {
    "prompt_tokens": 90,
    "completion_tokens": 20,
    "total_tokens": 110,
    "prompt_tokens_details": {"cached_tokens": 30},
}
ANSWER = {"id": "chatcmpl-1a2b", "model": "gpt-5", "created": 1794304800, "usage": USED}
TEXT = json.dumps(ANSWER)
CALL = {"timestamp": AT, "response": ANSWER}
EXPECTED = {"in": 60, "read": 30, "out": 20}
DOTTED = {"response.id": "chatcmpl-1a2b", "response.model": "gpt-5", "response.usage.prompt_tokens": 90}
DOTTED |= {"response.usage.completion_tokens": 20, "response.usage.prompt_tokens_details.cached_tokens": 30}
TYPED = {"id": {"S": "chatcmpl-1a2b"}, "model": {"S": "gpt-5"}, "created": {"N": "1794304800"}}
SIDES = {"prompt_tokens": {"N": "90"}, "completion_tokens": {"N": "20"}, "cached_tokens": {"N": "30"}}
HIT = {"_index": "calls", "_source": {"@timestamp": AT, "response": ANSWER}}
ITEM = {"timestamp": 1794304800000, "message": TEXT}


@pytest.mark.parametrize(
    "text",
    [
        f"[2026-11-10 10:00:00] DEBUG answer={TEXT} after 2 s",
        f"2026-11-10T10:00:00Z INFO {TEXT} done",
        str(ANSWER),
        json.dumps({"Item": {**TYPED, "usage": {"M": SIDES}}}),
        json.dumps({"timestamp": AT, **DOTTED}),
        json.dumps({"timestamp": AT, "response.usage": "", "response.usage.other": None, **DOTTED}),
        json.dumps(HIT),
        json.dumps({"took": 1, "hits": {"total": {"value": 1}, "hits": [HIT]}}),
        json.dumps({"logGroup": "calls", "logEvents": [ITEM]}),
        json.dumps({"events": [ITEM], "nextToken": "x"}),
        json.dumps({"preview": False, "result": {"_time": AT, "_raw": TEXT}}),
        json.dumps({"schema": {}, "payload": CALL}),
        json.dumps({"specversion": "1.0", "id": "e", "type": "call", "time": AT, "data": {"response": ANSWER}}),
        json.dumps({"timestamp": AT, "model_name": "openai::gpt-5", "input_tokens": 90, "raw_response": TEXT}),
    ],
    ids="stamped behind printed dynamodb dotted dotted_empty hit hits cloudwatch events splunk kafka cloudevents "
    "raw".split(),
)
def test_the_call_is_the_same_in_every_wrapping(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(f"{text}\n")
    (row,), bad = run(provider_bodies.parse, path)
    assert bad == []
    assert (counted(row), row["event_id"], row["served_model"]) == (EXPECTED, "chatcmpl-1a2b", "gpt-5")
    assert f"{row['requested_at_utc']:%Y-%m-%d}" == "2026-11-10"


def test_answers_by_their_ids_are_calls(parse_records: Any) -> None:
    rows, bad = parse_records(
        provider_bodies.parse, {"a": CALL, "b": {"timestamp": AT, "response": ANSWER | {"id": "x-2"}}}
    )
    assert ([counted(row) for row in rows], bad) == ([EXPECTED, EXPECTED], [])


def test_who_called_is_said_around_what_was_logged(parse_records: Any) -> None:
    record = {"time": AT, "project_id": "search", "provider": "openai", "data": {"response": ANSWER}}
    (row,), _ = parse_records(provider_bodies.parse, record)
    assert (row["project_id"], row["provider_name"]) == ("search", "openai")


@pytest.mark.parametrize(
    ("body", "model"),
    [
        (
            {"result": {"model_version": "gemini-2.5-flash", "usage_metadata": {"prompt_token_count": 90}}},
            "gemini-2.5-flash",
        ),
        (
            {"modelId": "cohere.command-a", "chatResponse": {"usage": {"promptTokens": 90, "completionTokens": 0}}},
            "cohere.command-a",
        ),
        (
            {"llm_output": {"token_usage": {"prompt_tokens": 90, "completion_tokens": 0}, "model_name": "gpt-5"}},
            "gpt-5",
        ),
        (
            {"metadata": {"model": "gpt-5", "createdAt": AT, "totalUsage": {"inputTokens": 90, "outputTokens": 0}}},
            "gpt-5",
        ),
        ({"model": "gpt-5", "usage_prompt_tokens": 90, "usage_completion_tokens": 0, "timestamp": AT}, "gpt-5"),
    ],
    ids=["result", "oci", "langchain", "metadata", "flat"],
)
def test_usage_one_level_deeper_keeps_its_model(parse_records: Any, body: dict[str, Any], model: str) -> None:
    is_whole = "metadata" in body or "timestamp" in body
    (row,), bad = parse_records(provider_bodies.parse, body if is_whole else {"timestamp": AT, "response": body})
    assert bad == []
    assert (counted(row), row.get("served_model")) == ({"in": 90}, model)


CHAT = {"object": "chat.completion"} | ANSWER
GEMINI = {"responseId": "g-1", "usageMetadata": {"promptTokenCount": 60, "candidatesTokenCount": 20}}
INLINED = [{"response": GEMINI, "metadata": {"key": "a"}}]


@pytest.mark.parametrize(
    "record",
    [
        {"custom_id": "a", "response": CHAT},
        {"batch_request_id": "a", "batch_result": {"response": {"chat_get_completion": CHAT}}},
        {"name": "batches/1", "model": "models/gemini-2.5-flash", "dest": {"inlined_responses": INLINED}},
        {"metadata": {"createTime": AT, "output": {"inlinedResponses": {"inlinedResponses": INLINED}}}, "done": True},
    ],
    ids=["fireworks", "xai", "gemini", "gemini operation"],
)
def test_results_of_batches_are_known(parse_records: Any, record: dict[str, Any]) -> None:
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (bad, row["is_batch"], counted(row)["in"]) == ([], True, 60)


@pytest.mark.parametrize(
    "answer",
    [
        {"object": "list", "data": [{"object": "embedding", "embedding": [0.1]}], "model": "BAAI/bge-m3"},
        {"model": "e5-large", "vector_type": "dense", "data": [{"values": [0.1]}]},
        {"output": {"embeddings": [{"embedding": [0.1], "text_index": 0}]}},
        {"output": {"results": [{"index": 0, "relevance_score": 0.9}]}},
        {"results": [{"index": 0, "relevance_score": 0.9}]},
    ],
    ids=["openai", "pinecone", "dashscope", "dashscope ranks", "ranks"],
)
def test_a_total_of_vectors_or_ranks_is_their_input(parse_records: Any, answer: dict[str, Any]) -> None:
    record = {"timestamp": AT, "response": answer | {"usage": {"total_tokens": 70}}}
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert (counted(row), bad) == ({"in": 70}, [])


@pytest.mark.parametrize(
    ("more", "expected"), [({}, "line-1"), ({"id": "chatcmpl-9f"}, "chatcmpl-9f"), ({"responseId": "g-9f"}, "g-9f")]
)
def test_an_answer_without_an_id_has_that_of_its_record(
    parse_records: Any, more: dict[str, Any], expected: str
) -> None:
    inner = {"model": "gpt-5", "usage": USED} | more
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "id": "line-1", "data": inner})
    assert (row["event_id"], row["served_model"]) == (expected, "gpt-5")
