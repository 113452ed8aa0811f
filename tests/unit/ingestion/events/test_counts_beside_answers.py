"""Answers that count outside a usage object, or not at all and are charged by what they made; counts by hand."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record, loads
from ingestion.sources.events.provider_bodies.calls import read_call, read_calls
from ingestion.sources.events.snapshots import distinct_calls
from ingestion.sources.events.usage_shapes.batches import with_seller, without_false_zeros
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, instant
from tests.unit.ingestion.events.usage_records import AT, body, counts, rows

PLAIN = {"uncached_input": 1000, "output": 100}
MAGIC = {"x-amzn-bedrock-input-token-count": "1000", "X-Amzn-Bedrock-Output-Token-Count": "100"}
VECTOR = {"embeddings": {"values": [0.1], "statistics": {"token_count": 6}}}


@pytest.mark.parametrize(
    ("answer", "around", "provider", "expected"),
    [
        ({"generation": "x", "prompt_token_count": 1000, "generation_token_count": 100}, {}, "aws", PLAIN),
        ({"inputTextTokenCount": 1000, "results": [{"tokenCount": 60}, {"tokenCount": 40}]}, {}, "aws", PLAIN),
        ({"inputTextTokenCount": 1000, "embedding": [0.1]}, {}, "aws", {"uncached_input": 1000}),
        ({"results": [{"generated_token_count": 100, "input_token_count": 1000}]}, {}, "watsonx", PLAIN),
        (
            {"metrics": {"input_token_count": 1000, "output_token_count": 100, "predict_time": 1}},
            {},
            "replicate",
            PLAIN,
        ),
        ({"outputs": [{"text": "x"}]}, {"headers": MAGIC}, "aws", PLAIN),
        ({"outputs": [], "ResponseMetadata": {"HTTPHeaders": MAGIC}}, {}, "aws", PLAIN),
        ({"predictions": [VECTOR, VECTOR]}, {}, "google", {"uncached_input": 12}),
        ({"predictions": [{"mimeType": "image/png"}] * 2}, {}, "google", {"images": 2}),
        ({"created": 1794304800, "data": [{"url": "u"}, {"b64_json": "b"}]}, {}, None, {"images": 2}),
        ({"task": "transcribe", "duration": "8.47", "text": "x"}, {}, None, {"audio_milliseconds": 8470}),
    ],
)
def test_what_stands_beside_an_answer_is_counted(
    answer: dict[str, Any], around: dict[str, Any], provider: str | None, expected: dict[str, int]
) -> None:
    (row,) = read_call({"timestamp": AT, "model": "m", "response": answer, **around}, Counter())
    assert counts(row) == expected
    assert row["provider_name"] == provider


@pytest.mark.parametrize("answer", [{"data": [{"url": "u"}]}, {"duration": 8}, {"results": [{"input": 3}]}])
def test_what_only_looks_like_it_is_set_aside(answer: dict[str, Any]) -> None:
    (bad,) = read_calls([Record(1, {"timestamp": AT, "model": "m", "response": answer}, "")])
    assert isinstance(bad, QuarantinedRow)
    assert bad.reason == "missing_usage"


def test_a_charge_is_perplexitys_and_a_message_anthropics_whoever_wraps_them() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "search_context_size": "low", "cost": {"total_cost": "0.006"}}
    (row,) = rows(body(usage, model="sonar-pro"))
    assert (row["provider_name"], row["recorded_cost_kind"]) == ("perplexity", "charge")
    camel = {"inputTokens": 4, "outputTokens": 1, "cacheReadInputTokens": 8}
    (row,) = rows({"timestamp": AT, "response": {"id": "msg_01", "type": "message", "usage": camel}})
    assert (row["provider_name"], counts(row)) == ("anthropic", {"uncached_input": 4, "cache_read": 8, "output": 1})


def test_where_only_the_router_is_named_the_cost_is_a_lower_bound() -> None:
    (row,) = rows(body({"prompt_tokens": 10, "completion_tokens": 5}, model="model-router", provider="azure"))
    assert "routed_input_tokens" not in row
    assert [(item.reason, item.quantity) for item in unresolved_of(row)] == [("partial_usage", 15)]


def polled(state: str, identity: str, usage: dict[str, int] | None = None) -> dict[str, Any]:
    return {"id": identity, "object": "response", "created_at": 1794304800, "status": state, "usage": usage}


def test_an_answer_that_is_polled_counts_when_it_is_there_and_one_that_never_is_gets_named() -> None:
    records = [
        polled("queued", "resp_a"),
        polled("in_progress", "resp_a"),
        polled("in_progress", "resp_b"),
        polled("completed", "resp_a", {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}),
        polled("in_progress", "resp_a"),
    ]
    found = list(read_calls(Record(number, value, "") for number, value in enumerate(records, start=1)))
    (row,) = [item for item in found if isinstance(item, dict)]
    (note,) = [item for item in found if isinstance(item, Note)]
    assert (row["event_id"], counts(row)) == ("resp_a", {"uncached_input": 10, "output": 5})
    assert (note.row, note.count) == (3, 1)
    assert "first resp_b" in note.message


def snapshot(identity: str, second: int, output: int) -> list[dict[str, Any]]:
    (row,) = rows({"timestamp": f"2026-11-10T10:00:{second:02}Z", "response": {"id": identity, "usage": {
        "prompt_tokens": 10, "completion_tokens": output}}})  # fmt: skip
    return [row]


def test_equal_input_under_a_providers_id_is_one_call_at_its_first_time_and_under_a_word_it_is_not() -> None:
    calls = [(3, 1800), (4, 1800), (1, 5)]
    (row,) = distinct_calls([snapshot("msg_01cc8", second, output) for second, output in calls])
    assert isinstance(row, dict)
    assert (row["event_id"], row["output_tokens"], row["requested_at_utc"].second) == ("msg_01cc8", 1800, 1)
    found = list(distinct_calls([snapshot("ocgo", second, output) for second, output in calls]))
    assert [item["output_tokens"] for item in found if isinstance(item, dict)] == [1800, 1800, 5]


@pytest.mark.parametrize(
    ("cost", "counted", "kept"),
    [("0.04", 0, None), ("0.04", 7, 7), ("0", 0, 0), (None, 0, 0)],
)
def test_zero_tokens_beside_a_cost_are_no_count(cost: str | None, counted: int, kept: int | None) -> None:
    row = {"uncached_input_tokens": counted, "recorded_cost_usd": Decimal(cost) if cost else None}
    assert without_false_zeros(row).get("uncached_input_tokens") == kept


MORNING = "2026-11-10T09:00:00"


@pytest.mark.parametrize(
    "given",
    [
        "Tue, 10 Nov 2026 09:00:00 GMT",
        "Tue, 10 Nov 2026 10:00:00 +0100",
        "2026-11-10 10:00:00 +0100 CET",
        "2026-11-10 09:00:00.000 +0000 UTC",
        "2026-11-10T10:00:00+01:00[Europe/Berlin]",
        "2026-11-10T09:00:00Z[UTC]",
        "2026-11-10 09:00:00 UTC",
        "2026-11-10 09:00:00+00",
    ],
)
def test_times_as_http_go_and_java_print_them(given: str) -> None:
    found = instant(given, "timestamp")
    assert found is not None
    assert found.isoformat() == MORNING


@pytest.mark.parametrize("given", ["Tue, 40 Nov 2026 09:00:00 GMT", "10/11/2026 09:00", "2026-11-10 09:00:00 CET"])
def test_a_time_that_could_be_another_is_refused(given: str) -> None:
    with pytest.raises(BadValue) as caught:
        instant(given, "timestamp")
    assert caught.value.reason == "invalid_time"


def test_values_that_mongodb_wraps_with_their_type_are_what_they_mean() -> None:
    line = (
        '{"_id": {"$oid": "65a"}, "timestamp": {"$date": "2026-11-10T09:00:00Z"}, "model": "gpt-5", "response": '
        '{"usage": {"prompt_tokens": {"$numberInt": "10"}, "completion_tokens": {"$numberLong": "5"}}}}'
    )
    (row,) = rows(loads(line))
    assert (counts(row), row["requested_at_utc"].isoformat()) == ({"uncached_input": 10, "output": 5}, MORNING)
    assert loads('{"a": {"$gt": 3}, "b": {"$date": 1, "c": 2}}') == {"a": {"$gt": 3}, "b": {"$date": 1, "c": 2}}


LANGCHAIN = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "total_tokens": 1100,
    "input_token_details": {"cache_read": 400},
}
NAMED = {"model_name": "gpt-5-2025-08-07"}


@pytest.mark.parametrize(
    ("answer", "identity"),
    [
        ({"id": "run-12345678", "usage_metadata": LANGCHAIN, "response_metadata": NAMED}, "run-12345678"),
        ({"id": ["langchain", "AIMessage"], "kwargs": {"usage_metadata": LANGCHAIN, "response_metadata": NAMED}}, None),
        ({"raw": {"id": "chatcmpl-1", "model": "gpt-5-2025-08-07", "usage": LANGCHAIN}, "delta": None}, "chatcmpl-1"),
        ({**NAMED, "usage": LANGCHAIN | {"requests": 2, "request_usage_entries": [LANGCHAIN]}}, None),
        ({**NAMED, "provider_response_id": "resp_12345678", "usage": LANGCHAIN}, "resp_12345678"),
    ],
)
def test_what_sdks_dump_is_the_call_with_its_model_and_id(answer: dict[str, Any], identity: str | None) -> None:
    (row,) = rows({"timestamp": AT, "response": answer})
    assert counts(row) == {"uncached_input": 600, "cache_read": 400, "output": 100}
    assert row["served_model"] == "gpt-5-2025-08-07"
    assert row["event_id"] == identity or (identity is None and row["event_id"].startswith("sha256:"))
    assert not unresolved_of(row)


def gateway(sequence: int, prompt: int, completion: int) -> dict[str, Any]:
    row = {"TimeGenerated": AT, "CorrelationId": "5e2c-41", "DeploymentName": "prod", "ModelName": "gpt-4o-2024-11-20"}
    return row | {"SequenceNumber": sequence, "PromptTokens": prompt, "CompletionTokens": completion}


def test_rows_of_a_gateways_log_are_one_call_however_many_its_messages_need() -> None:
    records = [gateway(0, 1000, 100), gateway(1, 0, 0), {"properties": gateway(2, 0, 0)}]
    (row,) = read_calls(Record(number, value, "") for number, value in enumerate(records, start=1))
    assert isinstance(row, dict)
    assert (row["event_id"], row["provider_name"], row["requested_model"]) == ("5e2c-41", "azure", "prod")
    assert (row["served_model"], counts(row)) == ("gpt-4o-2024-11-20", PLAIN)


def test_a_python_literal_is_read_as_the_object_it_prints() -> None:
    assert as_object("{'input': 1000, 'cached': None, 'is_batch': True}") == {
        "input": 1000,
        "cached": None,
        "is_batch": True,
    }
    assert as_object("{'cost': 0.003}") == {"cost": "0.003"}
    assert as_object("{'a': __import__('os')}") == {}


def test_objects_glued_to_one_line_are_records_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}{"a": 2} {"a": 3}\n{"a": 4}\n{"a": 5} x\n')
    *found, bad = read_json_records(path)
    assert [(record.number, record.value["a"]) for record in found if isinstance(record, Record)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 4),
    ]
    assert isinstance(bad, QuarantinedRow)
    assert (bad.row_number, bad.reason) == (3, "invalid_json")


@pytest.mark.parametrize(
    ("provider", "model", "seller"),
    [
        ("anthropic", "us.anthropic.claude-opus-4-8-v1:0", "aws"),
        (None, "anthropic.claude-haiku-4-5-20251001-v1:0", "aws"),
        ("Anthropic", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8-v1:0", "aws"),
        ("anthropic", "claude-opus-4-8@20260301", "google"),
        ("anthropic", "claude-opus-4-8", "anthropic"),
        ("openrouter", "anthropic/claude-opus-4.8", "openrouter"),
        ("litellm", "us.anthropic.claude-opus-4-8-v1:0", "litellm"),
        (None, "anthropic/claude-opus-4.8", None),
    ],
)
def test_the_cloud_sells_what_is_spelled_as_only_it_spells(
    provider: str | None, model: str, seller: str | None
) -> None:
    assert with_seller({"provider_name": provider, "requested_model": model})["provider_name"] == seller
