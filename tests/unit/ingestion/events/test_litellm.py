from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.litellm import parse
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.corpus import spend_log


def one(parse_records: Any, **columns: Any) -> dict[str, Any]:
    rows, bad = parse_records(parse, spend_log(1, **columns))
    assert bad == []
    (row,) = rows
    return row


def test_a_row(parse_records: Any) -> None:
    row = one(parse_records)
    assert row["event_id"] == "call-1"
    assert row["requested_at_utc"] == datetime(2026, 1, 1, 0, 0, 1, 250_000)  # noqa: DTZ001
    assert (row["provider_name"], row["requested_model"], row["served_model"]) == ("openai", "smart", "gpt-4o")
    assert (row["uncached_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (60, 40, 30)
    assert (row["recorded_cost_usd"], row["recorded_cost_text"]) == (Decimal("0.000625"), "0.000625")
    assert (row["team_id"], row["user_id"], row["customer_id"]) == ("t1", "u1", "c1")
    assert (row["status"], row["is_billable"], row["duration_ms"]) == ("ok", True, 700)
    assert json.loads(row["tags"]) == {"call_type": "acompletion", "feature": "search"}


@pytest.mark.parametrize(("printed", "kept"), [("ab" * 32, "ab" * 32), ("Cache OFF", None), ("", None), (None, None)])
def test_the_digest_of_the_gateway_tells_which_prompts_are_alike(
    parse_records: Any, printed: str | None, kept: str | None
) -> None:
    assert one(parse_records, cache_key=printed).get("prompt_hash") == kept


@pytest.mark.parametrize(
    ("printed", "is_billable"),
    [("True", False), ("true", False), ("False", True), ("None", True), ("", True), (None, True)],
)
def test_gateway_cache_hits_are_not_billable(parse_records: Any, printed: str | None, is_billable: bool) -> None:
    row = one(parse_records, cache_hit=printed, spend=0)
    assert row["is_billable"] is is_billable
    assert ("recorded_cost_usd" in row) is (not is_billable)
    assert row["output_tokens"] == 30


def test_zero_spend_on_tokens_is_unknown_and_kept_as_printed(parse_records: Any) -> None:
    row = one(parse_records, spend=0.0)
    assert "recorded_cost_usd" not in row
    assert row["recorded_cost_text"] == "0.0"


def test_spend_is_read_from_the_printed_text(parse_records: Any) -> None:
    line = json.dumps(spend_log(1)).replace("0.000625", "1.2345678901234567e-05").encode()
    ((row,), _) = parse_records(parse, line)
    assert row["recorded_cost_text"] == "1.2345678901234567e-05"
    assert row["recorded_cost_usd"] == Decimal("0.000012345679")


def test_anthropic_detail_of_additional_usage_values(parse_records: Any) -> None:
    more = {
        "cache_read_input_tokens": 3_000,
        "cache_creation_input_tokens": 500,
        "prompt_tokens_details": None,
        "server_tool_use": {"web_search_requests": 2},
    }
    metadata = json.dumps({"additional_usage_values": more, "user_api_key_project_id": "p1"})
    row = one(parse_records, prompt_tokens=4_000, total_tokens=4_030, metadata=metadata)
    assert (row["uncached_input_tokens"], row["cache_read_tokens"], row["cache_write_tokens"]) == (500, 3_000, 500)
    assert (row["project_id"], row["web_searches"]) == ("p1", 2)


def test_failures_are_errors_and_keep_their_own_id(parse_records: Any) -> None:
    failure = spend_log(
        1,
        status="failure",
        prompt_tokens=0,
        completion_tokens=0,
        total_tokens=0,
        spend=0.0,
        metadata={"error_information": {"error_class": "RateLimitError"}},
    )
    rows, bad = parse_records(parse, failure, spend_log(1, request_id="retry"))
    assert bad == []
    assert [(row["event_id"], row["status"]) for row in rows] == [("chatcmpl-1", "error"), ("call-1", "ok")]
    assert rows[0]["error_type"] == "RateLimitError"
    assert rows[0]["recorded_cost_usd"] == 0


def test_same_call_under_two_request_ids_counts_once(parse_records: Any) -> None:
    rows, bad = parse_records(parse, spend_log(1), spend_log(1, request_id="resp_other"), spend_log(2))
    assert [row["event_id"] for row in rows] == ["call-1", "call-2"]
    assert [(entry.row_number, entry.reason) for entry in bad] == [(2, "duplicate_call")]


def test_one_call_id_with_other_tokens_is_another_inference(parse_records: Any) -> None:
    rows, bad = parse_records(parse, spend_log(1), spend_log(1, request_id="b", completion_tokens=31, total_tokens=131))
    assert [row["event_id"] for row in rows] == ["call-1", "call-1:b"]
    assert bad == []


def test_an_unhashed_key_is_hashed_as_litellm_would(parse_records: Any) -> None:
    row = one(parse_records, api_key="sk-1234")
    assert row["api_key_id"] == "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"


def test_csv_of_the_table(tmp_path: Path) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(spend_log(1)))
    writer.writeheader()
    for n in range(3):
        row = spend_log(n, request_tags=json.dumps(["a:b"]), startTime="2026-01-01 00:00:00.25", spend="0.000000625")
        writer.writerow({name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()})
    path = tmp_path / "spend.csv"
    path.write_text(out.getvalue())
    rows, bad = run(parse, path)
    assert bad == []
    assert [(row["event_id"], row["_source_row"], row["cache_read_tokens"]) for row in rows] == [
        ("call-0", 1, 40),
        ("call-1", 2, 40),
        ("call-2", 3, 40),
    ]
    assert rows[0]["recorded_cost_text"] == "0.000000625"


def test_pages_of_the_api(parse_records: Any) -> None:
    rows, _ = parse_records(parse, {"data": [spend_log(1), spend_log(2)], "total": 2, "page": 1})
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"date": "2026-01-01", "api_requests": 3, "spend": 1}, "daily_rollup"),
        (spend_log(1, startTime=None), "missing_timestamp"),
        (spend_log(1, prompt_tokens=39), "parts_exceed_total"),
        (spend_log(1, spend=-1), "out_of_range"),
        (spend_log(1, total_tokens=None, completion_tokens="x"), "invalid_number"),
    ],
)
def test_broken_rows_are_quarantined(parse_records: Any, record: dict[str, Any], reason: str) -> None:
    rows, bad = parse_records(parse, record, spend_log(9))
    assert len(rows) == 1
    assert [(entry.row_number, entry.reason) for entry in bad] == [(1, reason)]
    assert bad[0].field


