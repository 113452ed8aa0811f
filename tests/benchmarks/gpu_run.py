"""Measured jobs on GPU samples in Parquet: landing and modelling them, and DuckDB's own aggregation of the same files.

Put here: the files and the two jobs that are compared. Keep out: judging (see `test_gpu_hours.py`).
"""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.config import Settings
from ingestion.sources.gpu.pipeline import land
from tests.integration.capacity.conftest import build, gpu_warehouse
from tests.support.warehouse import ScratchWarehouse

GPUS_PER_HOST = 8
SAMPLES = """
copy (
    select
        timestamp '2026-06-01' + to_minutes(cast(minute as bigint)) + to_days(cast({day} as integer)) as sampled_at_utc,
        'host-' || (gpu // {per_host}) as host,
        'GPU-' || gpu as gpu_id,
        'NVIDIA H100 80GB HBM3' as gpu_name,
        cast((hash(gpu * 1440 + minute + {day}) % 101) as decimal(9, 4)) as gpu_utilization_pct,
        cast(20000 + hash(gpu + minute) % 60000 as decimal(9, 2)) as memory_used_mib,
        cast(80 + hash(minute) % 600 as decimal(9, 2)) as power_watts,
        case when gpu % 4 < 3 then 'team-' || (gpu % 20) end as workload,
        cast(60 as decimal(9, 6)) as duration_seconds
    from range({gpus}) as gpus(gpu), range(1440) as minutes(minute)
) to '{path}' (format parquet)
"""
AGGREGATION = """
select date_trunc('hour', sampled_at_utc) as usage_hour, host, gpu_id, workload, max(gpu_name),
    sum(gpu_utilization_pct * duration_seconds), sum(duration_seconds), avg(memory_used_mib), max(memory_used_mib),
    avg(power_watts), count(*)
from read_parquet('{files}') group by all
"""


def written(folder: str, gpus: str, days: str) -> int:
    """A file a day of one sample a minute and GPU."""
    target = Path(folder)
    target.mkdir(parents=True)
    with duckdb.connect() as db:
        for day in range(int(days)):
            path = target / f"samples_{day:03}.parquet"
            db.execute(SAMPLES.format(day=day, gpus=int(gpus), path=path, per_host=GPUS_PER_HOST))
    return int(gpus) * int(days) * 1440


def aggregated(folder: str) -> dict[str, Any]:
    """One statement over the files, its result kept as a table."""
    started = Clock()
    with duckdb.connect(str(Path(folder).parent / "plain.duckdb")) as db:
        db.execute("create table hours as " + AGGREGATION.format(files=f"{folder}/*.parquet"))
        hours = db.execute("select count(*) from hours").fetchone()
    return started.figures() | {"hours": hours[0] if hours else 0}


def modelled(home: str, folder: str) -> dict[str, Any]:
    """Land the files and build the models of GPU time."""
    warehouse = gpu_warehouse(Path(home))
    settings = Settings.from_env({"COSTOPS_HOME": home, "COSTOPS_GPU_DIR": folder}, home=Path(home))
    started = Clock()
    report = land(settings, now=datetime.now(UTC))
    assert report.quarantined_rows == 0, report
    landing = started.figures("landing_")
    landed = Clock()
    build(warehouse)
    return started.figures() | landing | landed.figures("model_") | _sums(warehouse)


class Clock:
    """Wall and CPU time of this process and of those it waited for, from now on."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), _cpu_seconds()

    def figures(self, prefix: str = "") -> dict[str, Any]:
        """Seconds since the beginning, and the most memory that the process ever held."""
        times = {"seconds": time.perf_counter() - self.wall, "cpu_seconds": _cpu_seconds() - self.cpu}
        times["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {prefix + name: value for name, value in times.items()}


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _sums(warehouse: ScratchWarehouse) -> dict[str, Any]:
    hours, odd, size = warehouse.rows(
        "select count(*), count(*) filter (where seconds <> 3600), 0 from (select sum(used_seconds + idle_seconds "
        "+ no_telemetry_seconds) as seconds from intermediate.int_gpu_usage_hourly group by usage_hour_utc, gpu_key)"
    )[0]
    return {"hours": hours, "odd_hours": odd, "warehouse_mib": (warehouse.path.stat().st_size >> 20) + size}
