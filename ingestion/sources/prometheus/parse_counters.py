"""Data flow: spooled day files of counters and gauges → `raw_prometheus.gpu_metrics`, `raw_prometheus.serving_metrics`.

A counter that falls began anew: it rose by what it then shows. What it rose by while nobody looked is spread evenly
over that time. Energy is the GPU's, whatever pod had it: its series are one. The first value of a series counts only
where the same metric was seen earlier that day, so that a server that is new is counted and an old one is not.

Put here: that. Keep out: labels, use of GPUs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.spooled import Line, Refused, spooled_lines
from ingestion.sources.prometheus.labels import Labels
from ingestion.sources.prometheus.metrics import METRICS, SERVING_BY_NAME, is_blank
from ingestion.sources.prometheus.values import number_of, parsed
from ingestion.vocabulary.raw_types import PROVENANCE

HOUR = 3600
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC
QUANTUM = Decimal("0.000000000001")
WIDE = Context(prec=60)


def _schema(table: str) -> pa.Schema:
    columns = RAW_SCHEMAS["raw_prometheus"][table].items()
    return pa.schema([(name, kind) for name, kind in columns if name not in PROVENANCE] + [("_source_row", pa.int64())])


GPU_METRICS, SERVING_METRICS = _schema("gpu_metrics"), _schema("serving_metrics")


@dataclass
class Hour:
    """What happened to something in one hour."""

    increase: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    most: Decimal | None = None
    samples: int = 0
    resets: int = 0


Samples = dict[int, Decimal]
Hours = dict[int, Hour]


def _series(file: SourceFile, bad: list[QuarantinedRow]) -> Iterator[tuple[Line, Labels, Samples]]:
    for line in spooled_lines(file):
        if isinstance(line, QuarantinedRow):
            bad.append(line)
            continue
        if line.is_empty_page:
            continue
        samples: Samples = {}
        for at, text in line.content.get("values") or []:
            value = number_of(text)
            if value is not None and value >= 0 and not is_blank(value):
                samples[int(Decimal(str(at)))] = value
        if samples:
            yield line, Labels(line.content.get("metric")), samples


def add_increases(samples: Samples, hours: Hours, *, counts_first: bool) -> None:
    """What a counter rose by, hour by hour."""
    ordered = sorted(samples.items())
    if counts_first:
        at, value = ordered[0]
        hours[(at - 1) // HOUR].increase += value
    for (start, before), (stop, after) in pairwise(ordered):
        rise = after - before if after >= before else after
        if after < before:
            hours[(stop - 1) // HOUR].resets += 1
        given = Decimal(0)
        for hour in range(start // HOUR, (stop - 1) // HOUR + 1):
            until = min(stop, (hour + 1) * HOUR)
            so_far = rise if until == stop else (rise * (until - start) / (stop - start)).quantize(QUANTUM)
            hours[hour].increase += so_far - given
            hours[hour].samples += until == stop
            given = so_far


def energy(file: SourceFile) -> Iterator[ParsedBatch]:
    """Joules per hour and GPU."""
    bad: list[QuarantinedRow] = []
    by_gpu: dict[tuple[str, str], Samples] = defaultdict(dict)
    rows_of: dict[tuple[str, str], int] = {}
    for line, labels, samples in _series(file, bad):
        metric = METRICS.get(labels.metric)
        if metric is None or labels.slice_id is not None:
            continue
        rows_of.setdefault(labels.gpu, line.number)
        found = by_gpu[labels.gpu]
        for at, value in samples.items():
            joules = value * metric.factor
            found[at] = max(found.get(at, joules), joules)
    rows: list[dict[str, Any]] = []
    for gpu, samples in sorted(by_gpu.items()):
        hours: Hours = defaultdict(Hour)
        add_increases(samples, hours, counts_first=False)
        rows += [
            _gpu_row(gpu, "energy_joules", hour, each, rows_of[gpu], is_counter=True) for hour, each in hours.items()
        ]
    yield parsed(rows, GPU_METRICS, "gpu_metrics", bad)


def gauges(file: SourceFile) -> Iterator[ParsedBatch]:
    """Averages and maxima per hour and GPU: pods that share a GPU repeat its series, so each instant counts once."""
    bad: list[QuarantinedRow] = []
    seen: dict[tuple[tuple[str, str], str], dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    rows_of: dict[tuple[str, str], int] = {}
    for line, labels, samples in _series(file, bad):
        metric = METRICS.get(labels.metric)
        if metric is None or metric.taken_as is None:
            bad.append(line.refuse(Refused("__name__", "unknown_value", f"{labels.metric} is no known metric")))
            continue
        rows_of.setdefault(labels.gpu, line.number)
        for at, value in samples.items():
            seen[labels.gpu, metric.taken_as][at][labels.slice_id or ""] = value * metric.factor
    rows: list[dict[str, Any]] = []
    for (gpu, name), instants in sorted(seen.items()):
        hours: Hours = defaultdict(Hour)
        for at, by_slice in instants.items():
            value = _of_gpu(name, by_slice)
            hour = hours[(at - 1) // HOUR]
            hour.total += value
            hour.samples += 1
            hour.most = value if hour.most is None else max(hour.most, value)
        rows += [_gpu_row(gpu, name, hour, each, rows_of[gpu], is_counter=False) for hour, each in hours.items()]
    yield parsed(rows, GPU_METRICS, "gpu_metrics", bad)


def _of_gpu(name: str, by_slice: dict[str, Decimal]) -> Decimal:
    """Memory of slices adds up; of the rest a GPU has what it says itself, else the most that a slice says."""
    own = by_slice.get("")
    if name.endswith("_mib"):
        slices = sum((value for key, value in by_slice.items() if key), Decimal(0))
        return max(own or Decimal(0), slices)
    return own if own is not None else max(by_slice.values())


def _gpu_row(
    gpu: tuple[str, str], metric: str, hour: int, found: Hour, row: int, *, is_counter: bool
) -> dict[str, Any]:
    return {
        "hour_start_utc": EPOCH + timedelta(hours=hour),
        "host": gpu[0],
        "gpu_id": gpu[1],
        "metric": metric,
        "avg_value": None if is_counter else WIDE.divide(found.total, Decimal(found.samples)).quantize(QUANTUM),
        "max_value": None if is_counter or found.most is None else found.most.quantize(QUANTUM),
        "increase": found.increase.quantize(QUANTUM) if is_counter else None,
        "sample_count": found.samples,
        "reset_count": found.resets,
        "_source_row": row,
    }


def serving(file: SourceFile) -> Iterator[ParsedBatch]:
    """Tokens, requests and times per hour, server and model."""
    bad: list[QuarantinedRow] = []
    series = list(_series(file, bad))
    firsts: dict[str, int] = {}
    for _, labels, samples in series:
        firsts[labels.metric] = min(firsts.get(labels.metric, min(samples)), min(samples))
    by_server: dict[tuple[str | None, ...], Hours] = defaultdict(lambda: defaultdict(Hour))
    rows_of: dict[tuple[str | None, ...], int] = {}
    for line, labels, samples in series:
        metric = SERVING_BY_NAME.get(labels.metric)
        if metric is None:
            bad.append(line.refuse(Refused("__name__", "unknown_value", f"{labels.metric} is no known counter")))
            continue
        model = labels.text("model_name", "model", "served_model_name")
        key = (metric.engine, metric.taken_as, model, labels.namespace or labels.text("namespace"), labels.pod,
               labels.workload, labels.host, labels.text("instance"))  # fmt: skip
        rows_of.setdefault(key, line.number)
        add_increases(samples, by_server[key], counts_first=min(samples) > firsts[labels.metric])
    names = ("engine", "metric", "model_name", "namespace", "pod", "workload", "host", "instance")
    rows = [
        dict(zip(names, key, strict=True))
        | {
            "hour_start_utc": EPOCH + timedelta(hours=hour),
            "increase": found.increase.quantize(QUANTUM),
            "sample_count": found.samples,
            "reset_count": found.resets,
            "_source_row": rows_of[key],
        }
        for key, hours in by_server.items()
        for hour, found in hours.items()
    ]
    yield parsed(rows, SERVING_METRICS, "serving_metrics", bad)
