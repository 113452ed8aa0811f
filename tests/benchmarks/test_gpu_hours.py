"""1,000 GPUs over 30 days at a sample a minute: landing and modelling against a plain aggregation of the same files."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.benchmarks.gpu_run import aggregated, modelled, written
from tests.benchmarks.size import IS_FULL, measured, sized

GPUS = int(os.environ.get("COSTOPS_BENCH_GPUS", sized(tiny=8, full=1000)))
DAYS = int(os.environ.get("COSTOPS_BENCH_DAYS", sized(tiny=1, full=30)))
MOST = 14
"""Times the CPU of the plain aggregation, which checks, splits and prices nothing (decision 48): so that it gets no
worse."""


def test_gpu_samples_land_and_become_hours(tmp_path: Path) -> None:
    files = tmp_path / "files"
    samples = written(str(files), str(GPUS), str(DAYS))
    plain = measured(aggregated, files)
    ours = measured(modelled, tmp_path / "home", files)
    print(f"\n{samples:,} samples\nplain {json.dumps(plain)}\nours  {json.dumps(ours)}")
    assert ours["hours"] == plain["hours"] == GPUS * DAYS * 24
    assert ours["odd_hours"] == 0
    if IS_FULL:
        assert ours["cpu_seconds"] < MOST * plain["cpu_seconds"]
