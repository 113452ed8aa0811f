"""Samples in Parquet summed by hour as they are read: the same hours, to the last digit, as sample by sample."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing.forgotten import PSEUDONYMISE, REFUSE, remember_to_forget
from ingestion.sources.gpu import pipeline, sample_hours
from ingestion.sources.gpu.pipeline import land
from tests.integration.capacity.conftest import gpu_warehouse
from tests.support.warehouse import ScratchWarehouse

NOW = datetime(2026, 6, 5, tzinfo=UTC)
MODELS = "stg_gpu__gpu_samples stg_gpu__gpu_sample_hours stg_prometheus__gpu_samples int_gpu_measured_hours"
# Samples of any length over the turn of an hour, parts of GPUs, gaps in each reading, 12 decimals, equal moments.
UNEVEN = """
select
    timestamp '2026-06-01 22:58:00.000007' + to_microseconds(cast(n * 1700003 * (1 + n % 5) as bigint))
        as sampled_at_utc,
    'node-' || n % 2 as host,
    'GPU-' || n % 3 as gpu_id,
    case when n % 7 > 0 then 'H100' end as gpu_name,
    case when n % 11 > 0 then cast(hash(n) % 100000000000001 as decimal(15, 0)) * cast(1e-12 as decimal(12, 12)) end
        as gpu_utilization_pct,
    case when n % 4 > 0 then cast(hash(n + 1) % 80000 as decimal(12, 6)) + cast(0.000001 as decimal(12, 6)) end
        as memory_used_mib,
    cast(81559 as decimal(9, 2)) as memory_total_mib,
    case when n % 6 > 0 then cast(hash(n + 2) % 70000 / 100.0 as decimal(9, 3)) end as power_watts,
    case when n % 3 > 0 then 'team-' || n % 4 end as workload,
    case when n % 5 > 0 then 'space-' || n % 2 end as namespace,
    'pod-' || n % 6 as pod,
    case when n % 8 > 0 then 'mig_slice' end as split_method,
    case n % 3 when 0 then 120 when 1 then 280 end as share_parts,
    cast({duration} as decimal(10, 6)) as duration_seconds
from range({rows}) as numbers(n)
"""
SPARSE = """
select timestamp_ms '2026-06-02 00:59:30' as sampled_at_utc, 'node-9' as host, 'GPU-9' as gpu_id,
    cast(50 as decimal(4, 1)) as gpu_utilization_pct, cast(60 as decimal(4, 0)) as duration_seconds
