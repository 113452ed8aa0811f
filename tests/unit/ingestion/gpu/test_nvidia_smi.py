from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.sources.gpu import nvidia_smi, workloads
from ingestion.sources.gpu.pipeline import companions, route

HEADER = "timestamp, name, utilization.gpu [%], memory.used [MiB], power.draw [W]\n"


def read(folder: Path, relative: str, content: str | bytes, parser: Any = nvidia_smi.parse) -> tuple[Any, Any, Any]:
    """(rows, quarantine, notes)."""
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    file = SourceFile(path, relative, path.stat().st_size, datetime.now(UTC), "0")
    rows: list[dict[str, Any]] = []
    bad: list[QuarantinedRow] = []
    notes: list[str] = []
    for batch in parser(file):
        rows += batch.table.to_pylist() if batch.table is not None else []
        bad += batch.quarantined
        notes += map(str, batch.notes)
    return rows, bad, notes


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def test_values_with_units_and_leading_blanks(tmp_path: Path) -> None:
    line = "2026/01/03 15:36:53.507, NVIDIA A10, 1 %, 1129 MiB, 33.09 W\n"
    rows, bad, notes = read(tmp_path, "node1/smi.csv", HEADER + line)
    assert bad == []
    assert rows == [
        {
            "sampled_at_utc": at(2026, 1, 3, 15, 36, 53, 507_000),
            "host": "node1",
            "gpu_id": "0",
            "gpu_name": "NVIDIA A10",
            "gpu_utilization_pct": Decimal(1),
            "memory_used_mib": Decimal(1129),
            "memory_total_mib": None,
            "power_watts": Decimal("33.09"),
            "workload": None,
            "namespace": None,
            "pod": None,
            "split_method": None,
            "share_parts": None,
            "duration_seconds": None,
            "_source_row": 1,
        }
    ]
    assert notes == ["node1: local times were read as UTC; name the zone in gpu.yml if they are not"]


def test_nounits_and_repeated_header_with_other_columns(tmp_path: Path) -> None:
    content = (
        "timestamp, index, uuid, memory.total [MiB], utilization.gpu [%]\n"
        "2026/01/03 00:00:00.000, 3, GPU-abc, 24576, 87\n"
        "timestamp, index, utilization.gpu [%]\n"
        "2026/01/03 00:00:01.000, 3, 12 %\n"
    )
    rows, bad, _ = read(tmp_path, "node1/smi.csv", content)
    assert bad == []
    assert [(row["gpu_id"], row["memory_total_mib"], row["gpu_utilization_pct"]) for row in rows] == [
        ("GPU-abc", Decimal(24576), Decimal(87)),
        ("3", None, Decimal(12)),
    ]


@pytest.mark.parametrize("value", ["[N/A]", "[Not Supported]", "[Unknown Error]", "N/A", ""])
def test_unknown_values_are_null(tmp_path: Path, value: str) -> None:
    rows, bad, _ = read(tmp_path, "n/s.csv", HEADER + f"2026/01/03 00:00:00, A10, {value}, 0 MiB, {value}\n")
    assert bad == []
    assert (rows[0]["gpu_utilization_pct"], rows[0]["power_watts"]) == (None, None)
    assert rows[0]["memory_used_mib"] == 0


def test_gpus_of_a_log_without_ids_are_told_apart_by_order(tmp_path: Path) -> None:
    """Two GPUs, a sample every 30 s: lines of one sample are milliseconds apart."""
    stamps = ("00:00.001", "00:00.009", "00:30.001", "00:30.010", "01:00.002")
    content = HEADER + "".join(f"2026/01/03 00:{stamp}, A10, 1, 1, 1\n" for stamp in stamps)
    rows, bad, notes = read(tmp_path, "n/s.csv", content)
    assert bad == []
    assert [row["gpu_id"] for row in rows] == ["0", "1", "0", "1", "0"]
    assert any("told apart by the order" in note for note in notes)


def test_host_is_the_file_name_outside_a_folder(tmp_path: Path) -> None:
    rows, _, _ = read(tmp_path, "node7.csv", HEADER + "2026/01/03 00:00:00, A10, 1, 1, 1\n")
    assert rows[0]["host"] == "node7"


def test_zone_of_the_settings_with_summer_time(tmp_path: Path) -> None:
    (tmp_path / "gpu.yml").write_text("time_zone: Europe/Berlin\n")
    content = HEADER + "".join(
        f"2026/{stamp}, A10, 1, 1, 1\n" for stamp in ("01/03 12:00:00", "07/03 12:00:00", "03/29 02:30:00")
    )
    rows, bad, notes = read(tmp_path, "n/s.csv", content)
    assert [row["sampled_at_utc"] for row in rows] == [at(2026, 1, 3, 11), at(2026, 7, 3, 10)]
    assert [entry.reason for entry in bad] == ["nonexistent_local_time"]
    assert notes == ["n: local times were read in Europe/Berlin"]


