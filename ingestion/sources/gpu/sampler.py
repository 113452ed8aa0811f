"""Samples of the GPUs of this machine through NVML, in the form of an `nvidia-smi` log that landing reads.

Data flow: the driver's library → `<GPU folder>/<host>/nvml_<day>.csv`. Times carry their zone and every line the GPU's
uuid, so that none of the traps of such logs is in it. Put here: asking and writing. Keep out: reading (`nvidia_smi`),
the command (`orchestration.commands.gpus`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HEADER = "timestamp, uuid, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], power.draw [W]"
NOT_KNOWN = "[N/A]"
MIB = 1 << 20
INSTALL = "pip install 'llm-cost-ops[gpu]'"


class NoGpuError(Exception):
    """There is nothing to sample here; the message says why and what to do."""


def library() -> Any:
    """NVML, ready to be asked.

    Raises:
        NoGpuError: the package, the driver or a GPU is missing.
    """
    try:
        import pynvml
    except ImportError:
        raise NoGpuError(f"nvidia-ml-py is not installed, so no GPU can be asked: {INSTALL}") from None
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
    except Exception as error:  # pynvml.NVMLError, whose kinds are made while it runs
        raise NoGpuError(f"no NVIDIA GPU or driver answers here ({error}); run it on a GPU host") from None
    if not count:
        raise NoGpuError("this machine has a driver but no NVIDIA GPU; run it on a GPU host")
    return pynvml


def lines(nvml: Any, now: datetime) -> Iterator[str]:
    """One line per GPU. What a GPU does not tell is [N/A]; one that fell off the bus is left out."""
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            uuid = _text(nvml.nvmlDeviceGetUUID(device))
        except nvml.NVMLError:
            continue
        memory = _asked(nvml, lambda device=device: nvml.nvmlDeviceGetMemoryInfo(device))
        used = _asked(nvml, lambda device=device: nvml.nvmlDeviceGetUtilizationRates(device).gpu)
        power = _asked(nvml, lambda device=device: nvml.nvmlDeviceGetPowerUsage(device))
        name = _asked(nvml, lambda device=device: _text(nvml.nvmlDeviceGetName(device)))
        cells = [
            now.astimezone(UTC).isoformat(timespec="milliseconds"),
            uuid,
            NOT_KNOWN if name is None else str(name).replace(",", " "),
            NOT_KNOWN if used is None else f"{used} %",
            NOT_KNOWN if memory is None else f"{memory.used // MIB} MiB",
            NOT_KNOWN if memory is None else f"{memory.total // MIB} MiB",
            NOT_KNOWN if power is None else f"{power / 1000:.2f} W",
        ]
        yield ", ".join(cells)


def _asked(nvml: Any, question: Callable[[], Any]) -> Any:
    try:
        return question()
    except nvml.NVMLError:
        return None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def write(nvml: Any, folder: Path, now: datetime) -> tuple[Path, int]:
    """Append a sample of every GPU to the file of the day; the file and how many lines it got."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"nvml_{now.astimezone(UTC):%Y-%m-%d}.csv"
    sampled = list(lines(nvml, now))
    is_new = not path.exists() or path.stat().st_size == 0
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in ([HEADER] if is_new else []) + sampled))
    return path, len(sampled)
