"""Invocation logs of Bedrock, results of batches, OTLP logs: a call of each as its documentation shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingestion.sources.events import bedrock, langfuse, otel, provider_bodies

Parse = Callable[..., Any]


def invocation(identity: str = "bl-1", body: Any = None, **into: int) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-10T10:06:00Z",
        "accountId": "111122223333",
        "region": "us-east-1",
        "requestId": identity,
        "operation": "Converse",
        "modelId": "anthropic.claude-haiku-4-5-20251001-v1:0",
        "input": {"inputBodyJson": {"messages": "secret"}, "inputTokenCount": 1000} | into,
        "output": {"outputTokenCount": 200, "outputBodyJson": body},
        "requestMetadata": {"team": "search"},
        "schemaType": "ModelInvocationLog",
    }


@pytest.mark.parametrize(
    "records",
    [
        [invocation()],
        [invocation(), invocation()],
        [{"events": [{"timestamp": 1, "message": json.dumps(invocation())}]}],
        [{"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": json.dumps(invocation())}]}],
        [f"2026-11-10T10:06:00.000Z {json.dumps(invocation())}".encode()],
    ],
    ids=["plain", "twice", "events", "subscription", "exported"],
)
def test_an_invocation_in_every_container(parse_records: Parse, records: list[Any]) -> None:
    rows, bad = parse_records(bedrock.parse, *records)
    assert [(row["event_id"], row["uncached_input_tokens"], row["output_tokens"]) for row in rows] == [
        ("bl-1", 1000, 200)
    ]
    assert json.loads(rows[0]["tags"])["team"] == "search"
    assert not bad


@pytest.mark.parametrize(
    "usage",
    [
        {"cacheDetails": [{"ttl": "1h", "inputTokens": 500}]},
        {"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 500}},
    ],
)
def test_only_the_body_tells_how_long_a_write_is_kept(parse_records: Parse, usage: dict[str, Any]) -> None:
    rows, _ = parse_records(bedrock.parse, invocation(body={"usage": usage}, cacheWriteInputTokenCount=500))
    assert rows[0]["cache_write_1h_tokens"] == 500


GEMINI = {"modelVersion": "gemini-2.5-flash", "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 3}}


@pytest.mark.parametrize(
    "line",
    [
        {"key": "k", "response": GEMINI},
        {"metadata": {"key": "k"}, "response": GEMINI},
        {"processed_time": "2026-11-10T11:06:30Z", "status": "", "request": {}, "response": GEMINI},
        {"recordId": "r", "modelInput": {}, "modelOutput": {"usage": {"inputTokens": 10, "outputTokens": 3}}},
        {"custom_id": "c", "response": {"status_code": 200, "body": {"object": "list", "model": "text-embedding-3",
         "usage": {"prompt_tokens": 10, "total_tokens": 10}}}},
    ],
    ids=["gemini", "gemini inline", "vertex", "bedrock", "embeddings"],
)  # fmt: skip
def test_results_of_batches_are_dated_and_marked(parse_records: Parse, line: dict[str, Any]) -> None:
    rows, bad = parse_records(provider_bodies.parse, line)
    assert not bad
    assert [(row["is_batch"], row["uncached_input_tokens"]) for row in rows] == [(True, 10)]


def test_a_key_beside_a_call_is_no_batch(parse_records: Parse) -> None:
    line = {"key": "k", "user": "u", "timestamp": "2026-11-10T11:06:30Z", "response": GEMINI}
    assert parse_records(provider_bodies.parse, line)[0][0]["is_batch"] is False


def exported(service: str, name: str, **attributes: Any) -> dict[str, Any]:
    pairs = [{"key": key.replace("__", "."), "value": {"stringValue": str(value)}} for key, value in attributes.items()]
    log = {"timeUnixNano": "1794308460000000000", "body": {"stringValue": name}, "attributes": pairs}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [log]}]}]}


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        (
            exported("claude-code", "claude_code.api_request", input_tokens=4, cache_read_tokens=6, output_tokens=5),
            (4, 6, 5),
        ),
        (
            exported(
                "codex_cli_rs",
                "codex.sse_event",
                event__kind="response.completed",
                input_token_count=10,
                cached_token_count=6,
                output_token_count=5,
            ),
            (4, 6, 5),
        ),
        (
            exported(
                "gemini-cli",
                "gemini_cli.api_response",
                input_token_count=10,
                cached_content_token_count=6,
                output_token_count=3,
                thoughts_token_count=2,
                total_token_count=15,
            ),
            (4, 6, 5),
        ),
    ],
    ids=["claude code", "codex", "gemini cli"],
)
def test_log_records_of_agents(parse_records: Parse, export: Any, expected: tuple[int, ...]) -> None:
    rows, bad = parse_records(otel.parse, export, export)
    assert not bad
    names = ("uncached_input_tokens", "cache_read_tokens", "output_tokens")
    assert [tuple(row[name] for name in names) for row in rows] == [expected]


@pytest.mark.parametrize("between", [None, "SPAN"])
def test_a_generation_above_another_is_a_sum(parse_records: Parse, between: str | None) -> None:
    def observation(identity: str, parent: str | None, kind: str = "GENERATION") -> dict[str, Any]:
        found = {"id": identity, "type": kind, "start_time": "2026-11-11 11:00:00.5", "parent_observation_id": parent}
        return found | ({"usage_details": '{"input": 9, "output": 1}'} if kind == "GENERATION" else {})

    lines = [observation("a", None), observation("c", "b" if between else "a")]
    lines += [observation("b", "a", between)] if between else []
    rows, bad = parse_records(langfuse.parse, *lines)
    assert [row["event_id"] for row in rows] == ["c"]
    assert not bad


HAIKU = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0"
ROUTER = "arn:aws:bedrock:us-east-1:111122223333:default-prompt-router/anthropic.claude:1"
ROUTED = {"usage": {"inputTokens": 1000, "outputTokens": 200}, "trace": {"promptRouter": {"invokedModelId": HAIKU}}}


@pytest.mark.parametrize("body", [ROUTED, [{"contentBlockStop": {}}, {"metadata": ROUTED}]], ids=["answer", "stream"])
def test_a_call_that_a_prompt_router_sent_on_has_the_model_that_answered(parse_records: Parse, body: Any) -> None:
    logged = invocation(body=body) | {"modelId": ROUTER}
    answered = {"timestamp": "2026-11-10T10:00:00Z", "request": {"modelId": ROUTER}, "response": body}
    for reader, record in ((bedrock, logged), (provider_bodies, answered)):
        (row,), _ = parse_records(reader.parse, record)
        assert (row["requested_model"], row["served_model"], row["output_tokens"]) == (ROUTER, HAIKU, 200)
