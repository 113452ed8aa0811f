"""Counters of agents: differences, resets, exporters that repeat, and never beside the logs of the same calls."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.landing.model import SourceFile
from ingestion.sources.events import otel

SECOND = 10**9
START = 1794304800 * SECOND


def _point(value: int | float, at: int, start: int = 0, **given: str) -> dict[str, Any]:
    return {
        "asDouble" if isinstance(value, float) else "asInt": value if isinstance(value, float) else str(value),
        "timeUnixNano": str(START + at * SECOND),
        "startTimeUnixNano": str(START + start * SECOND),
        "attributes": [{"key": key, "value": {"stringValue": each}} for key, each in {"model": "m", **given}.items()],
    }


def _export(name: str, temporality: int, points: list[dict[str, Any]]) -> dict[str, Any]:
    metric = {"name": name, "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": points}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


def _read(
    tmp_path: Path, *exports: dict[str, Any], folder: str = "metrics_only/"
) -> tuple[list[dict[str, Any]], list[str]]:
    path = tmp_path / "m.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in exports))
    file = SourceFile(path, f"otel/{folder}m.jsonl", path.stat().st_size, datetime(2026, 11, 11), "")  # noqa: DTZ001
    batches = list(otel.parse(file))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    return rows, [note.kind for batch in batches for note in batch.notes] + [
        bad.reason for batch in batches for bad in batch.quarantined
    ]


TOKENS, COST = "claude_code.token.usage", "claude_code.cost.usage"


def test_a_cumulative_counter_counts_its_differences_and_begins_anew_after_a_reset(tmp_path: Path) -> None:
    # 100, then +50; a new process (start 200) counts 30; then the value falls without a new start: 5.
    points = [
        _point(v, at, start, type="output")
        for v, at, start in ((100, 60, 0), (150, 120, 0), (30, 260, 200), (5, 320, 200))
    ]
    rows, _ = _read(tmp_path, *(_export(TOKENS, 2, [point]) for point in points))
    assert [row["output_tokens"] for row in rows] == [100, 50, 30, 5]


def test_delta_points_count_as_they_are_and_once_where_two_exporters_deliver_them(tmp_path: Path) -> None:
    export = _export(TOKENS, 1, [_point(7, 60, 0, type="output"), _point(8, 120, 60, type="output")])
    rows, _ = _read(tmp_path, export, export)
    assert sum(row["output_tokens"] for row in rows) == 15


def test_types_and_cost_of_one_instant_are_one_row(tmp_path: Path) -> None:
    kinds = {"input": 4, "output": 1800, "cacheRead": 30000, "cacheCreation": 2000}
    tokens = _export(TOKENS, 1, [_point(value, 60, 0, type=kind) for kind, value in kinds.items()])
    rows, _ = _read(tmp_path, tokens, _export(COST, 1, [_point(0.07252, 60)]))
    (row,) = rows
    found = [
        row[name] for name in ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    ]
    assert found == [4, 30000, 2000, 1800]
    assert row["recorded_cost_usd"] == Decimal("0.07252")


def test_gemini_counts_cached_tokens_inside_input_and_thoughts_beside_output(tmp_path: Path) -> None:
    kinds = {"input": 1000, "cache": 600, "output": 50, "thought": 25}
    rows, _ = _read(
        tmp_path, _export("gemini_cli.token.usage", 1, [_point(v, 60, 0, type=k) for k, v in kinds.items()])
    )
    assert [rows[0][name] for name in ("uncached_input_tokens", "cache_read_tokens", "output_tokens")] == [400, 600, 75]


def test_elsewhere_metrics_are_named_and_not_counted(tmp_path: Path) -> None:
    rows, said = _read(tmp_path, _export(TOKENS, 1, [_point(7, 60, type="output")]), folder="")
    assert rows == []
    assert said == ["usage_without_row"]


def test_a_type_that_nobody_knows_is_set_aside(tmp_path: Path) -> None:
    rows, said = _read(tmp_path, _export(TOKENS, 1, [_point(7, 60, type="telepathy")]))
    assert rows == []
    assert said[-1] == "no_known_counter"


def test_metrics_of_tokens_that_are_not_read_are_named(tmp_path: Path) -> None:
    rows, said = _read(tmp_path, _export("gen_ai.client.token.usage", 2, [_point(7, 1)]))
    assert rows == []
    assert said == ["unknown_usage"]
