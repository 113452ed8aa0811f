"""CSV tables and Parquet samples of the GPU folder."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing.model import SourceFile
from ingestion.sources.gpu import parquet, tables
from ingestion.sources.gpu.pipeline import route


def source_file(path: Path) -> SourceFile:
    return SourceFile(path, path.name, path.stat().st_size, datetime.now(UTC), "0")


def read(folder: Path, name: str, content: str) -> tuple[list[dict[str, Any]], Any]:
    path = folder / f"{name}.csv"
    path.write_text(content)
    (batch,) = tables.PARSERS[name](source_file(path))
    return batch.table.to_pylist() if batch.table is not None else [], batch.quarantined


def test_allocations_land_with_defaults(tmp_path: Path) -> None:
    content = (
        "pod,namespace,node,gpu_id,gpu_fraction,start,end\n"
        "chat-0,ml,n1,GPU-a,0.5,2026-03-01T10:00:00Z,2026-03-01T12:00:00Z\n"
        "train-0,,n1,,2,2026-03-01 00:00,\n"
    )
    rows, bad = read(tmp_path, "gpu_allocations", content)
    assert bad == []
    assert [(row["workload"], row["gpu_fraction"], row["allocated_to_utc"].year) for row in rows] == [
        ("chat-0", Decimal("0.5"), 2026),
        ("train-0", Decimal(2), 2200),
    ]


@pytest.mark.parametrize(
    ("name", "line", "reason", "field"),
    [
        ("gpu_allocations", "p,n,,g,1,2026-03-01,", "missing_value", "node"),
        ("gpu_allocations", ",,n,g,1,2026-03-01,", "missing_value", "pod"),
        ("gpu_allocations", "p,n,h,g,1,,", "missing_value", "start"),
        ("gpu_allocations", "p,n,h,g,2,2026-03-01,", "out_of_range", "gpu_fraction"),
        ("gpu_allocations", "p,n,h,,x,2026-03-01,", "invalid_number", "gpu_fraction"),
        ("gpu_allocations", "p,n,h,,1,2026-03-02,2026-03-01", "empty_period", "end"),
        ("gpu_allocations", "p,n,h,,1,soon,", "invalid_time", "start"),
    ],
)
def test_bad_rows_are_named_with_their_field(tmp_path: Path, name: str, line: str, reason: str, field: str) -> None:
    rows, bad = read(tmp_path, name, f"pod,namespace,node,gpu_id,gpu_fraction,start,end\n{line}\n")
    assert rows == []
    assert [(entry.row_number, entry.reason, entry.field) for entry in bad] == [(1, reason, field)]


def test_served_tokens_need_a_server_and_a_model(tmp_path: Path) -> None:
    content = (
        "hour_start,host,model_name,prompt_tokens,generation_tokens\n"
        "2026-03-01T10:00:00Z,n1,house,100,20\n2026-03-01T10:00:00Z,,house,1,1\n2026-03-01T10:00:00Z,n1,,1,1\n"
        "2026-03-01T10:00:00Z,n1,house,-1,1\n"
    )
    rows, bad = read(tmp_path, "served_tokens", content)
    assert [(row["host"], row["prompt_tokens"], row["prefill_seconds"]) for row in rows] == [("n1", 100, None)]
    assert [(entry.row_number, entry.field) for entry in bad] == [(2, "host"), (3, "model_name"), (4, "prompt_tokens")]


def samples(folder: Path, **columns: Any) -> SourceFile:
    given = {
        "sampled_at_utc": pa.array([datetime(2026, 3, 1)], pa.timestamp("us")),  # noqa: DTZ001
        "host": ["n1"],
        "gpu_id": ["g"],
        "gpu_utilization_pct": pa.array([Decimal(50)], pa.decimal128(38, 12)),
    } | columns
    path = folder / "samples.parquet"
    pq.write_table(pa.table({name: value for name, value in given.items() if value is not None}), path)
    return source_file(path)


def test_samples_in_parquet_are_imported_as_they_are(tmp_path: Path) -> None:
    (batch,) = parquet.samples(samples(tmp_path))
    assert (batch.parquet_rows, batch.table_name, batch.quarantined) == (1, "gpu_samples", [])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"host": None}, "column host is missing"),
        ({"colour": ["red"]}, "column colour is none of"),
        ({"gpu_utilization_pct": [50.0]}, "column gpu_utilization_pct is double"),
        ({"gpu_utilization_pct": pa.array([Decimal(101)], pa.decimal128(38, 12))}, "not from 0 to 100"),
        ({"host": pa.array([None], pa.string())}, "has no time, host or gpu_id"),
        ({"duration_seconds": pa.array([Decimal(7200)], pa.decimal128(38, 12))}, "not from 0 to 3600"),
    ],
)
def test_a_parquet_file_that_is_wrong_is_refused_as_a_whole(
    tmp_path: Path, columns: dict[str, Any], words: str
) -> None:
    (batch,) = parquet.samples(samples(tmp_path, **columns))
    assert batch.parquet_path is None
    assert words in batch.quarantined[0].message


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    (batch,) = parquet.samples(source_file(tmp_path / "x.parquet"))
    assert [entry.reason for entry in batch.quarantined] == ["unreadable_file"]


def test_names_of_files_say_what_they_are() -> None:
    names = ("a/gpu_allocations_2026.csv", "served_tokens.csv.gz", "x.parquet", "n/smi.csv")
    found = [route(name) for name in names]
    assert [each[0] if isinstance(each, tuple) else each for each in found] == [
        "gpu_allocations", "served_tokens", "gpu_samples_parquet", "nvidia_smi",
    ]  # fmt: skip
