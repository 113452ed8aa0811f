"""Landing a canonical Parquet file of ten million rows against DuckDB's INSERT ... SELECT from the same file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from tests.benchmarks.landing_run import alone, inserted, landed
from tests.benchmarks.size import IS_FULL, measured, sized

ROWS = sized(tiny=5_000, full=10_000_000)
DUE_RATIO = 0.6
ROUNDS = sized(tiny=1, full=2)
"""The better of two: a busy machine slows either job by chance."""
EVENTS = """
    select
        'evt_' || lpad(i::varchar, 12, '0') as event_id,
        timestamp '2025-01-01' + to_milliseconds(i * 3153) as requested_at_utc,
        ['openai', 'anthropic', 'google', 'mistral', 'groq'][1 + (hash(i) % 5)::bigint] as provider_name,
        'proj_' || (hash(i + 1) % 12) as project_id,
        'key_' || (hash(i + 2) % 60) as api_key_id,
        'user_' || (hash(i + 3) % 40) as user_id,
        'feature_' || (hash(i + 9) % 9) as feature,
        'production' as environment,
        'model-' || (hash(i + 4) % 20) as requested_model,
        'model-' || (hash(i + 4) % 20) || '-2025' as served_model,
        'default' as served_service_tier,
        false as is_batch,
        'ok' as status,
        true as is_billable,
        (hash(i + 5) % 10000)::bigint as duration_ms,
        (hash(i + 6) % 8000)::bigint as uncached_input_tokens,
        (hash(i + 7) % 3000)::bigint as cache_read_tokens,
        0::bigint as cache_write_5m_tokens,
        (500 + hash(i + 8) % 2000)::bigint as output_tokens,
        (hash(i + 10) % 500)::bigint as reasoning_tokens,
        ((hash(i + 11) % 100000) * 0.000001)::decimal(18, 6) as recorded_cost_usd
    from range({rows}) as t(i)
"""


def test_landing_keeps_pace_with_insert_select(tmp_path: Path) -> None:
    file = tmp_path / "events.parquet"
    duckdb.sql(f"copy ({EVENTS.format(rows=ROWS)}) to '{file}' (format parquet, compression zstd)")
    rounds = []
    for number in range(ROUNDS):
        home = tmp_path / f"home{number}"
        (home / "drop" / "events" / "canonical").mkdir(parents=True)
        os.link(file, home / "drop" / "events" / "canonical" / "events.parquet")
        rounds.append((measured(inserted, tmp_path / f"insert{number}", file), measured(landed, home)))
        shutil.rmtree(tmp_path / f"insert{number}")
        shutil.rmtree(home)
    plain, ours = (min(results, key=lambda each: each["seconds"]) for results in zip(*rounds, strict=True))
    assert (ours["rows"], ours["sum"]) == (plain["rows"], plain["sum"])
    assert ours["rows"] == ROWS
    ratio, cpu_ratio = plain["seconds"] / ours["seconds"], plain["cpu_seconds"] / ours["cpu_seconds"]
    print(f"\n{ROWS:,} rows, file {file.stat().st_size / 2**20:,.0f} MiB, best of {ROUNDS} rounds")
    for name, result in (("insert ... select", plain), ("land", ours)):
        print(
            f"{name:18} {result['seconds']:7.1f} s wall {result['cpu_seconds']:7.1f} s CPU "
            f"{ROWS / result['seconds']:12,.0f} rows/s, peak memory {result['peak_mib']:,.0f} MiB"
        )
    print(f"ratio of speed: {ratio:.2f} by wall time (due {DUE_RATIO}), {cpu_ratio:.2f} by CPU time")
    assert ratio >= DUE_RATIO or not IS_FULL


def test_a_source_alone_beside_landing(tmp_path: Path) -> None:
    """What a merge through dlt's staging costs, and an append; no limit is set: the decision page says what follows."""
    rows = sized(tiny=5_000, full=1_000_000)
    file = tmp_path / "events.parquet"
    duckdb.sql(f"copy ({EVENTS.format(rows=rows)}) to '{file}' (format parquet, compression zstd)")
    found = {"plain insert": measured(inserted, tmp_path / "insert", file)}
    for name, job, arguments in (
        ("landing", landed, ()),
        ("alone, merge", alone, ("merge",)),
        ("alone, append", alone, ("append",)),
    ):
        home = tmp_path / name.replace(" ", "_")
        (home / "drop" / "events" / "canonical").mkdir(parents=True)
        os.link(file, home / "drop" / "events" / "canonical" / "events.parquet")
        found[name] = measured(job, home, *arguments)
    print(f"\n{rows:,} rows, file {file.stat().st_size / 2**20:,.0f} MiB")
    plain = found["plain insert"]
    for name, each in found.items():
        assert (each["rows"], each["sum"]) == (plain["rows"], plain["sum"]), name
        ratio, cpu_ratio = plain["seconds"] / each["seconds"], plain["cpu_seconds"] / each["cpu_seconds"]
        print(
            f"{name}: {each['seconds']:.1f} s, {each['cpu_seconds']:.1f} CPU s, peak {each['peak_mib']:,.0f} MiB, "
            f"{ratio:.2f} of the insert's pace, {cpu_ratio:.2f} by CPU"
        )