"""
FILES = {
    "uneven.parquet": UNEVEN.format(duration="hash(n + 3) % 3600000001 / 1000000.0", rows=1500),
    "al[i]ke*.parquet": UNEVEN.format(duration="90.5", rows=900),
    "again.parquet": UNEVEN.format(duration="90.5", rows=400),
    "sparse.parquet": SPARSE,
    "until_the_next.parquet": UNEVEN.format(duration="null", rows=300),
    "some_do_not[say].parquet": UNEVEN.format(duration="case when n % 9 > 0 then 30 end", rows=300),
}


def written(folder: Path, name: str, query: str) -> None:
    folder.mkdir(exist_ok=True)
    duckdb.execute(f"copy ({query}) to '{folder / name}' (format parquet, row_group_size 2048)")


def landed(home: Path, files: Path) -> Any:
    settings = Settings.from_env({"COSTOPS_HOME": str(home), "COSTOPS_GPU_DIR": str(files)}, home=home)
    return land(settings, now=NOW)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, query in FILES.items():
        written(tmp_path / "files", name, query)
    return tmp_path / "files"


def test_hours_are_those_of_reading_sample_by_sample(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hour = gpu_warehouse(tmp_path / "by_hour")
    assert landed(by_hour.folder, files).quarantined_rows == 0
    by_sample = gpu_warehouse(tmp_path / "by_sample")
    for module in (pipeline, sample_hours):
        monkeypatch.setattr(module, "says_durations", lambda path: False)
    assert landed(by_sample.folder, files).rows_by_table == {"gpu_samples": 3401}
    for warehouse in (by_hour, by_sample):
        warehouse.dbt("build", "--select", MODELS, "--exclude", "resource_type:test")
    samples, hours = by_hour.rows(
        "select (select count(*) from raw_gpu.gpu_samples), sum(sample_count) from raw_gpu.gpu_sample_hours"
    )[0]
    assert (samples, hours) == (600, 2801)
    with by_hour.connection() as db:
        db.execute(f"attach '{by_sample.path}' as by_sample (read_only)")
        here, there = "intermediate.int_gpu_measured_hours", "by_sample.intermediate.int_gpu_measured_hours"
        (many,) = db.execute(f"select count(*) from {here}").fetchone() or (0,)
        odd = db.execute(
            f"(from {here} except all from {there}) union all (from {there} except all from {here})"
        ).fetchall()
    assert many > 80
    assert odd == []


def test_a_sample_over_the_turn_of_an_hour_is_counted_once_and_split(tmp_path: Path) -> None:
    warehouse = gpu_warehouse(tmp_path / "home")
    written(tmp_path / "files", "sparse.parquet", SPARSE)
    report = landed(warehouse.folder, tmp_path / "files")
    assert report.rows_by_table == {"gpu_sample_hours": 2}
    half = 30_000_000 * 840
    assert warehouse.rows(
        "select cast(hour_start_utc as varchar), sample_count, measured_parts, unknown_parts, busy_percent_parts, "
        "memory_us, max_memory_used_mib from raw_gpu.gpu_sample_hours order by 1"
    ) == [
        ("2026-06-02 00:00:00", 1, half, 0, Decimal(50 * half), 0, None),
        ("2026-06-02 01:00:00", 0, half, 0, Decimal(50 * half), 0, None),
    ]


def test_a_delivery_replaces_exactly_what_it_brought(tmp_path: Path, files: Path) -> None:
    warehouse = gpu_warehouse(tmp_path / "home")
    landed(warehouse.folder, files)
    before = rows_by_file(warehouse)
    assert set(before) == set(FILES)
    written(files, "again.parquet", UNEVEN.format(duration="90.5", rows=200))
    written(files, "al[i]ke*.parquet", UNEVEN.format(duration="null", rows=900))
    (files / "uneven.parquet").rename(files / "renamed.parquet")
    (files / "sparse.parquet").unlink()
    landed(warehouse.folder, files)
    after = rows_by_file(warehouse)
    assert after.pop("renamed.parquet") == before.pop("uneven.parquet")
    assert after.pop("again.parquet")[2] == 200
    assert (before.pop("al[i]ke*.parquet")[0], after.pop("al[i]ke*.parquet")) == (0, (900, 0, None))
    del before["sparse.parquet"], before["again.parquet"]
    assert after == before


def rows_by_file(warehouse: ScratchWarehouse) -> dict[str, tuple[int, int, int | None]]:
    """Samples, hours and samples of these hours by file; the registry's count is checked on the way."""
    found = warehouse.rows(
        "select path, row_count, (select count(*) from raw_gpu.gpu_samples where _source_file_id = file_id), "
        "count(h.hour_start_utc), sum(h.sample_count)::bigint "
        "from raw_gpu.files left join raw_gpu.gpu_sample_hours as h on _source_file_id = file_id group by all"
    )
    assert all(rows == samples + hours for _, rows, samples, hours, _ in found)
    return {path: (samples, hours, summed) for path, _, samples, hours, summed in found}


def test_a_sum_that_fits_nowhere_refuses_the_file_by_name(tmp_path: Path) -> None:
    warehouse = gpu_warehouse(tmp_path / "home")
    most = "cast('9' || repeat('0', 25) as decimal(38, 12)) as memory_used_mib"
    written(tmp_path / "files", "odd.parquet", f"select *, {most} from ({SPARSE})")
    assert landed(warehouse.folder, tmp_path / "files").rows_by_table == {}
    ((path, message),) = warehouse.rows("select file_path, message from raw_gpu.quarantine")
    assert path == "odd.parquet"
    assert "Overflow" in message


def test_someone_who_was_forgotten_does_not_come_back(tmp_path: Path, files: Path) -> None:
    warehouse = gpu_warehouse(tmp_path / "home")
    remember_to_forget(warehouse.folder, {"team-1": "gone-1"}, PSEUDONYMISE, "2026-06-01")
    remember_to_forget(warehouse.folder, {"team-2": ""}, REFUSE, "2026-06-01")
    report = landed(warehouse.folder, files)
    for table in ("gpu_samples", "gpu_sample_hours"):
        teams = warehouse.rows(f"select distinct workload from raw_gpu.{table} where workload is not null order by 1")
        assert teams == [("gone-1",), ("team-0",), ("team-3",)]
    # A sample that is set aside is named by its row; an hour, which many samples make, by its file.
    named, unnamed = warehouse.rows("select count(row_number), count(*) - count(row_number) from raw_gpu.quarantine")[0]
    assert named == 2 * sum(n % 3 > 0 and n % 4 == 2 for n in range(300))
    assert unnamed > 0
    assert report.quarantined_rows == named + unnamed
