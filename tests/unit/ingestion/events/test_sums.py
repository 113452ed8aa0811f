"""Answers that sum calls up are named with where their calls are; what databases print is read all the same."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events import canonical, langfuse, litellm, provider_bodies
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.corpus import observation, spend_log

_BUCKET = {"object": "bucket", "start_time": 1794268800, "end_time": 1794355200}
_DAY = {"starting_at": "2026-11-10T00:00:00Z", "ending_at": "2026-11-11T00:00:00Z"}
_BATCH = {"id": "batch_1", "object": "batch", "created_at": 1794304800, "request_counts": {"total": 10}}
_SUMMARY = {"startTime": "2026-11-10", "spend": 1.5, "users": {"u": 1.5}, "models": {"gpt-4o": 1.5}}


@pytest.mark.parametrize(
    ("reader", "answer", "remedy"),
    [
        (
            provider_bodies,
            {"object": "page", "data": [{**_BUCKET, "results": [{"input_tokens": 9}]}]},
            "OPENAI_ADMIN_KEY",
        ),
        (provider_bodies, {**_BUCKET, "results": [{"amount": {"value": 0.06}}]}, "OPENAI_ADMIN_KEY"),
        (provider_bodies, {"object": "organization.costs.result", "amount": {"value": 1}}, "OPENAI_ADMIN_KEY"),
        (provider_bodies, {"data": [{**_DAY, "results": [{"output_tokens": 5}]}]}, "ANTHROPIC_ADMIN_KEY"),
        (provider_bodies, {"data": [{"date": "2026-11-10", "actor": {}, "model_breakdown": []}]}, "ANTHROPIC_ADMIN"),
        (
            provider_bodies,
            {"timestamp": 1794304800, "response": {**_BATCH, "usage": {"input_tokens": 9}}},
            "output_file_id",
        ),
        (
            provider_bodies,
            {"data": [{"date": "2026-11-10", "usage": 0.1, "byok_usage_inference": 0}]},
            "OPENROUTER_API_KEY",
        ),
        (litellm, _SUMMARY, "LiteLLM_SpendLogs"),
        (litellm, {"group_by_day": "2026-11-10", "teams": [{"total_spend": 1}]}, "LiteLLM_SpendLogs"),
        (
            litellm,
            {"results": [{"date": "2026-11-10", "metrics": {"spend": 1, "api_requests": 1}}]},
            "LiteLLM_SpendLogs",
        ),
        (langfuse, {"data": [{"date": "2026-11-10", "countTraces": 1, "usage": []}]}, "observations"),
        (langfuse, {"data": [{"id": "t", "timestamp": "2026-11-10", "observations": ["o1"]}]}, "Export observations"),
        (langfuse, {"id": "e", "type": "generation-create", "body": observation(1)}, "Export observations"),
    ],
)
def test_sums_are_no_calls_and_say_where_the_calls_are(
    parse_records: Any, reader: Any, answer: dict[str, Any], remedy: str
) -> None:
    rows, (bad,) = parse_records(reader.parse, answer)
    assert rows == []
    assert (bad.reason in ("daily_rollup", "usage_without_calls"), remedy in bad.message) == (True, True), bad


@pytest.mark.parametrize("respell", [str.lower, str.upper])
def test_columns_in_the_case_of_a_database(parse_records: Any, respell: Any) -> None:
    """Databases fold names of columns that nobody quotes."""
    asked = parse_records(litellm.parse, spend_log(1))
    assert parse_records(litellm.parse, {respell(name): item for name, item in spend_log(1).items()}) == asked
    seen = parse_records(langfuse.parse, observation(1))
    assert parse_records(langfuse.parse, {respell(name): item for name, item in observation(1).items()}) == seen


def test_langfuse_v1_usage_in_openais_names(parse_records: Any) -> None:
    usage = {"promptTokens": 100, "completionTokens": 30, "totalTokens": 130, "unit": "TOKENS", "totalCost": 0.0012}
    nothing = {"usageDetails": None, "totalCost": None, "costDetails": None}
    ((row,), bad) = parse_records(langfuse.parse, observation(1, **nothing, usage=usage))
    assert bad == []
    assert (row["uncached_input_tokens"], row["output_tokens"]) == (100, 30)
    assert row["recorded_cost_usd"] == Decimal("0.0012")


def test_rows_as_databases_export_them(parse_records: Any, tmp_path: Path) -> None:
    """`row_to_json` in its column, and tabs with `\\N` as COPY writes them."""
    asked = parse_records(litellm.parse, spend_log(1))
    assert parse_records(litellm.parse, {"row_to_json": spend_log(1)}) == asked
    assert parse_records(litellm.parse, {"to_jsonb": json.dumps(spend_log(1))}) == asked
    path = tmp_path / "copy.csv"
    usage = '{"usage_object": {"prompt_tokens_details": {"cached_tokens": 40}}}'
    cells = ["r1", "2026-11-10 10:00:00", "\\N", "NULL", "0.01", "100", "30", "130", usage]
    names = "request_id startTime endTime user spend prompt_tokens completion_tokens total_tokens metadata".split()
    path.write_text("\t".join(names) + "\n" + "\t".join(cells) + "\n")
    ((row,), bad) = run(litellm.parse, path)
    assert bad == []
    assert (row["uncached_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (60, 40, 30)
    assert "user_id" not in row


@pytest.mark.parametrize("column", ["num_model_requests", "usage_input_tokens_no_cache", "applied_cost_per_quantity"])
def test_exports_of_usage_pages_are_sums(tmp_path: Path, column: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"model,date,{column}\nm,2026-11-10,5\nm,2026-11-11,5\n")
    rows, (bad,) = run(canonical.parse, path)
    assert (rows, bad.reason, bad.field, "summed_calls" in bad.message) == ([], "daily_rollup", column, True)


def test_what_says_nothing_is_no_row_of_zero(parse_records: Any) -> None:
    """A file of another tool in this folder, and words for no value."""
    rows, (bad,) = parse_records(litellm.parse, observation(1))
    assert (rows, bad.reason, bad.field) == ([], "missing_usage", "spend")
    ((row,), bad) = parse_records(litellm.parse, spend_log(1, spend="None", endTime="N/A"))
    assert (row["output_tokens"], row.get("recorded_cost_usd"), bad) == (30, None, [])


def test_lines_that_are_arrays_hold_records(parse_records: Any) -> None:
    lines = [json.dumps([spend_log(1), spend_log(2)]).encode(), json.dumps([spend_log(3)]).encode()]
    rows, bad = parse_records(litellm.parse, *lines)
    assert ([row["event_id"] for row in rows], bad) == (["call-1", "call-2", "call-3"], [])
