"""Logs of `nvidia-smi --query-gpu=... --format=csv`: headers with units, values with or without them.

Put here: the columns of the log and its odd values. Keep out: time zones (`settings`) and workloads.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.lines import quarantined, read_lines
from ingestion.sources.gpu.settings import BadSettings, BadTime, LocalClock, host_of, time_zone_of
from ingestion.sources.gpu.workloads import Workloads
from ingestion.vocabulary.raw_types import PROVENANCE

GPU_SAMPLES = RAW_SCHEMAS["raw_gpu"]["gpu_samples"]

BATCH_ROWS = 50_000
TABLE = "gpu_samples"
SCHEMA = pa.schema(
    [(name, kind) for name, kind in GPU_SAMPLES.items() if name not in PROVENANCE] + [("_source_row", pa.int64())]
)
_TIMESTAMP = "timestamp"
_IDS = ("uuid", "gpu_uuid", "gpu_id", "index", "gpu")
_TEXTS = {"gpu_name": ("name", "gpu_name"), "workload": ("workload",), "host": ("host", "hostname")}
_MEASURES: dict[str, tuple[str, ...]] = {
    "gpu_utilization_pct": ("utilization.gpu",),
    "memory_used_mib": ("memory.used",),
    "memory_total_mib": ("memory.total",),
    "power_watts": ("power.draw", "power.draw.instant", "power.draw.average"),
}
_FACTORS = {
    "": Decimal(1),
    "%": Decimal(1),
    "mib": Decimal(1),
    "gib": Decimal(1024),
    "kib": Decimal(1) / 1024,
    "w": Decimal(1),
    "mw": Decimal("0.001"),
    "kw": Decimal(1000),
}
_VALUE = re.compile(r"([+-]?\d{1,12}(?:\.\d{1,12})?)\s*([A-Za-z%]*)\Z")
_NOT_KNOWN = re.compile(r"\[.*\]\Z|n/a\Z|not supported\Z|\Z", re.IGNORECASE)
_QUANTUM = Decimal(1).scaleb(-12)
PRINTED_TOGETHER = timedelta(milliseconds=50)
"""Lines of the GPUs of one machine follow each other faster than this, samples of one GPU do not."""


class _BadField(ValueError):
    def __init__(self, field: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.field, self.reason = field, reason


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Samples of one log in batches; the time zone that was used is noted."""
    try:
        clock = LocalClock(time_zone_of(file))
    except BadSettings as bad:
        yield ParsedBatch(quarantined=[quarantined(None, "invalid_settings", str(bad), None, "time_zone")])
        return
    rows: list[dict[str, Any]] = []
    bad_rows: list[QuarantinedRow] = []
    for item in _samples(file, clock):
        if isinstance(item, QuarantinedRow):
            bad_rows.append(item)
        else:
            rows.append(item)
        if len(rows) + len(bad_rows) >= BATCH_ROWS:
            yield ParsedBatch(_table(rows), TABLE, bad_rows)
            rows, bad_rows = [], []
    yield ParsedBatch(_table(rows), TABLE, bad_rows, notes=_notes(host_of(file), clock))


def _table(rows: list[dict[str, Any]]) -> pa.Table | None:
    if not rows:
        return None
    return pa.Table.from_arrays([pa.array([row.get(f.name) for row in rows], f.type) for f in SCHEMA], schema=SCHEMA)


def _notes(host: str, clock: LocalClock) -> list[Note]:
    told = []
    if clock.told_apart_by_order:
        message = f"{host}: the log names no GPU, so they were told apart by the order of lines; log uuid to be sure"
        told.append(Note("other", message))
    if clock.zone is None:
        message = f"{host}: local times were read as UTC; name the zone in gpu.yml if they are not"
        return [Note("time_zone_assumed", message), *told]
    notes = [Note("other", f"{host}: local times were read in {clock.zone.key}"), *told]
    if clock.ambiguous:
        message = f"{host}: {clock.ambiguous} samples lie in the hour that autumn repeats and were told apart by order"
        notes.append(Note("time_zone_assumed", message, count=clock.ambiguous))
    return notes


