"""Pricing and rolling up ten million requests against one hand-written statement, and the cost of one more day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.size import IS_FULL, measured, sized
from tests.benchmarks.usage_run import usage_built

ROWS = sized(tiny=3_000, full=10_000_000)
DAY_ROWS = sized(tiny=100, full=27_000)
BY_HAND_LIMIT = 22.0
"""So that it gets no worse: the statement keeps one sum a day, the hourly usage 50 counts by hour, key and user."""
ONE_DAY_LIMIT = 1.3


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(usage_built, tmp_path_factory.mktemp("large"), ROWS, DAY_ROWS)


def test_pricing_and_rolling_up_stays_near_one_statement(large: dict[str, Any]) -> None:
    ratio = large["dbt_cpu"] / large["by_hand_cpu"]
    print(f"\n{ROWS:,} requests: {large}\nratio of CPU seconds {ratio:.2f}, limit {BY_HAND_LIMIT}")
    assert large["differing"] == 0, "both must give the same daily cost to the last decimal"
    assert large["requests"] == ROWS + DAY_ROWS
    assert ratio <= BY_HAND_LIMIT or not IS_FULL


@pytest.mark.skipif(not IS_FULL, reason="of its shape is the other test")
def test_one_more_day_costs_that_day(large: dict[str, Any], tmp_path: Path) -> None:
    small = measured(usage_built, tmp_path, ROWS // 10, DAY_ROWS)
    ratio = large["one_more_day_cpu"] / small["one_more_day_cpu"]
    print(f"\none more day on {ROWS // 10:,}: {small}\non {ROWS:,}: {large}\nratio {ratio:.2f}, limit {ONE_DAY_LIMIT}")
    assert ratio <= ONE_DAY_LIMIT
