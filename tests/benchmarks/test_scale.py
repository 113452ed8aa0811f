"""Ten and a hundred million events landed, priced, rolled up, allocated, on DuckDB and Spark: cost per event stays.

Only at full size: the shape of what it runs is that of the tests of landing, of models and of Spark.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ingestion.config import Settings
from orchestration.warehouse.engines.spark import missing_for_spark
from tests.benchmarks.scale_run import landed_and_built
from tests.benchmarks.size import IS_FULL, measured

SIZES = [int(each) for each in os.environ.get("COSTOPS_BENCH_EVENTS", "10000000,100000000").split(",")]
GROWTH_LIMIT = 1.2

pytestmark = pytest.mark.skipif(not IS_FULL, reason="an hour: COSTOPS_BENCH_SIZE=full")


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_an_event_costs_the_same_among_many_more(engine: str, tmp_path: Path) -> None:
    if engine == "spark" and (missing := missing_for_spark(Settings.from_env({"COSTOPS_ENGINE": "spark"}, tmp_path))):
        pytest.skip(f"Spark {missing}")
    found: list[dict[str, Any]] = []
    for rows in SIZES:
        home = tmp_path / str(rows)
        found.append(measured(landed_and_built, home, rows, engine))
        print(f"\n{rows:,} events: {found[-1]}")
        assert found[-1]["cost_usd"] == found[-1]["allocated_usd"]
        shutil.rmtree(home)
    each = [(one["landing_cpu"] + one["building_cpu"]) / int(one["events"]) for one in found]
    growth = each[-1] / each[0]
    print(f"{engine}: CPU µs an event {[round(seconds * 1e6, 2) for seconds in each]}, growth {growth:.2f}")
    assert growth <= GROWTH_LIMIT