def _samples(file: SourceFile, clock: LocalClock) -> Iterator[dict[str, Any] | QuarantinedRow]:
    host = host_of(file)
    workloads = Workloads(file, LocalClock(clock.zone))
    header: list[str] | None = None
    number = 0
    order = _Order()
    for line in read_lines(file.path):
        if isinstance(line, QuarantinedRow):
            number += 1
            yield QuarantinedRow(number, line.reason, line.message, line.original_record)
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line.text], skipinitialspace=True))]
        except (csv.Error, StopIteration):
            cells = []
        names = [_column(cell) for cell in cells]
        if _TIMESTAMP in names:
            header = names
            continue
        number += 1
        if header is None:
            message = "The log has no header with a timestamp column. Log with --format=csv, without noheader."
            yield quarantined(None, "missing_header", message, line.text)
            return
        if len(cells) != len(header):
            message = f"The line has {len(cells)} fields, the header {len(header)}: it is cut or damaged. Log it anew."
            yield quarantined(number, "wrong_field_count", message, line.text)
            continue
        try:
            sample = _sample(dict(zip(header, cells, strict=True)), host, clock)
        except _BadField as bad:
            yield quarantined(number, bad.reason, str(bad), line.text, bad.field)
            continue
        except BadTime as bad:
            yield quarantined(number, bad.reason, str(bad), line.text, _TIMESTAMP)
            continue
        if not any(name in _IDS for name in header):
            sample["gpu_id"] = str(order.of(sample["sampled_at_utc"]))
            clock.told_apart_by_order |= sample["gpu_id"] != "0"
        if sample["workload"] is None:
            sample["workload"] = workloads.at(sample["host"], sample["gpu_id"], sample["sampled_at_utc"])
        yield sample | {"_source_row": number}


@dataclass
class _Order:
    """Which GPU of a machine a line is of, in a log that names none: the tool prints one after the other, at once."""

    last: datetime | None = None
    number: int = 0

    def of(self, at: datetime) -> int:
        """Its place among the lines that were printed together."""
        is_next = self.last is not None and timedelta(0) <= at - self.last < PRINTED_TOGETHER
        self.number = self.number + 1 if is_next else 0
        self.last = at
        return self.number


def _column(cell: str) -> str:
    """`utilization.gpu [%]` → `utilization.gpu`."""
    return re.sub(r"\s*\[.*\]\s*$", "", cell).strip().lower()


def _sample(cells: dict[str, str], host: str, clock: LocalClock) -> dict[str, Any]:
    sample: dict[str, Any] = {
        name: next((cells[column] for column in columns if _is_known(cells.get(column))), None)
        for name, columns in _TEXTS.items()
    }
    sample["host"] = sample["host"] or host
    sample["gpu_id"] = next((cells[column] for column in _IDS if _is_known(cells.get(column))), "0")
    for name, columns in _MEASURES.items():
        column = next((column for column in columns if _is_known(cells.get(column))), None)
        sample[name] = None if column is None else _measure(cells[column], column)
    utilization = sample["gpu_utilization_pct"]
    if utilization is not None and utilization > 100:
        message = f"utilization.gpu is {utilization.normalize():f} %. It cannot exceed 100: correct or drop the line."
        raise _BadField("utilization.gpu", "out_of_range", message)
    sample["sampled_at_utc"] = clock.to_utc(cells[_TIMESTAMP], sample["gpu_id"])
    return sample


def _is_known(cell: str | None) -> bool:
    return cell is not None and not _NOT_KNOWN.match(cell)


def _measure(cell: str, column: str) -> Decimal:
    found = _VALUE.match(cell)
    factor = _FACTORS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        message = f"{column} is {cell[:60]!r}. It must be a number with or without its unit, or [N/A]."
        raise _BadField(column, "invalid_number", message)
    number = (Decimal(found[1]) * factor).quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)
    if number < 0:
        raise _BadField(column, "out_of_range", f"{column} is {cell}. It cannot be negative: correct or drop the line.")
    return number
