"""Answers of APIs that an application keeps in a table, exported as CSV or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.sources.events.provider_bodies import parse
from tests.unit.ingestion.events.conftest import run

USED = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}}
ANSWER = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_794_304_800, "model": "gpt-5", "usage": USED}
DOTTED = {
    "response.id": "chatcmpl-1",
    "response.model": "gpt-5",
    "response.usage.prompt_tokens": "100",
    "response.usage.completion_tokens": "10",
    "response.usage.prompt_tokens_details.cached_tokens": "40",
}
LOGGED = json.dumps({"timestamp": "2026-11-10T10:00:00Z", "user_id": "u1", "response": ANSWER})
AT = {"created_at": "2026-11-10 10:00:00+00", "user_id": "u1"}
TABLES: dict[str, dict[str, Any]] = {
    "answers": AT | {"response": json.dumps(ANSWER)},
    "dotted": AT | DOTTED,
    "insights": {"@timestamp": "2026-11-10 10:00:00.000", "@message": LOGGED, "@ptr": "CnIKOQ"},
    "splunk": {"_time": "2026-11-10T10:00:00.000+0000", "_raw": LOGGED, "host": "h"},
}


def counted(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("event_id", "served_model", "user_id", "uncached_input_tokens", "cache_read_tokens", "output_tokens")
    return row["requested_at_utc"], *(row.get(name) for name in names)


EXPECTED = (datetime(2026, 11, 10, 10), "chatcmpl-1", "gpt-5", "u1", 60, 40, 10)  # noqa: DTZ001 naive UTC


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_answers(tmp_path: Path, name: str) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, TABLES[name])
        writer.writeheader()
        writer.writerow(TABLES[name])
    rows, bad = run(parse, path)
    assert ([counted(row) for row in rows], bad) == ([EXPECTED], [])


@pytest.mark.parametrize("answer", [ANSWER, json.dumps(ANSWER)], ids=["struct", "text"])
def test_a_parquet_table_of_answers(tmp_path: Path, answer: Any) -> None:
    path = tmp_path / "table.parquet"
    at = pa.array([datetime(2026, 11, 10, 10)], pa.timestamp("ns"))  # noqa: DTZ001 naive UTC
    pq.write_table(
        pa.table({"timestamp": at, "user_id": pa.array(["u1"]).dictionary_encode(), "response": [answer]}), path
    )
    rows, bad = run(parse, path)
    assert ([counted(row) for row in rows], bad) == ([EXPECTED], [])


def test_counters_of_a_table_that_have_several_meanings_are_asked_about(parse_records: Callable[..., Any]) -> None:
    lines = b"timestamp,model,prompt_tokens,completion_tokens,cached_tokens", b"2026-11-10T10:00:00Z,gpt-5,100,10,40"
    rows, (bad,) = parse_records(parse, *lines, name="table.csv")
    assert (rows, "mapped/" in bad.message) == ([], True)
