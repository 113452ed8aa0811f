"""Logs of `nvidia-smi` on the company's two GPU hosts, and the tokens that its own model served on one of them.

Data flow: a rhythm of training and serving → `gpu/<host>/nvidia-smi_<monday>.csv`, `gpu/<host>/served_tokens.csv`.
Put here: hosts, GPUs, their load and what came of it. Keep out: what they cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.text import hash_text, write_bytes, write_csv

GPU_DAYS = 30
STEP_MINUTES = 10
GPUS_PER_HOST = 4
HEADER = [
    "timestamp",
    " index",
    " uuid",
    " name",
    " utilization.gpu [%]",
    " memory.used [MiB]",
    " memory.total [MiB]",
    " power.draw [W]",
]


@dataclass(frozen=True)
class Host:
    """A machine with `GPUS_PER_HOST` GPUs of one kind."""

    name: str
    gpu_name: str
    memory_mib: int
    idle_watts: float
    full_watts: float
    rhythm: str


HOSTS = (
    Host("gpu-train-01", "NVIDIA H100 80GB HBM3", 81_559, 70.0, 690.0, "train"),
    Host("gpu-serve-01", "NVIDIA L4", 23_034, 16.0, 71.0, "serve"),
)


OWN_MODEL = "house-8b"
PROMPT_TOKENS_PER_SECOND, ANSWER_TOKENS_PER_SECOND = 900, 250
"""What one fully used L4 reads and writes of the model at a time."""
PREFILL_PART = 0.3
"""Part of the time that reading takes."""
TOKENS_PER_REQUEST = 640
SERVED_HEADER = ["hour_start", "host", "model_name", "prompt_tokens", "generation_tokens", "request_count",
                 "prefill_seconds", "decode_seconds"]  # fmt: skip
Loads = dict[datetime, int]
"""Sum of the percentages of all samples of a host, by hour."""


def gpu_uuid(host: Host, index: int) -> str:
    """The id nvidia-smi reports."""
    number = f"{hash_text(host.name + str(index)):016x}{hash_text(str(index) + host.name):016x}"
    return f"GPU-{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:32]}"


def _load(host: Host, index: int, at: datetime, random: np.random.Generator) -> int:
    """Utilisation in percent: training by day and evening on working days, serving with the customers."""
    if host.rhythm == "train":
        is_busy = at.weekday() < 5 and 8 <= at.hour < 21 and not (index == 3 and at.weekday() in (1, 3))
        return int(random.integers(82, 100)) if is_busy else 0
    level = 62 if 7 <= at.hour < 22 else 14
    if index >= 2:
        level = level // 2 if 9 <= at.hour < 18 else 0
    return int(np.clip(random.normal(level, 9), 0, 100)) if level else 0


def _rows(host: Host, start: date, end: date, random: np.random.Generator, loads: Loads) -> Iterator[list[object]]:
    at = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - naive UTC
    stop = datetime(end.year, end.month, end.day)  # noqa: DTZ001 - naive UTC
    while at < stop:
        for index in range(GPUS_PER_HOST):
            load = _load(host, index, at, random)
            hour = at.replace(minute=0)
            loads[hour] = loads.get(hour, 0) + load
            memory = int(host.memory_mib * (0.86 if load else 0.01)) + int(random.integers(0, 200))
            watts = host.idle_watts + (host.full_watts - host.idle_watts) * load / 100 + random.normal(0, 2)
            is_silent = random.random() < 0.002
            yield [
                f"{at:%Y/%m/%d %H:%M:%S}.{int(random.integers(0, 1000)):03d}",
                f" {index}",
                f" {gpu_uuid(host, index)}",
                f" {host.gpu_name}",
                " [N/A]" if is_silent else f" {load} %",
                f" {memory} MiB",
                f" {host.memory_mib} MiB",
                " [N/A]" if is_silent else f" {watts:.2f} W",
            ]
        at += timedelta(minutes=STEP_MINUTES)


def _served(host: Host, loads: Loads) -> Iterator[list[object]]:
    """Tokens of each hour: as many as the used time of the GPUs gives."""
    for hour, percent in sorted(loads.items()):
        busy = percent * STEP_MINUTES * 60 / 100
        prompt, answer = round(busy * PROMPT_TOKENS_PER_SECOND), round(busy * ANSWER_TOKENS_PER_SECOND)
        yield [
            f"{hour:%Y-%m-%dT%H:%M:%SZ}",
            host.name,
            OWN_MODEL,
            prompt,
            answer,
            prompt // TOKENS_PER_REQUEST,
            f"{busy * PREFILL_PART:.1f}",
            f"{busy * (1 - PREFILL_PART):.1f}",
        ]


def write_gpus(folder: Path, calendar: Calendar, random: np.random.Generator) -> None:
    """Write the last `GPU_DAYS` days of both hosts, a file per host and week, and what was served."""
    write_bytes(folder / "gpu.yml", b"time_zone: UTC\n", calendar.first)
    first = max(calendar.first, calendar.last - timedelta(days=GPU_DAYS - 1))
    for host in HOSTS:
        start = first
        loads: Loads = {}
        while start <= calendar.last:
            end = min(start + timedelta(days=7 - start.weekday()), calendar.last + timedelta(days=1))
            path = folder / host.name / f"nvidia-smi_{start}.csv"
            write_csv(path, HEADER, _rows(host, start, end, random, loads), end)
            start = end
        if host.rhythm == "serve":
            path = folder / host.name / "served_tokens.csv"
            write_csv(path, SERVED_HEADER, _served(host, loads), calendar.last + timedelta(days=1))
