"""Samples in Parquet that say how long each stands for, summed by hour as they are read: `raw_gpu.gpu_sample_hours`.

What such samples say of an hour does not depend on any other sample, so their sums are all that is ever read of them,
and a sixtieth of the rows. Put here: which files, the sums. Keep out: checks (`parquet`), samples that stand for the
time until the next one (`int_gpu_measured_hours`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.database import one_file
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from ingestion.sources.gpu.spec import WHOLE_GPU_PARTS
from ingestion.vocabulary.raw_types import PROVENANCE

TABLE = "gpu_sample_hours"
SAMPLES = RAW_SCHEMAS["raw_gpu"]["gpu_samples"]
COLUMNS = {name: kind for name, kind in RAW_SCHEMAS["raw_gpu"][TABLE].items() if name not in PROVENANCE}
BATCH_ROWS = 100_000
# Equal samples of a GPU and hour are counted first: wide products are then made once for many of them.
SUMS = """
create temp table {table} as
with
    placed as (
        select
            * exclude (duration_us),
            least(duration_us, date_diff('microsecond', sampled_at_utc, sampled_hour + interval 1 hour)) as piece_us,
            duration_us - piece_us as later_us
        from (
            select
                *,
                date_trunc('hour', sampled_at_utc) as sampled_hour,
                least(cast(round(cast(duration_seconds as double) * 1000000) as bigint), 3600000000) as duration_us,
                cast(coalesce(share_parts, {whole_gpu_parts}) as bigint) as parts
            from (select {columns} from read_parquet(?))
        )
    ),
    equal as (
        select
            sampled_hour, host, gpu_id, gpu_name, workload, namespace, pod, split_method, parts, piece_us, later_us,
            count(*) as samples,
            count(gpu_utilization_pct) as utilizations,
            sum(gpu_utilization_pct) as utilization_pct,
            count(memory_used_mib) as memories,
            sum(memory_used_mib) as memory_used_mib,
            max(memory_used_mib) as max_memory_used_mib,
            max(memory_total_mib) as max_memory_total_mib,
            count(power_watts) as powers,
            sum(power_watts) as power_watts
        from placed
        group by all
    ),
    pieces as (
        select *, sampled_hour as hour_start_utc, samples as sample_count from equal
        union all by name
        select * replace (later_us as piece_us), sampled_hour + interval 1 hour as hour_start_utc, 0 as sample_count
        from equal
        where later_us > 0
    )
select
    hour_start_utc, host, gpu_id, gpu_name, workload, namespace, pod, split_method,
    sum(sample_count) as sample_count,
    sum(samples * piece_us * parts) as measured_parts,
    sum((samples - utilizations) * piece_us * parts) as unknown_parts,
    coalesce(sum(utilization_pct * (piece_us * parts)), 0) as busy_percent_parts,
    sum(memories * piece_us) as memory_us,
    sum(memory_used_mib * piece_us) as memory_mib_us,
    max(max_memory_used_mib) as max_memory_used_mib,
    max(max_memory_total_mib) as max_memory_total_mib,
    sum(powers * piece_us) as power_us,
    sum(power_watts * piece_us) as power_watt_us,
    sum(power_watts * (piece_us * parts)) as power_watt_parts
from pieces
group by all
"""


def says_durations(path: Path) -> bool:
    """Whether each sample of a file says how long it stands for, by what the file's footer says of itself."""
    try:
        with pq.ParquetFile(path) as opened:
            metadata = opened.metadata
            index = opened.schema_arrow.get_field_index("duration_seconds")
            if index < 0 or metadata.num_columns != len(opened.schema_arrow):
                return False
            found = [metadata.row_group(group).column(index).statistics for group in range(metadata.num_row_groups)]
    except (pa.ArrowException, OSError):
        return False
    return all(each is not None and each.has_null_count and each.null_count == 0 for each in found)


def summed(db: duckdb.DuckDBPyConnection, path: Path, names: set[str]) -> Iterator[pa.Table]:
    """The rows of a file that has the columns `names`, by hour.

    The file is read to its end before the first rows are given: `duckdb.Error` leaves none.
    """
    columns = ", ".join(
        name if name in names else f"cast(null as {DUCKDB_TYPES[kind]}) as {name}"
        for name, kind in SAMPLES.items()
        if name not in PROVENANCE
    )
    db.execute(SUMS.format(table=TABLE, columns=columns, whole_gpu_parts=WHOLE_GPU_PARTS), [one_file(path)])
    wanted = ", ".join(f"cast({name} as {DUCKDB_TYPES[kind]}) as {name}" for name, kind in COLUMNS.items())
    db.execute(f"create temp table typed as select {wanted}, cast(null as bigint) as _source_row from {TABLE}")
    for batch in db.execute("from typed").to_arrow_reader(BATCH_ROWS):
        yield pa.Table.from_batches([batch])
