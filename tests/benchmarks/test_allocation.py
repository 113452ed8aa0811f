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
DAYS = 365


def _job(home: Path, rows: int, days: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.allocation_run", str(home), str(rows), str(days)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_allocation_is_exact_and_grows_no_faster_than_its_rows(tmp_path: Path) -> None:
    """Allocation is rebuilt whole: one more day costs a rebuild, whose price per row must not rise with history."""
    small = _job(tmp_path / "small", ROWS // 5, DAYS // 5)
    large = _job(tmp_path / "large", ROWS, DAYS)
    print(f"\n{small}\n{large}")
    assert Decimal(small["leak"]) == Decimal(large["leak"]) == 0
    assert large["shared_parts"] > ROWS // 10
    assert large["cpu_seconds"] / small["cpu_seconds"] < 7, "five times the rows in five times the days"
