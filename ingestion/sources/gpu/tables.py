"""CSV tables of the GPU folder: which pod held what (`gpu_allocations*.csv`), what was served (`served_tokens*.csv`).

Put here: their columns and checks. Keep out: telemetry (`nvidia_smi`, `parquet`), time zones (`settings`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.lines import Record, quarantined
from ingestion.reading.tabular.values import Unusable, exact_decimal
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.gpu.settings import BadSettings, BadTime, LocalClock, time_zone_of
from ingestion.vocabulary.raw_types import PROVENANCE

NEVER = datetime(2200, 1, 1)  # noqa: DTZ001 naive UTC, as in the raw tables
MOST_GPUS = Decimal(256)
MOST_TOKENS = Decimal(10) ** 18
Row = dict[str, Any]


class _Bad(ValueError):
    def __init__(self, field: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.field, self.reason = field, reason


def _needed(cells: dict[str, str | None], *names: str) -> str:
    found = next((cells[name] for name in names if cells.get(name)), None)
    if not found:
        raise _Bad(names[0], "missing_value", f"{names[0]} is empty. Fill it in, or delete the row.")
    return found


def _number(cells: dict[str, str | None], name: str, most: Decimal, default: Decimal | None = None) -> Decimal | None:
    text = cells.get(name)
    if not text:
        return default
    try:
        value = exact_decimal(text)
    except Unusable as problem:
        raise _Bad(name, "invalid_number", f"{name} is {text[:60]!r}: {problem.remedy}") from None
    if not 0 <= value <= most:
        raise _Bad(name, "out_of_range", f"{name} is {text}: give 0 to {most:f}.")
    return value


def _instant(cells: dict[str, str | None], clock: LocalClock, *names: str, default: datetime | None = None) -> datetime:
    text = next((cells[name] for name in names if cells.get(name)), None)
    if not text:
        if default is None:
            raise _Bad(names[0], "missing_value", f"{names[0]} is empty. Fill it in, or delete the row.")
        return default
    try:
        return clock.to_utc(text.replace("Z", "+00:00"))
    except BadTime as bad:
        raise _Bad(names[0], bad.reason, str(bad)) from None


def _allocation(cells: dict[str, str | None], clock: LocalClock) -> Row:
    start = _instant(cells, clock, "start", "from")
    stop = _instant(cells, clock, "end", "to", default=NEVER)
    if stop <= start:
        raise _Bad("end", "empty_period", "end is not after start: start is inclusive, end exclusive. Correct one.")
    fraction = _number(cells, "gpu_fraction", MOST_GPUS, Decimal(1))
    if cells.get("gpu_id") and fraction is not None and fraction > 1:
        raise _Bad("gpu_fraction", "out_of_range", f"gpu_fraction is {fraction} of one GPU: give 0 to 1.")
    pod = cells.get("pod")
    workload = cells.get("workload") or pod
    if not workload and not cells.get("namespace"):
        raise _Bad("pod", "missing_value", "pod, workload and namespace are empty: who held the GPU? Fill one in.")
    return {
        "namespace": cells.get("namespace"),
        "pod": pod,
        "workload": workload,
        "node": _needed(cells, "node", "host"),
        "gpu_id": cells.get("gpu_id"),
        "gpu_fraction": fraction,
        "allocated_from_utc": start,
        "allocated_to_utc": stop,
    }


def _served(cells: dict[str, str | None], clock: LocalClock) -> Row:
    at = _instant(cells, clock, "hour_start", "hour", "timestamp")
    if not cells.get("host") and not cells.get("workload"):
        raise _Bad("host", "missing_value", "host and workload are empty: which GPUs served? Fill one in.")
    numbers = {
        name: _number(cells, name, MOST_TOKENS)
        for name in ("prompt_tokens", "generation_tokens", "request_count", "prefill_seconds", "decode_seconds")
    }
    return {
        "hour_start_utc": at.replace(minute=0, second=0, microsecond=0),
        "host": cells.get("host"),
        "namespace": cells.get("namespace"),
        "workload": cells.get("workload"),
        "model_name": _needed(cells, "model_name", "model"),
        **numbers,
    }


def _parser(table: str, read: Callable[[dict[str, str | None], LocalClock], Row]) -> Parser:
    kinds = RAW_SCHEMAS["raw_gpu"][table].items()
    schema = pa.schema([pair for pair in kinds if pair[0] not in PROVENANCE] + [("_source_row", pa.int64())])

    def parse(file: SourceFile) -> Iterator[ParsedBatch]:
        try:
            clock = LocalClock(time_zone_of(file))
        except BadSettings as bad:
            yield ParsedBatch(quarantined=[quarantined(None, "invalid_settings", str(bad), None, "time_zone")])
            return
        rows: list[Row] = []
        problems: list[QuarantinedRow] = []
        for record in read_csv_rows(file.path):
            if isinstance(record, QuarantinedRow):
                problems.append(record)
                continue
            _take(record, clock, read, rows, problems)
        columns = [pa.array([row.get(each.name) for row in rows], each.type) for each in schema]
        yield ParsedBatch(pa.Table.from_arrays(columns, schema=schema) if rows else None, table, problems)

    return parse


def _take(
    record: Record,
    clock: LocalClock,
    read: Callable[[dict[str, str | None], LocalClock], Row],
    rows: list[Row],
    problems: list[QuarantinedRow],
) -> None:
    cells = {name.strip().lower(): cell for name, cell in record.value.items()}
    try:
        rows.append(read(cells, clock) | {"_source_row": record.number})
    except _Bad as bad:
        problems.append(quarantined(record.number, bad.reason, str(bad), record.text, bad.field))


PARSERS: dict[str, Parser] = {
    "gpu_allocations": _parser("gpu_allocations", _allocation),
    "served_tokens": _parser("served_tokens", _served),
}
"""By the beginning of the file's name."""
