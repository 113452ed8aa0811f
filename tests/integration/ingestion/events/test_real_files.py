"""Public ledgers and traces land completely through the mappings of docs/sources/examples."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.config import Settings
from ingestion.landing import connect
from ingestion.sources.events.pipeline import land
from tests.integration.ingestion.landing.toy import NOW
from tests.support.shared_data import shared_data

EXAMPLES = Path(__file__).parents[4] / "docs" / "sources" / "examples"
LATER = NOW.replace(year=2027)


def _landed(home: Path, name: str, data: Path, columns: str) -> list[tuple[Any, ...]]:
    """Land a copy of one data file through its example mapping; rows in file order."""
    settings = Settings.from_env({}, home)
    folder = settings.events_dir / "mapped" / name
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLES / f"{name}.mapping.yml", folder / "mapping.yml")
    shutil.copy2(data, folder / data.name)
    report = land(settings, now=LATER)
    assert (report.quarantined_rows, report.notes) == (0, [])
    with connect(settings.warehouse_path) as db:
        return db.execute(f"select {columns} from raw_events.requests order by _source_row").fetchall()


def test_call_ledger_equals_its_file_call_by_call(tmp_path: Path) -> None:
    data = shared_data("ledgers/hn_openai/openai_call_ledger.csv.gz")
    columns = "uncached_input_tokens, cache_read_tokens, output_tokens, recorded_cost_usd, recorded_cost_decimals"
    rows = _landed(tmp_path, "hn_openai", data, f"{columns}, requested_model, requested_at_utc, event_id")
    with gzip.open(data, "rt", newline="") as stream:
        calls = list(csv.DictReader(stream))
    assert len(rows) == len(calls) == 2_948
    assert sum(row[3] for row in rows) == Decimal("6.378454")
    assert len({row[7] for row in rows}) == 2_948
    for row, call in zip(rows, calls, strict=True):
        assert row[0] + row[1] == int(call["input_tokens"])
        assert (row[1], row[2]) == (int(call["cached_tokens"]), int(call["output_tokens"]))
        assert (row[3], row[4], row[5]) == (Decimal(call["cost_usd"]), 6, call["model"])
        assert str(row[6]) == f"{call['date']} {call['time']}"


def test_azure_trace_keeps_every_token_and_names_no_model(tmp_path: Path) -> None:
    data = shared_data("usage/azure_llm/AzureLLMInferenceTrace_code.csv")
    columns = "uncached_input_tokens, output_tokens, requested_model, recorded_cost_usd, requested_at_utc"
    rows = _landed(tmp_path, "azure_llm", data, columns)
    with data.open(newline="") as stream:
        calls = list(csv.DictReader(stream))
    assert len(rows) == 8_819
    assert sum(row[0] for row in rows) == sum(int(call["ContextTokens"]) for call in calls)
    assert sum(row[1] for row in rows) == sum(int(call["GeneratedTokens"]) for call in calls)
    assert {(row[2], row[3]) for row in rows} == {(None, None)}
    assert f"{rows[0][4]:%Y-%m-%d %H:%M:%S.%f}" == calls[0]["TIMESTAMP"][:26]


def test_mooncake_trace_counts_from_its_start(tmp_path: Path) -> None:
    data = shared_data("usage/mooncake/conversation_trace.jsonl.gz")
    rows = _landed(tmp_path, "mooncake", data, "uncached_input_tokens, output_tokens, requested_at_utc")
    with gzip.open(data, "rt") as stream:
        calls = [json.loads(line) for line in stream]
    assert len(rows) == 12_031
    assert [row[:2] for row in rows] == [(call["input_length"], call["output_length"]) for call in calls]
    start = rows[0][2]
    assert str(start) == "2024-01-01 00:00:00"
    assert [round((row[2] - start).total_seconds() * 1000) for row in rows] == [call["timestamp"] for call in calls]


def test_news_digest_shows_its_errors(tmp_path: Path) -> None:
    data = shared_data("ledgers/news_digest/token_usage.jsonl")
    columns = "status, error_type, provider_name, uncached_input_tokens, output_tokens, duration_ms"
    rows = _landed(tmp_path, "news_digest", data, columns)
    runs = [json.loads(line) for line in data.read_text().splitlines()]
    assert len(rows) == len(runs) == 117
    assert [row[0] for row in rows] == ["error" if run["curate_error"] else "ok" for run in runs]
    errors = [row for row in rows if row[0] == "error"]
    assert len(errors) == 6
    assert {row[3:5] for row in errors} == {(0, 0)}
    assert {row[1] for row in errors} == {"RateLimitError", "ServerError", "ClientError"}
    assert {row[2] for row in rows} == {"anthropic", "google"}
    assert [row[5] for row in rows] == [pytest.approx(run["duration_seconds"] * 1000, abs=0.5) for run in runs]
