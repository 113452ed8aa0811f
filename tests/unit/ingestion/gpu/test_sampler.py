"""The NVML sampler writes what the reader of `nvidia-smi` logs reads, and says when there is nothing to sample."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from ingestion.landing.model import SourceFile
from ingestion.sources.gpu import nvidia_smi, sampler
from orchestration.cli import app

NOW = datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)


class NVMLError(Exception):
    pass


def fake(count: int = 2) -> Any:
    """The second GPU tells neither its use nor its power, as a sliced one."""

    def use(device: int) -> Any:
        if device == 1:
            raise NVMLError("Not Supported")
        return SimpleNamespace(gpu=87, memory=12)

    def power(device: int) -> int:
        if device == 1:
            raise NVMLError("Not Supported")
        return 33_090

    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: count,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetUUID=lambda device: f"GPU-{device}".encode(),
        nvmlDeviceGetName=lambda device: "NVIDIA A10, rev 2",
        nvmlDeviceGetMemoryInfo=lambda device: SimpleNamespace(used=1129 << 20, total=23_028 << 20),
        nvmlDeviceGetUtilizationRates=use,
        nvmlDeviceGetPowerUsage=power,
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path, count = sampler.write(fake(), tmp_path / "node1", NOW)
    sampler.write(fake(), tmp_path / "node1", NOW.replace(minute=1))
    assert count == 2
    file = SourceFile(path, f"node1/{path.name}", path.stat().st_size, NOW, "0")
    (batch,) = nvidia_smi.parse(file)
    assert batch.quarantined == []
    assert batch.table is not None
    rows = batch.table.to_pylist()
    assert [(row["gpu_id"], row["gpu_utilization_pct"], row["power_watts"]) for row in rows] == [
        ("GPU-0", Decimal(87), Decimal("33.09")),
        ("GPU-1", None, None),
    ] * 2
    assert rows[0]["sampled_at_utc"] == NOW.replace(tzinfo=None)
    assert (rows[1]["memory_used_mib"], rows[1]["memory_total_mib"]) == (1129, 23_028)


def test_the_command_samples_so_often_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", fake())
    result = CliRunner().invoke(app, ["gpu-sample", "--to", str(tmp_path), "--count", "1"])
    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 3


def broken() -> None:
    raise NVMLError("Driver Not Loaded")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "nvidia-ml-py is not installed"),
        (SimpleNamespace(nvmlInit=broken), "no NVIDIA GPU or driver answers here (Driver Not Loaded)"),
        (fake(0), "has a driver but no NVIDIA GPU"),
    ],
)
def test_without_a_gpu_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, words: str) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    result = CliRunner().invoke(app, ["gpu-sample", "--to", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert words in " ".join(result.output.split())
    assert not (tmp_path / "none").exists()
