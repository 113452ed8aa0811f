"""Tables that people export from vendors' pages, and answers of models on own machines."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.events.exports import cursor, ollama, openrouter
from tests.unit.ingestion.events.conftest import run
from tests.unit.ingestion.events.exporting import (
    SECRET,
    Parse,
    counts,
)

HEADER = "Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),"
HEADER += "Cache Read,Output Tokens,Total Tokens,Cost"


@pytest.mark.parametrize(
    ("line", "expected", "cost", "is_billable"),
    [
        ("2026-11-10T11:50:00Z,d,On-Demand,x,No,2000,1000,5000,500,8500,$0.03", (1000, 5000, 2000, 500), "0.03", True),
        ("2026-11-10T11:50:00Z,d,On-Demand,x,No,1200,1000,5000,300,6500,0.12", (1000, 5000, 200, 300), "0.12", True),
        ("2026-11-10T11:50:00Z,d,Included,x,No,0,100,0,10,110,Included", (100, 0, 0, 10), None, False),
        ("2026-11-10T11:50:00Z,d,Included,x,No,0,100,0,10,110,$0.01", (100, 0, 0, 10), "0.01", False),
        ('2026-11-10T11:50:00Z,d,Free,x,No,0,"1,000",0,10,"1,010",Free', (1000, 0, 0, 10), None, False),
        ('2026-11-10T11:50:00Z,d,"Errored, Not Charged",x,No,0,100,0,0,100,-', (100, 0, 0, 0), None, False),
    ],
    ids=["beside", "inside", "included", "worth of the plan", "free", "errored"],
)
def test_a_row_of_cursor(
    tmp_path: Path, line: str, expected: tuple[int, ...], cost: str | None, is_billable: bool
) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEADER}\n{line}\n")
    ((row,), bad) = run(cursor.parse, path)
    assert not bad
    assert (counts(row), row["is_billable"]) == (expected, is_billable)
    assert row.get("recorded_cost_usd") == (Decimal(cost) if cost else None)
    if cost:
        assert row["recorded_cost_kind"] == ("charge" if is_billable else "estimate")


def test_cursor_equal_rows_and_pages_of_the_admin_api(tmp_path: Path, parse_records: Parse) -> None:
    line = "2026-11-10T11:50:00Z,d,On-Demand,x,No,0,100,0,10,110,0.01"
    path = tmp_path / "usage.csv"
    path.write_text("\n".join([HEADER, line, line, ""]))
    first, _ = run(cursor.parse, path)
    again, _ = run(cursor.parse, path)
    assert len({row["event_id"] for row in first}) == 2
    assert [row["event_id"] for row in first] == [row["event_id"] for row in again]
    used = {"inputTokens": 100, "outputTokens": 10, "cacheWriteTokens": 20, "cacheReadTokens": 30, "totalCents": 1.5}
    event = {"timestamp": "1794303000000", "model": "x", "kind": "Usage-based", "userEmail": "d@x", "tokenUsage": used}
    ((row,), bad) = parse_records(cursor.parse, {"usageEventsDisplay": [event]})
    assert not bad
    assert (counts(row), row["recorded_cost_usd"]) == ((100, 30, 20, 10), Decimal("0.015"))


def test_openrouter_records_days_and_own_keys(parse_records: Parse, tmp_path: Path) -> None:
    record = {"id": "gen-1", "created_at": "2026-11-10T11:40:00Z", "model": "openai/gpt-5", "total_cost": 0.0055}
    record |= {"tokens_prompt": 8000, "tokens_completion": 280, "native_tokens_prompt": 9200}
    record |= {"native_tokens_completion": 300, "native_tokens_cached": 8000, "native_tokens_new": 5}
    own = record | {"id": "gen-2", "total_cost": 0.001, "is_byok": True, "upstream_inference_cost": 0.02}
    other = record | {"id": "gen-3", "is_byok": False, "upstream_inference_cost": 0.004}
    rows, bad = parse_records(openrouter.parse, {"data": record}, own, other)
    assert not bad
    assert [counts(row) for row in rows] == [(1200, 8000, None, 300)] * 3
    assert [(row["recorded_cost_usd"], row["recorded_cost_kind"]) for row in rows] == [
        (Decimal("0.0055"), "charge"),
        (Decimal("0.021"), "estimate"),
        (Decimal("0.0055"), "charge"),
    ]
    assert json.loads(rows[0]["unresolved_usage"])[0]["quantity"] == 5
    path = tmp_path / "days.csv"
    path.write_text("Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\n2026-11-10,a/b,0.5,1,100,10\n")
    ((row,), bad) = run(openrouter.parse, path)
    assert (counts(row), row["recorded_cost_usd"], "unresolved_usage" in row) == (
        (100, None, None, 10),
        Decimal("0.5"),
        False,
    )


def test_ollama_streams_envelopes_and_cached_prompts(parse_records: Parse) -> None:
    answer = {"model": "llama3.2", "created_at": "2026-11-10T11:55:00.123456789Z", "total_duration": 5_000_000_000}
    last = answer | {"done": True, "eval_count": 9, "prompt_eval_count": 4, "response": SECRET}
    lines = [
        answer | {"done": False, "response": SECRET},
        last,
        last,
        answer | {"created_at": "2026-11-10T11:56:00Z", "done": True, "eval_count": 3},
        {"timestamp": "2026-11-10T11:57:00Z", "user_id": "u", "response": {"model": "e", "prompt_eval_count": 8}},
    ]
    rows, bad = parse_records(ollama.parse, *lines)
    assert not bad
    assert [counts(row) for row in rows] == [(4, None, None, 9), (None, None, None, 3), (8, None, None, None)]
    assert rows[0]["duration_ms"] == 5000
    assert rows[2]["user_id"] == "u"
