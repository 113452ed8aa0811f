"""The samples of the documents, read by their readers: every row with its counts and cost, worked by hand."""

from __future__ import annotations

import importlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.routing import READERS
from tests.unit.ingestion.events.conftest import run

SAMPLES = Path(__file__).parents[4] / "docs" / "sources" / "examples" / "formats"

EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "canonical.csv": [("ev-1001", 1200, 8000, None, 300, "0.0055"), ("ev-1002", 900, None, None, 150, None)],
    "provider_bodies.jsonl": [
        ("chatcmpl-7001", 1200, 8000, None, 300, None),
        ("msg_017001", 900, 4000, None, 150, None),
    ],
    "litellm.jsonl": [
        ("6f0d3a10-0001", 1200, 8000, None, 300, "0.0055"),
        ("6f0d3a10-0002", 1200, 8000, None, 300, "0.0055"),
    ],
    "otel.jsonl": [("5b8aa5a2d2c872e8321cf37308d69df2:051581bf3cb55c13", 1200, 8000, None, 300, None)],
    "langfuse.jsonl": [("obs-9001", 1200, 8000, None, 300, "0.0055")],
    "claude_code.jsonl": [("msg_01001", 4, 30000, None, 1800, None)],
    "codex.jsonl": [("cdx-51:0:20000:12000:0:900:400", 8000, 12000, None, 900, None)],
    "bedrock.jsonl": [("0d1f-71", 1000, 8000, None, 200, None)],
    "vertex.jsonl": [
        ("7330457132958793728", 4000, 8000, None, 1000, None),
        ("msg_vrtx_01001", 900, 4000, None, 150, None),
    ],
    "langsmith.jsonl": [("run-101", 4000, 8000, None, 1000, "0.016")],
    "helicone.jsonl": [("2b0e-1", 900, 4000, 0, 150, "0.00615"), ("2b0e-2", 1200, None, None, 300, None)],
    "portkey.jsonl": [("pk-1", 1200, None, None, 300, "0.0045")],
    "posthog.jsonl": [("0193-1", 900, 4000, None, 150, "0.00615")],
    "openrouter.csv": [
        ("gen-1794303000-a1", 1200, 8000, None, 300, "0.0055"),
        ("gen-1794303060-b2", 1000, 0, None, 50, "0"),
    ],
    "openrouter_days.csv": [("2026-11-10/day/openai/gpt-5", 1_100_000, None, None, 36_000, "1.25")],
    "cursor.csv": [(None, 1000, 40000, 2000, 500, "0.03"), (None, 1200, 8000, 0, 300, None)],
    "ollama.jsonl": [(None, 26, None, None, 282, None), (None, 8, None, None, None, None)],
}
"""(id, fresh input, cache read, cache write, output, recorded cost) of each row; ids of None are hashes."""


def folder_of(name: str) -> str:
    stem = name.partition(".")[0]
    return max((folder for folder in READERS if stem.startswith(folder)), key=len)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_lands_with_these_rows(name: str) -> None:
    parse = importlib.import_module(READERS[folder_of(name)]).parse
    rows, bad = run(parse, SAMPLES / name)
    assert not bad
    columns = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    for row, (identity, *counts, cost) in zip(rows, EXPECTED[name], strict=True):
        assert identity is None or row["event_id"] == identity
        assert [row.get(column) for column in columns] == counts
        assert row.get("recorded_cost_usd") == (Decimal(cost) if cost else None)
        assert row["requested_at_utc"].isoformat().startswith("2026-11-10T")
    assert all(row["event_source"] == folder_of(name) for row in rows)
    assert len({row["event_id"] for row in rows}) == len(rows)
