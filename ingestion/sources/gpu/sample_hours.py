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
FILE_COLUMNS, COLUMNS = (
    {name: kind for name, kind in RAW_SCHEMAS["raw_gpu"][table].items() if name not in PROVENANCE}
    for table in ("gpu_samples", TABLE)
)
"""Kinds of what a file may have, and of what is made of it, by name."""
KEYS = "host, gpu_id, gpu_name, workload, namespace, pod, split_method"
READINGS = ("gpu_utilization_pct", "memory_used_mib", "power_watts")
BATCH_ROWS = 100_000
HOUR_US = 3_600_000_000
SUMS = """
with
    timed as (
        select
            *,
            epoch_us(sampled_at_utc) as at_us,
            least(cast(round(cast(duration_seconds as double) * 1000000) as bigint), {hour_us}) as duration_us,
            cast(coalesce(share_parts, {whole_gpu_parts}) as bigint) as parts
        from (select {columns} from read_parquet(?))
    ),
    placed as (
        select
            *,
            at_us // {hour_us} as hour_number,
            greatest(duration_us - ({hour_us} - at_us % {hour_us}), 0) as later_us
        from timed
    ),
    counted as (select {keys}, hour_number, parts, duration_us, later_us, {readings} from placed {grouped}),
    pieces as (
        select *, duration_us - later_us as piece_us, samples as sample_count from counted
        union all
        select * replace (hour_number + 1 as hour_number), later_us, 0 from counted where later_us > 0
    )
select
    make_timestamp(hour_number * {hour_us}) as hour_start_utc,
    {keys},
    sum(sample_count) as sample_count,
    sum(samples * piece_us * parts) as measured_parts,
    sum((samples - gpu_utilization_pct_count) * piece_us * parts) as unknown_parts,
    coalesce(sum(gpu_utilization_pct * (piece_us * parts)), 0) as busy_percent_parts,
    sum(memory_used_mib_count * piece_us) as memory_us,
    sum(memory_used_mib * piece_us) as memory_mib_us,
    max(max_memory_used_mib) as max_memory_used_mib,
    max(max_memory_total_mib) as max_memory_total_mib,
    sum(power_watts_count * piece_us) as power_us,
    sum(power_watts * piece_us) as power_watt_us,
    sum(power_watts * (piece_us * parts)) as power_watt_parts
from pieces
group by all
"""


def says_durations(path: Path) -> bool:
    """Whether each sample of a file says how long it stands for, by what the file's footer says of itself."""
    found = _statistics(path)
    return bool(found) and all(each is not None and each.has_null_count and each.null_count == 0 for each in found)


def _statistics(path: Path) -> list[pq.Statistics | None]:
    """What the footer says of `duration_seconds` in each row group; nothing where that cannot be told."""
    try:
        with pq.ParquetFile(path) as opened:
            metadata, names = opened.metadata, opened.schema_arrow.names
            if "duration_seconds" not in names or metadata.num_columns != len(names):
                return []
            index = names.index("duration_seconds")
            return [metadata.row_group(group).column(index).statistics for group in range(metadata.num_row_groups)]
    except (pa.ArrowException, OSError):
        return []


def _readings(are_alike: bool) -> str:
    """What is read of a sample, or of all of one length: those are counted and added up before anything is multiplied,
    in a third of the time. Of many lengths as many groups would be kept as there are samples."""
    if are_alike:
        columns, most = ["count(*) as samples"], "max({0}) as max_{0}"
        columns += [f"count({name}) as {name}_count, sum({name}) as {name}" for name in READINGS]
    else:
        columns, most = ["1 as samples"], "{0} as max_{0}"
        columns += [f"cast({name} is not null as int) as {name}_count, {name}" for name in READINGS]
    return ", ".join([*columns, *(most.format(name) for name in ("memory_used_mib", "memory_total_mib"))])


def summed(db: duckdb.DuckDBPyConnection, path: Path, names: set[str]) -> Iterator[pa.Table]:
    """The rows of a file that has the columns `names`, by hour.

    The file is read to its end before the first rows are given: `duckdb.Error` leaves none.
    """
    columns = ", ".join(
        name if name in names else f"cast(null as {DUCKDB_TYPES[kind]}) as {name}"
        for name, kind in FILE_COLUMNS.items()
    )
    are_alike = all(each is not None and each.has_min_max and each.min == each.max for each in _statistics(path))
    sums = SUMS.format(
        columns=columns,
        keys=KEYS,
        readings=_readings(are_alike),
        grouped="group by all" if are_alike else "",
        whole_gpu_parts=WHOLE_GPU_PARTS,
        hour_us=HOUR_US,
    )
    typed = ", ".join(f"cast({name} as {DUCKDB_TYPES[kind]}) as {name}" for name, kind in COLUMNS.items())
    db.execute(
        f"create temp table {TABLE} as select {typed}, cast(null as bigint) as _source_row from ({sums})",
        [one_file(path)],
    )
    for batch in db.execute(f"from {TABLE}").to_arrow_reader(BATCH_ROWS):
        yield pa.Table.from_batches([batch])
