"""Allocating five million charges by two hundred rules: time, memory, and what one more day costs.

Run with `pytest tests/benchmarks/test_allocation.py -s`; COSTOPS_BENCHMARK_ROWS lowers the five million rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROWS = int(os.environ.get("COSTOPS_BENCHMARK_ROWS", "5000000"))
DAYS, FEW_DAYS = 365, 59


def _job(home: Path, rows: int, days: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.allocation_run", str(home), str(rows), str(days)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_one_more_day_costs_that_day_however_long_the_history(tmp_path: Path) -> None:
    """Both histories end with a month, so that the day begins one: rules that count by the month touch no other day."""
    small = _job(tmp_path / "small", ROWS * FEW_DAYS // DAYS, FEW_DAYS)
    large = _job(tmp_path / "large", ROWS, DAYS)
    print(f"\n{json.dumps(small)}\n{json.dumps(large)}")
    assert Decimal(small["leak"]) == Decimal(large["leak"]) == 0
    assert large["shared_parts"] > ROWS // 10
    assert large["everything"]["cpu_seconds"] / small["everything"]["cpu_seconds"] < 1.4 * DAYS / FEW_DAYS
    for one in (small, large):
        assert (one["one_more_day"]["days_allocated"], one["nothing_new"]["days_allocated"]) == (1, 0)
    assert large["one_more_day"]["in_models"] < 2 * small["one_more_day"]["in_models"]
    assert large["one_more_day"]["in_models"] < large["everything"]["in_models"] / 20