def test_hour_that_autumn_repeats_is_told_apart_by_order(tmp_path: Path) -> None:
    (tmp_path / "gpu.yml").write_text("time_zone: Europe/Berlin\n")
    stamps = ("01:45", "02:15", "02:45", "02:15", "02:45", "03:15")
    content = HEADER + "".join(f"2026/10/25 {stamp}:00, A10, 1, 1, 1\n" for stamp in stamps)
    rows, bad, notes = read(tmp_path, "n/s.csv", content)
    assert bad == []
    expected = [at(2026, 10, 24, 23, 45)] + [
        at(2026, 10, 25, h, m) for h, m in ((0, 15), (0, 45), (1, 15), (1, 45), (2, 15))
    ]
    assert [row["sampled_at_utc"] for row in rows] == expected
    assert any("4 samples" in note for note in notes)


@pytest.mark.parametrize("text", ["time_zone: Mars/Base", "zone: UTC", "a: [", "- x"])
def test_bad_settings_name_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "gpu.yml").write_text(text)
    rows, bad, _ = read(tmp_path, "n/s.csv", HEADER + "2026/01/03 00:00:00, A10, 1, 1, 1\n")
    assert rows == []
    assert [(entry.reason, entry.field) for entry in bad] == [("invalid_settings", "time_zone")]


def test_workloads_of_the_file_and_of_the_column(tmp_path: Path) -> None:
    (tmp_path / "workloads.csv").write_text(
        "host,gpu_id,workload,from,to\n"
        "n,*,serving,2026-01-01,\n"
        "n,0,training,2026-01-03 01:00:00,2026-01-03 02:00:00\n"
        "other,0,none,,\n"
    )
    content = HEADER + "".join(f"2026/01/03 0{hour}:00:00, A10, 1, 1, 1\n" for hour in range(3))
    rows, _, _ = read(tmp_path, "n/s.csv", content)
    assert [row["workload"] for row in rows] == ["serving", "training", "serving"]
    own = "timestamp, workload\n2026/01/03 01:00:00, batch\n2026/01/03 01:00:01,\n"
    rows, _, _ = read(tmp_path, "n/own.csv", own)
    assert [row["workload"] for row in rows] == ["batch", "training"]


def test_bad_workload_rows_are_reported_once(tmp_path: Path) -> None:
    content = "host,gpu_id,workload,from,to\nn,0,,2026-01-01,\nn,0,x,2026-01-02,2026-01-01\nn,0,x,soon,\nn,0,ok,,\n"
    rows, bad, _ = read(tmp_path, "workloads.csv", content, workloads.check)
    assert rows == []
    assert [entry.reason for entry in bad] == ["missing_workload", "empty_period", "invalid_time"]


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        ("2026/01/03 00:00:00, A10, 101 %, 1, 1", "out_of_range", "utilization.gpu"),
        ("2026/01/03 00:00:00, A10, 1 %, -5 MiB, 1", "out_of_range", "memory.used"),
        ("2026/01/03 00:00:00, A10, 1 %, 5 apples, 1", "invalid_number", "memory.used"),
        ("2026/01/03 00:00:00, A10, 1 %", "wrong_field_count", None),
        ("03.01.2026, A10, 1 %, 1, 1", "invalid_time", "timestamp"),
        ("1970/01/03 00:00:00, A10, 1 %, 1, 1", "out_of_range", "timestamp"),
        ("\0\0\0\0", "nul_byte", None),
    ],
)
def test_broken_lines_are_quarantined(tmp_path: Path, line: str, reason: str, field: str | None) -> None:
    rows, bad, _ = read(tmp_path, "n/s.csv", HEADER + line + "\n2026/01/03 00:00:09, A10, 1, 1, 1\n")
    assert len(rows) == 1
    assert [(entry.row_number, entry.reason, entry.field) for entry in bad] == [(1, reason, field)]


def test_a_log_without_header_is_refused_whole(tmp_path: Path) -> None:
    rows, bad, _ = read(tmp_path, "n/s.csv", "2026/01/03 00:00:00, A10, 1, 1, 1\n" * 3)
    assert rows == []
    assert [(entry.row_number, entry.reason) for entry in bad] == [(None, "missing_header")]


def test_routes_and_companions() -> None:
    assert route("gpu.yml") == ""
    assert route("n/smi.csv.gz") == ("nvidia_smi", nvidia_smi.parse)
    assert route("workloads.csv") == ("workloads", workloads.check)
    assert isinstance(route("n/picture.png"), str)
    assert set(companions("n/smi.csv")) == {
        "gpu.yml",
        "gpu.yaml",
        "workloads.csv",
        "n/gpu.yml",
        "n/gpu.yaml",
        "n/workloads.csv",
    }
