from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.sources.events.langfuse import parse
from tests.unit.ingestion.events.conftest import run, source_file
from tests.unit.ingestion.events.corpus import observation


def one(parse_records: Any, **fields: Any) -> dict[str, Any]:
    rows, bad = parse_records(parse, observation(1, **fields))
    assert bad == []
    (row,) = rows
    return row


def tokens(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("uncached_input_tokens", "cache_read_tokens", "output_tokens"))


def test_an_observation(parse_records: Any) -> None:
    row = one(parse_records, userId="u1", metadata={"ls_provider": "openai"})
    assert tokens(row) == (60, 40, 30)
    assert (row["event_id"], row["served_model"]) == ("obs-1", "gpt-4o-2024-08-06")
    assert (row["recorded_cost_usd"], row["recorded_cost_text"]) == (Decimal("0.0005"), "0.0005")
    assert (row["environment"], row["user_id"], row["provider_name"]) == ("production", "u1", "openai")
    assert row["duration_ms"] == 800


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"input": 60, "input_cached_tokens": 40, "output": 30, "total": 130}, (60, 40, 30)),
        ({"input": 100, "input_cached_tokens": 40, "output": 30, "total": 130}, (60, 40, 30)),
        ({"input": 100, "input_cached_tokens": 40, "output": 30}, (100, 40, 30)),
        ({"input": 60, "input_cached_tokens": 40, "output": 30, "web_search_requests": 2, "total": 132}, (60, 40, 30)),
        ({"prompt_tokens": 100, "input_cached_tokens": 40, "completion_tokens": 30, "total_tokens": 130}, (60, 40, 30)),
        (
            {"input": 60, "input_cache_read": 40, "output": 20, "output_reasoning_tokens": 10, "total": 130},
            (60, 40, 30),
        ),
        (
            {"input": 60, "input_cache_read": 40, "output": 30, "output_reasoning_tokens": 10, "total": 130},
            (60, 40, 30),
        ),
        (
            {
                "prompt_tokens": 100,
                "prompt_tokens_details.cached_tokens": 40,
                "completion_tokens": 30,
                "completion_tokens_details.reasoning_tokens": 10,
                "total_tokens": 130,
            },
            (60, 40, 30),
        ),
        ({"input": 5, "output": 2}, (5, None, 2)),
        ({"input": 5}, (5, None, None)),
    ],
    ids=[
        "beside_by_total",
        "inside_by_total",
        "beside_without_total",
        "searches_in_the_total",
        "openai_names",
        "reasoning_beside",
        "reasoning_inside",
        "dotted_names",
        "plain",
        "embedding",
    ],
)
def test_whether_input_includes_cached_is_decided_by_the_total(
    parse_records: Any, details: dict[str, int], expected: tuple[Any, ...]
) -> None:
    assert tokens(one(parse_records, usageDetails=details, totalCost=None, costDetails={})) == expected


def test_anthropic_cache_writes_by_lifetime(parse_records: Any) -> None:
    details = {
        "input": 12,
        "cache_read_input_tokens": 2_000,
        "input_cache_creation_5m": 100,
        "input_cache_creation_1h": 200,
        "output": 50,
        "total": 2_362,
    }
    row = one(parse_records, usageDetails=details)
    assert tokens(row) == (12, 2_000, 50)
    assert (row["cache_write_5m_tokens"], row["cache_write_1h_tokens"]) == (100, 200)


def test_v1_fields(parse_records: Any) -> None:
    row = one(
        parse_records,
        usageDetails=None,
        costDetails=None,
        totalCost=None,
        calculatedTotalCost="0.00125",
        usage={"input": 100, "output": 30, "total": 130, "unit": "TOKENS"},
        providedModelName=None,
        model="gpt-4o",
    )
    assert tokens(row) == (100, None, 30)
    assert (row["recorded_cost_usd"], row["served_model"]) == (Decimal("0.00125"), "gpt-4o")


def test_cost_details_serve_when_there_is_no_total(parse_records: Any) -> None:
    row = one(parse_records, totalCost=None, costDetails={"input": 0.1, "output": 0.02})
    assert row["recorded_cost_usd"] == Decimal("0.12")


def test_zero_cost_of_tokens_is_unknown(parse_records: Any) -> None:
    assert "recorded_cost_usd" not in one(parse_records, totalCost=0)


def test_only_generations_count_and_the_newest_version_of_each(tmp_path: Any) -> None:
    newer = observation(1, updatedAt="2026-01-02T00:00:00Z", usageDetails={"input": 7, "output": 7, "total": 14})
    pages = [{"data": [newer, observation(2)], "meta": {}}, {"data": [observation(1), observation(3, type="SPAN")]}]
    path = tmp_path / "o.jsonl"
    path.write_text("\n".join(json.dumps(page) for page in pages))
    (batch,) = parse(source_file(path))
    assert batch.table is not None
    assert [(row["event_id"], row["output_tokens"]) for row in batch.table.to_pylist()] == [("obs-1", 7), ("obs-2", 30)]
    assert [str(note) for note in batch.notes] == [
        "not counted: 1 record that is no generation (span)",
        "1 record that is no generation reports usage of its own, with no call below",
        "left out: 1 older version of generations",
    ]


