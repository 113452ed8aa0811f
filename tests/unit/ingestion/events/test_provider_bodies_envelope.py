"""What surrounds a body: times, ids, models, tiers, errors, batches, stream chunks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from ingestion.sources.events.provider_bodies import parse
from tests.unit.ingestion.events.corpus import chat, enveloped, message


def one(parse_records: Any, *records: Any) -> dict[str, Any]:
    rows, bad = parse_records(parse, *records)
    assert bad == []
    (row,) = rows
    return row


def test_a_bare_body_brings_its_own_time(parse_records: Any) -> None:
    row = one(parse_records, chat(5))
    assert row["requested_at_utc"] == datetime(2026, 1, 1, 0, 0, 5)  # noqa: DTZ001
    assert (row["event_id"], row["served_model"], row["is_batch"]) == ("chatcmpl-5", "gpt-4o-2024-08-06", False)
    assert "provider_name" not in row


def test_the_envelope_says_who_called(parse_records: Any) -> None:
    outer = {
        "provider": "azure",
        "model": "gpt-4o",
        "project_id": "p1",
        "api_key_id": "k1",
        "user_id": 17,
        "team_id": "t1",
        "customer_id": "c1",
        "feature": "search",
        "environment": "prod",
        "session_id": "s1",
        "tags": {"release": "7"},
        "metadata": {"build": 3},
        "duration_ms": 812.6,
        "request": {"service_tier": "auto", "model": "ignored"},
    }
    row = one(parse_records, enveloped(chat(1), **outer))
    for name in ("project_id", "api_key_id", "team_id", "customer_id", "feature", "environment", "session_id"):
        assert row[name] == outer[name]
    assert (row["provider_name"], row["user_id"], row["duration_ms"]) == ("azure", "17", 812)
    assert json.loads(row["tags"]) == {"release": "7", "build": "3"}
    assert (row["requested_model"], row["served_model"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert row["requested_at_utc"] == datetime(2026, 1, 1)  # noqa: DTZ001


def test_the_served_tier_stands_beside_the_requested_one(parse_records: Any) -> None:
    row = one(parse_records, enveloped(chat(1), request={"service_tier": "priority"}))
    assert (row["requested_service_tier"], row["served_service_tier"]) == ("priority", "default")


def test_geography_is_a_region_unless_not_available(parse_records: Any) -> None:
    assert one(parse_records, enveloped(message(1, inference_geo="us")))["region"] == "us"
    row = one(parse_records, enveloped(message(1, inference_geo="not_available")))
    assert "region" not in row
    assert json.loads(row["tags"]) == {"inference_geo": "not_available"}


@pytest.mark.parametrize(
    ("traffic", "tier"),
    [("ON_DEMAND", "standard"), ("ON_DEMAND_FLEX", "flex"), ("PROVISIONED_THROUGHPUT", "provisioned_throughput")],
)
def test_traffic_type_is_a_tier(parse_records: Any, traffic: str, tier: str) -> None:
    metadata = {"promptTokenCount": 1, "candidatesTokenCount": 1, "trafficType": traffic}
    assert one(parse_records, enveloped({"usageMetadata": metadata}))["served_service_tier"] == tier


def test_the_model_may_stand_in_the_address_only(parse_records: Any) -> None:
    url = "https://acme.openai.azure.com/openai/deployments/prod-gpt/chat/completions"
    body = {name: value for name, value in chat(1).items() if name != "model"}
    row = one(parse_records, enveloped(body, url=url))
    assert (row["requested_model"], row["provider_name"]) == ("prod-gpt", "azure")
    assert "served_model" not in row


def test_a_response_kept_as_text_is_read(parse_records: Any) -> None:
    line = {"requested_at": 1_767_225_600, "response": json.dumps(chat(3))}
    assert one(parse_records, line)["event_id"] == "chatcmpl-3"


def test_a_body_with_a_timestamp_among_its_fields(parse_records: Any) -> None:
    row = one(parse_records, message(1) | {"timestamp": "2026-02-01T00:00:00Z", "project_id": "p1"})
    assert (row["event_id"], row["project_id"], row["provider_name"]) == ("msg_1", "p1", "anthropic")


def test_headers_give_ids_when_the_body_has_none(parse_records: Any) -> None:
    headers = {"X-Request-Id": "req-1", "openai-organization": "org-1", "openai-project": "proj-1"}
    body = {name: value for name, value in chat(1).items() if name != "id"}
    row = one(parse_records, enveloped(body, headers=headers))
    assert (row["event_id"], row["account_id"], row["project_id"]) == ("req-1", "org-1", "proj-1")


def test_bodies_without_any_id_get_a_stable_one_and_equal_lines_stay_apart(parse_records: Any) -> None:
    line = enveloped({"usage": {"inputTokens": 1, "outputTokens": 1}})
    rows, _ = parse_records(parse, line, line)
    again, _ = parse_records(parse, line)
    assert rows[0]["event_id"] == again[0]["event_id"]
    assert rows[1]["event_id"] == rows[0]["event_id"] + "#2"


@pytest.mark.parametrize(
    ("record", "error_type"),
    [
        (
            enveloped({"error": {"message": "slow down", "type": "rate_limit_exceeded", "code": "x"}}),
            "rate_limit_exceeded",
        ),
        (enveloped({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}), "overloaded_error"),
        (enveloped({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}), "RESOURCE_EXHAUSTED"),
        (enveloped({"__type": "com.amazon#ThrottlingException"}), "ThrottlingException"),
        (enveloped({"message": "invalid api token"}, status_code=401), "http_401"),
        (enveloped(None, error="connection reset"), "error"),
        ({"timestamp": 1_767_225_600, "request": {"model": "m"}, "error": {"type": "timeout"}}, "timeout"),
    ],
)
def test_recognisable_errors_land_with_unknown_tokens(parse_records: Any, record: Any, error_type: str) -> None:
    row = one(parse_records, record)
    assert (row["status"], row["error_type"]) == ("error", error_type)
    assert not {"uncached_input_tokens", "output_tokens"} & row.keys()


def test_a_failed_response_with_usage_keeps_it(parse_records: Any) -> None:
    row = one(parse_records, chat(1) | {"error": {"code": "server_error"}})
    assert (row["status"], row["output_tokens"]) == ("error", 30)


def test_of_stream_chunks_that_repeat_usage_the_last_counts(parse_records: Any) -> None:
    chunks = [
        chat(1, completion_tokens=n, completion_tokens_details=None, total_tokens=100 + n)
        | {"object": "chat.completion.chunk"}
        for n in (1, 9, 30)
    ]
    assert one(parse_records, *chunks)["output_tokens"] == 30


def test_lines_of_batch_output_files(parse_records: Any) -> None:
    openai = {"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200, "body": chat(1)}, "error": None}
    row = one(parse_records, openai)
    assert (row["event_id"], row["is_batch"], row["status"]) == ("chatcmpl-1", True, "ok")
    anthropic = {"custom_id": "b", "result": {"type": "succeeded", "message": message(2)}, "timestamp": 1_767_225_600}
    row = one(parse_records, anthropic)
    assert (row["event_id"], row["is_batch"]) == ("msg_2", True)


def test_an_array_of_envelopes(parse_records: Any) -> None:
    rows, bad = parse_records(parse, [chat(1), chat(2)], name="calls.json")
    assert (len(rows), bad) == (2, [])
    assert [row["_source_row"] for row in rows] == [1, 2]
