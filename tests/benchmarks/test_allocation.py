"""Allocating five million charges by two hundred rules: time, memory, and what one more day costs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from tests.benchmarks.allocation_run import allocated
from tests.benchmarks.size import IS_FULL, measured, sized

ROWS = sized(tiny=20_000, full=5_000_000)
DAYS, FEW_DAYS = sized(tiny=59, full=365), sized(tiny=31, full=59)
"""Both end with a month, so that the next day begins one: rules that count by the month touch no other day."""


def test_one_more_day_costs_that_day_however_long_the_history(tmp_path: Path) -> None:
    small = measured(allocated, tmp_path / "small", ROWS * FEW_DAYS // DAYS, FEW_DAYS)
    large = measured(allocated, tmp_path / "large", ROWS, DAYS)
    print(f"\n{json.dumps(small)}\n{json.dumps(large)}")
    assert Decimal(small["leak"]) == Decimal(large["leak"]) == 0
    assert large["shared_parts"] > ROWS // 10
    for one in (small, large):
        assert (one["one_more_day"]["days_allocated"], one["nothing_new"]["days_allocated"]) == (1, 0)
    if IS_FULL:
        assert large["everything"]["cpu_seconds"] / small["everything"]["cpu_seconds"] < 1.4 * DAYS / FEW_DAYS
        assert large["one_more_day"]["in_models"] < 2 * small["one_more_day"]["in_models"]
        assert large["one_more_day"]["in_models"] < large["everything"]["in_models"] / 20
