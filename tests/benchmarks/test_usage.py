"""Pricing and rolling up usage against one hand-written statement, and the cost of one more day.

Run with `pytest tests/benchmarks/test_usage.py -s`; COSTOPS_BENCHMARK_ROWS lowers the ten million rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROWS = int(os.environ.get("COSTOPS_BENCHMARK_ROWS", "10000000"))
BY_HAND_LIMIT = 2.0
ONE_DAY_LIMIT = 1.3


def _job(job: str, home: Path, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.usage_run", job, str(home), str(rows)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_pricing_and_rolling_up_stays_near_one_statement(tmp_path: Path) -> None:
    found = _job("priced", tmp_path, ROWS)
    ratio = found["dbt"] / found["by_hand"]
    print(f"\n{ROWS:,} requests: {found}\nratio {ratio:.2f}, limit {BY_HAND_LIMIT}")
    assert found["differing"] == 0, "both must give the same daily cost to the last decimal"
    assert ratio <= BY_HAND_LIMIT


def test_one_more_day_costs_that_day(tmp_path: Path) -> None:
    small = _job("one_more_day", tmp_path / "small", ROWS // 10)
    large = _job("one_more_day", tmp_path / "large", ROWS)
    ratio = large["dbt"] / small["dbt"]
    print(f"\none more day on {ROWS // 10:,}: {small}\non {ROWS:,}: {large}\nratio {ratio:.2f}, limit {ONE_DAY_LIMIT}")
    assert large["requests"] - ROWS == small["requests"] - ROWS // 10
    assert ratio <= ONE_DAY_LIMIT
