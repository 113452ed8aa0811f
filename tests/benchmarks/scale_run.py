"""A measured job on any number of events: landing them, then usage by the hour, priced, by the day, and allocated.

Put here: the job, on DuckDB or on Spark in a session of its own. Keep out: judging (see `test_scale.py`).
"""

from __future__ import annotations

import os
import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psutil

from ingestion.config import Settings
from ingestion.landing.database import bound_memory
from ingestion.sources.events.pipeline import land as land_events
from ingestion.sources.prices.pipeline import land as land_prices
from orchestration.home.paths import environment_of
from tests.integration.dbt.on_spark import OnSpark
from tests.support.warehouse import ScratchWarehouse

DAYS = 30
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ENDS = ("int_llm_usage_daily", "fct_allocated_costs_daily")
TEAMS, KEYS = 10, 40
_DAY = """
    select
        'evt_' || {day} || '_' || i as event_id,
        timestamp '2026-09-01' + interval {day} day + to_microseconds((i * {step})::bigint) as requested_at_utc,
        ['openai', 'anthropic', 'google', 'mistral', 'groq'][1 + i % 5] as provider_name,
        'proj_' || (hash(i) % 80 % 12) as project_id, 'key_' || (hash(i) % 80 % {keys}) as api_key_id,
        'user_' || (hash(i) % 80) as user_id, 'production' as environment,
        ['gpt-5-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'mistral-large-latest', 'llama-3.3-70b-versatile']
            [1 + i % 5] as requested_model,
        false as is_batch, 'ok' as status, true as is_billable,
        (hash(i + 3) % 6000)::bigint as uncached_input_tokens, (hash(i + 4) % 3000)::bigint as cache_read_tokens,
        (hash(i + 5) % 1500)::bigint as output_tokens, (hash(i + 5) % 1500 // 8)::bigint as reasoning_tokens
    from range({rows}) as t(i)
"""


def make_files(folder: Path, rows: int) -> None:
    """`rows` events of a month as one Parquet file a day."""
    folder.mkdir(parents=True)
    each = rows // DAYS
    for day in range(DAYS):
        select = _DAY.format(day=day, rows=each, step=86_400_000_000 // each, keys=KEYS)
        duckdb.sql(f"copy ({select}) to '{folder / f'day{day:02}.parquet'}' (format parquet, compression zstd)")


def landed_and_built(home: str, rows: str, engine: str) -> dict[str, Any]:
    """CPU seconds of landing and of building, with the engine's own processes; bytes; the peak of memory in MiB."""
    folder = Path(home)
    bound = os.environ.get("COSTOPS_DUCKDB_MEMORY", "")
    variables = {"COSTOPS_ENGINE": engine, "COSTOPS_IDENTITIES": "delivered", "COSTOPS_DUCKDB_MEMORY": bound}
    settings = Settings.from_env(variables, folder)
    bound_memory(settings.engine.duckdb_memory)
    make_files(settings.events_dir / "canonical", int(rows))
    warehouse = ScratchWarehouse.create(folder)
    owned = [
        {"subject_type": "api_key", "subject_id": f"key_{key}", "team_id": f"team_{key % TEAMS}"} for key in range(KEYS)
    ]
    warehouse.insert("raw_org.ownership", owned)
    warehouse.insert(
        "raw_org.teams", [{"team_id": f"team_{team}", "team_name": f"Team {team}"} for team in range(TEAMS)]
    )
    found: dict[str, Any] = {"engine": engine, "files_mib": _mib(settings.events_dir)}
    started, cpu = time.perf_counter(), _cpu()
    report = land_events(settings, now=NOW)
    assert report.quarantined_rows == 0, report
    land_prices(settings, now=NOW)
    found |= {"landing": time.perf_counter() - started, "landing_cpu": _cpu() - cpu, "raw_mib": _mib(warehouse.path)}
    started, cpu = time.perf_counter(), _cpu()
    if engine == "spark":
        os.environ.update(environment_of(settings))
        on_spark = OnSpark(warehouse, settings)
        on_spark.build(*ENDS, full=True)
        found["engine_peak_mib"] = _peak_of_children()
        found["building_cpu"] = _cpu() - cpu
        on_spark.end_session()
        found["given_mib"], found["built_mib"] = (_mib(settings.engine.folder / each) for each in ("given", "built"))
    else:
        selected = [f"+{name}" for name in ENDS]
        warehouse.dbt("seed")
        warehouse.dbt("run", "--full-refresh", "--select", *selected)
        found["built_mib"] = _mib(warehouse.path) - found["raw_mib"]
    found["building"] = time.perf_counter() - started
    found.setdefault("building_cpu", _cpu() - cpu)
    found["events"], found["cost_usd"] = (
        str(value)
        for value in warehouse.rows(
            "select sum(request_count), sum(list_cost_usd) from intermediate.int_llm_usage_daily"
        )[0]
    )
    found["allocated_usd"] = str(warehouse.value("select sum(allocated_cost_usd) from marts.fct_allocated_costs_daily"))
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _cpu() -> float:
    """CPU seconds of this process and of what it started, Spark's Java among it."""
    own = psutil.Process()
    running = [each.cpu_times() for each in own.children(recursive=True)]
    ours = own.cpu_times()
    total = ours.user + ours.system + ours.children_user + ours.children_system
    return total + sum(each.user + each.system for each in running)


def _peak_of_children() -> float:
    """MiB that the largest process that this one started has held at most."""
    peaks = [0]
    for each in psutil.Process().children(recursive=True):
        status = Path(f"/proc/{each.pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks) / 1024


def _mib(path: Path) -> float:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files) / 2**20