def test_unknown_keys_are_named(tmp_path: Any) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text(json.dumps(observation(1, usageDetails={"input": 1, "output": 1, "sparkles": 3})))
    (batch,) = parse(source_file(path))
    (note,) = batch.notes
    assert (note.kind, note.count, note.row) == ("unknown_usage", 1, 1)
    assert "usageDetails.sparkles: 3 " in str(note)
    assert batch.table["unknown_usage_reason"].to_pylist() == ["unknown_counter"]


def test_errors_land_without_tokens(parse_records: Any) -> None:
    row = one(parse_records, level="ERROR", statusMessage="429", usageDetails={}, totalCost=None, costDetails={})
    assert (row["status"], row["error_type"]) == ("error", "429")
    assert "output_tokens" not in row


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "missing_id"),
        ({"startTime": None}, "missing_timestamp"),
        ({"usageDetails": {}, "totalCost": None, "costDetails": None}, "missing_usage"),
        ({"usageDetails": {"total": 130}, "totalCost": None, "costDetails": None}, "only_total_tokens"),
        ({"usageDetails": {"input": -1}}, "out_of_range"),
        ({"usageDetails": None, "usage": {"input": 5, "unit": "REQUESTS"}}, "unit_not_tokens"),
        ({"totalCost": "much"}, "invalid_number"),
    ],
)
def test_broken_observations_are_quarantined(parse_records: Any, fields: dict[str, Any], reason: str) -> None:
    rows, bad = parse_records(parse, observation(1, **fields), observation(9))
    assert [row["event_id"] for row in rows] == ["obs-9"]
    assert [(entry.row_number, entry.reason) for entry in bad] == [(1, reason)]
    assert bad[0].field


BLOB = {
    "id": "b1",
    "type": "GENERATION",
    "start_time": "2026-11-10 09:30:00.000000",
    "end_time": "2026-11-10 09:30:02.000000",
    "provided_model_name": "gpt-5",
    "updated_at": "2026-11-10 09:31:00.000000",
    "input": "the words of a person",
}
USED = {"input": 1200, "input_cached_tokens": 8000, "output": 300, "total": 9500}


def test_blob_exports_as_csv_and_parquet(tmp_path: Path) -> None:
    header = ",".join((*BLOB, "usage_details", "total_cost"))
    details = json.dumps(USED).replace('"', '""')
    (tmp_path / "a.csv").write_text(f'{header}\n{",".join(BLOB.values())},"{details}",0.0055\n')
    counters = pa.map_(pa.string(), pa.int64())
    pairs = pa.list_(pa.struct([("key", pa.string()), ("value", pa.int64())]))
    listed = [{"key": name, "value": number} for name, number in USED.items()]
    for name, kind, value in (("b", counters, list(USED.items())), ("c", pairs, listed)):
        columns = {key: pa.array([item]) for key, item in BLOB.items()}
        columns |= {"usage_details": pa.array([value], kind), "total_cost": pa.array([0.0055])}
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    for path in sorted(tmp_path.iterdir()):
        ((row,), bad) = run(parse, path)
        assert bad == []
        assert (tokens(row), row["recorded_cost_usd"]) == ((1200, 8000, 300), Decimal("0.0055")), path
        assert "the words of a person" not in str(row)


def test_a_trace_downloaded_from_the_pages_and_their_table(parse_records: Any, tmp_path: Path) -> None:
    trace = {"trace": {"id": "t"}, "observations": [observation(1), observation(2, type="SPAN", usageDetails={})]}
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(trace, indent=2))
    rows, bad = run(parse, path)
    assert ([row["event_id"] for row in rows], bad) == (["obs-1"], [])
    table = {"id": "o", "startTime": "2026-11-10T09:30:00Z", "model": "gpt-5", "inputUsage": 12, "outputUsage": 3}
    ((row,), bad) = parse_records(parse, table | {"totalUsage": 15, "totalCost": 0.01})
    assert (tokens(row), bad) == ((12, None, 3), [])
    nothing = table | {"usageDetails": {}, "inputUsage": 0, "outputUsage": 0, "totalUsage": 0}
    rows, (refused,) = parse_records(parse, nothing)
    assert (rows, refused.reason) == ([], "missing_usage")


def test_records_below_a_chain_of_other_kinds_count_once(parse_records: Any) -> None:
    lines = [
        observation(1, parentObservationId=None),
        observation(2, type="AGENT", parentObservationId="obs-1"),
        observation(3, type="SPAN", parentObservationId="obs-2", usageDetails={}),
        observation(4, parentObservationId="obs-3"),
        observation(5, parentObservationId="obs-3"),
    ]
    rows, bad = parse_records(parse, *lines)
    assert ([row["event_id"] for row in rows], bad) == (["obs-4", "obs-5"], [])
