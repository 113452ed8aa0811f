"""Data flow: spooled day files of GPU use → `raw_prometheus.gpu_samples`, one row per state of a GPU that lasts.

At each instant a GPU is whole, shared by pods, or sliced. Pods that share it repeat its series with their own labels:
each has an equal part of its time, and its use is counted once. Of a sliced GPU each slice has its sevenths, and what
no slice has is a part of nobody. Put here: that. Keep out: labels, other metrics.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.spooled import Line, Refused, spooled_lines
from ingestion.sources.prometheus.labels import Labels
from ingestion.sources.prometheus.metrics import METRICS, is_blank
from ingestion.sources.prometheus.values import number_of, parsed, step_of
from ingestion.vocabulary.raw_types import PROVENANCE

WHOLE_PARTS = 840
"""Parts of a GPU: halves to eighths and sevenths of it are whole numbers of them."""
SEVENTH = WHOLE_PARTS // 7
BATCH_ROWS = 50_000
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC
FULL = Decimal(100)
SCHEMA = pa.schema(
    [(name, kind) for name, kind in RAW_SCHEMAS["raw_prometheus"]["gpu_samples"].items() if name not in PROVENANCE]
    + [("_source_row", pa.int64())]
)
Who = tuple[str | None, str | None, str | None]
"""Workload, namespace, pod."""
State = tuple[tuple[Who, str, int, Decimal], ...]
"""At one instant: who, why they, how many parts, use in percent."""


@dataclass
class Gpu:
    """What the series of one GPU say, by second."""

    host: str
    gpu_id: str
    row: int
    name: str | None = None
    use: dict[int, dict[Who, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    engine: dict[int, dict[Who, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    slices: dict[int, dict[str, dict[Who, Decimal]]] = field(default_factory=lambda: defaultdict(dict))
    sevenths: dict[str, int] = field(default_factory=dict)

    def states(self) -> Iterator[tuple[int, State]]:
        """What it was at each second for which there is a value, in order."""
        for at in sorted(self.use.keys() | self.engine.keys() | self.slices.keys()):
            if at in self.slices:
                yield at, self._sliced(self.slices[at])
            else:
                yield at, tuple(_shared(self.use.get(at) or self.engine[at], WHOLE_PARTS))

    def _sliced(self, slices: dict[str, dict[Who, Decimal]]) -> State:
        found: list[tuple[Who, str, int, Decimal]] = []
        left = WHOLE_PARTS
        for name, users in sorted(slices.items()):
            parts = min(left, self.sevenths[name] * SEVENTH)
            left -= parts
            found += [(who, "mig_slice", share, used) for who, _, share, used in _shared(users, parts)]
        if left:
            found.append(((None, None, None), "mig_slice", left, Decimal(0)))
        return tuple(found)


def _shared(users: dict[Who, Decimal], parts: int) -> Iterator[tuple[Who, str, int, Decimal]]:
    """Equal parts for all pods that are named at the same instant; nobody's series beside theirs is a copy."""
    named = sorted((who for who in users if any(who)), key=str) or list(users)
    method = "time_sliced" if len(named) > 1 else "pod" if any(named[0]) else "whole_gpu"
    for number, who in enumerate(named):
        share = parts * (number + 1) // len(named) - parts * number // len(named)
        yield who, method, share, users[who]


def gpu_samples(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of a day, GPU by GPU: lines come in order of GPUs."""
    lines = list(spooled_lines(file))
    bad = [line for line in lines if isinstance(line, QuarantinedRow)]
    good = [line for line in lines if isinstance(line, Line) and not line.is_empty_page]
    only_exported = any(Labels(line.content.get("metric")).has_exported for line in good)
    skipped: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for _, group in groupby(good, key=lambda line: Labels(line.content.get("metric")).gpu):
        series = list(group)
        try:
            step = step_of(series[0])
            rows += _rows(_gathered(series, skipped, bad, only_exported=only_exported), step)
        except Refused as problem:
            bad.append(series[0].refuse(problem))
        if len(rows) >= BATCH_ROWS:
            yield parsed(rows, SCHEMA, "gpu_samples", bad)
            rows, bad = [], []
    notes = [Note("other", f"{skipped['no_number']} samples of GPU use say nothing (NaN, infinite or blank)",
                  count=skipped["no_number"])] if skipped["no_number"] else []  # fmt: skip
    yield parsed(rows, SCHEMA, "gpu_samples", bad, notes)


def _gathered(lines: list[Line], skipped: Counter[str], bad: list[QuarantinedRow], *, only_exported: bool) -> Gpu:
    first = Labels(lines[0].content.get("metric"), only_exported=only_exported)
    gpu = Gpu(first.host, first.gpu_id, lines[0].number)
    for line in lines:
        labels = Labels(line.content.get("metric"), only_exported=only_exported)
        metric = METRICS.get(labels.metric)
        if metric is None:
            bad.append(line.refuse(Refused("__name__", "unknown_value", f"{labels.metric} is no known metric of use")))
            continue
        gpu.name = gpu.name or labels.gpu_name
        who: Who = (labels.workload, labels.namespace, labels.pod)
        if labels.slice_id is not None:
            gpu.sevenths[labels.slice_id] = labels.slice_sevenths
        for at_text, text in line.content.get("values") or []:
            value = number_of(text)
            if value is None or is_blank(value):
                skipped["no_number"] += 1
                continue
            value *= metric.factor
            if not 0 <= value <= FULL + 1:
                bad.append(line.refuse(Refused("values", "out_of_range", f"{labels.metric} is {text} at {at_text}")))
                continue
            value, at = min(value, FULL), int(Decimal(str(at_text)))
            if labels.slice_id is not None:
                if metric.taken_as == "engine":
                    gpu.slices[at].setdefault(labels.slice_id, {})[who] = value
            else:
                (gpu.use if metric.taken_as == "utilization" else gpu.engine)[at][who] = value
    return gpu


def _rows(gpu: Gpu, step: int) -> Iterator[dict[str, Any]]:
    """A state that lasts is one row per hour, not one per sample."""
    begins, ends = 0, 0
    state: State = ()
    for at, now in gpu.states():
        if state and now == state and at - step == ends and ends % 3600:
            ends = at
            continue
        yield from _row(gpu, begins, ends, state)
        begins, ends, state = at - step, at, now
    yield from _row(gpu, begins, ends, state)


def _row(gpu: Gpu, begins: int, ends: int, state: State) -> Iterator[dict[str, Any]]:
    for (workload, namespace, pod), method, parts, used in state:
        yield {
            "sampled_at_utc": EPOCH + timedelta(seconds=begins),
            "host": gpu.host,
            "gpu_id": gpu.gpu_id,
            "gpu_name": gpu.name,
            "gpu_utilization_pct": used.quantize(Decimal("0.000000000001")),
            "workload": workload,
            "namespace": namespace,
            "pod": pod,
            "split_method": method,
            "share_parts": parts,
            "duration_seconds": Decimal(ends - begins),
            "_source_row": gpu.row,
        }
