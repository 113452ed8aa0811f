"""`workloads.csv`: which workload used a GPU from when to when (host, gpu_id, workload, from, to).

Put here: reading and looking up assignments. Keep out: samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.landing.links import leads_outside
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.reading.lines import quarantined
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.gpu.settings import BadSettings, BadTime, LocalClock, drop_folder, time_zone_of

FILE_NAME = "workloads.csv"
ANY = ("*", "", None)
ALWAYS = datetime(1900, 1, 1)  # noqa: DTZ001 naive UTC, as in the raw tables
NEVER = datetime(2200, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Assignment:
    """A workload on a GPU during [start, end); None in `host` or `gpu_id` means any."""

    host: str | None
    gpu_id: str | None
    workload: str
    start: datetime
    end: datetime


def read_assignments(path: Path, clock: LocalClock) -> Iterator[Assignment | QuarantinedRow]:
    """Rows of a workloads file. Times without zone are in the zone of `gpu.yml`."""
    for row in read_csv_rows(path):
        if isinstance(row, QuarantinedRow):
            yield row
            continue
        cells = {name.lower(): cell for name, cell in row.value.items()}
        try:
            if not cells.get("workload"):
                raise BadTime("missing_workload", "workload is empty. Name the workload, or delete the row.")
            start = clock.to_utc(cells["from"]) if cells.get("from") else ALWAYS
            end = clock.to_utc(cells["to"]) if cells.get("to") else NEVER
            if start >= end:
                raise BadTime(
                    "empty_period", "`to` is not after `from`. The period is from (inclusive) to (exclusive)."
                )
        except BadTime as bad:
            yield quarantined(row.number, bad.reason, str(bad), row.text)
            continue
        host, gpu_id = (None if cells.get(name) in ANY else cells[name] for name in ("host", "gpu_id"))
        yield Assignment(host, gpu_id, cells["workload"], start, end)


def check(file: SourceFile) -> Iterator[ParsedBatch]:
    """Reports what is wrong with a workloads file. Its assignments are read along with each log."""
    try:
        clock = LocalClock(time_zone_of(file))
    except BadSettings as bad:
        yield ParsedBatch(quarantined=[quarantined(None, "invalid_settings", str(bad), None, "time_zone")])
        return
    bad_rows = [row for row in read_assignments(file.path, clock) if isinstance(row, QuarantinedRow)]
    yield ParsedBatch(quarantined=bad_rows)


class Workloads:
    """The assignments that apply to one log; of several at one time the one that began last."""

    def __init__(self, file: SourceFile, clock: LocalClock) -> None:
        paths = dict.fromkeys((file.path.parent / FILE_NAME, drop_folder(file) / FILE_NAME))
        found = (
            item
            for path in paths
            if path.is_file() and not leads_outside(path, drop_folder(file))
            for item in read_assignments(path, clock)
        )
        self._all = sorted((item for item in found if isinstance(item, Assignment)), key=lambda item: item.start)
        self._by_gpu: dict[tuple[str, str], list[Assignment]] = {}

    def at(self, host: str, gpu_id: str, when: datetime) -> str | None:
        """The workload of a GPU at an instant, None when none is assigned."""
        key = (host, gpu_id)
        if key not in self._by_gpu:
            self._by_gpu[key] = [i for i in self._all if i.host in (None, host) and i.gpu_id in (None, gpu_id)]
        return next((i.workload for i in reversed(self._by_gpu[key]) if i.start <= when < i.end), None)