PAYLOAD = {
    "id": "chatcmpl-1",
    "trace_id": "t-1",
    "call_type": "acompletion",
    "status": "success",
    "response_cost": 0.000625,
    "custom_llm_provider": "openai",
    "total_tokens": 130,
    "prompt_tokens": 100,
    "completion_tokens": 30,
    "startTime": 1767225601.25,
    "endTime": 1767225601.95,
    "model": "gpt-4o",
    "model_group": "smart",
    "cache_hit": False,
    "request_tags": ["feature:search"],
    "end_user": "c1",
    "metadata": {"user_api_key_hash": "88dc", "user_api_key_team_id": "t1", "user_api_key_user_id": "u1"},
}
CACHED = {"prompt_tokens": 100, "completion_tokens": 30, "prompt_tokens_details": {"cached_tokens": 40}}


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": PAYLOAD["metadata"] | {"usage_object": CACHED}},
        {"hidden_params": {"usage_object": CACHED}},
        {"response": {"usage": CACHED, "choices": ["the words of a person"]}},
        {"response": json.dumps({"usage": CACHED})},
        {"response_cost": None, "hidden_params": {"response_cost": "0.000625", "usage_object": CACHED}},
    ],
    ids=["metadata", "hidden", "response", "text", "hidden cost"],
)
def test_a_logging_payload_is_the_row_of_the_spend_log(parse_records: Any, more: dict[str, Any]) -> None:
    ((row,), bad) = parse_records(parse, PAYLOAD | {"litellm_call_id": "call-1"} | more)
    assert bad == []
    expected = one(parse_records, api_key="88dc")
    names = ("event_id", "requested_at_utc", "provider_name", "served_model", "requested_model", "recorded_cost_usd")
    names += ("uncached_input_tokens", "cache_read_tokens", "output_tokens", "api_key_id", "team_id", "user_id")
    names += ("customer_id", "status", "is_billable", "duration_ms", "tags")
    assert {name: row.get(name) for name in names} == {name: expected.get(name) for name in names}
    assert row["trace_id"] == "t-1"


def test_payloads_of_hits_and_failures(parse_records: Any) -> None:
    hit = PAYLOAD | {"id": "hit-1", "cache_hit": True, "response_cost": 0, "saved_cache_cost": 0.000625}
    error = {"error_class": "RateLimitError", "error_message": "the words of a person"}
    failed = PAYLOAD | {"id": "failed-1", "status": "failure", "error_information": error, "response_cost": 0}
    rows, bad = parse_records(parse, hit, failed | {"total_tokens": 0, "prompt_tokens": 0, "completion_tokens": 0})
    assert bad == []
    assert [(row["event_id"], row["status"], row["is_billable"]) for row in rows] == [
        ("hit-1", "ok", False),
        ("failed-1", "error", True),
    ]
    assert rows[1]["error_type"] == "RateLimitError"
    assert "the words of a person" not in str(rows)
