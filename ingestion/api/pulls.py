"""The ledger of a source: for each endpoint and day, how complete it is and how often it was restated.

It lies beside the spool as `_pulls.jsonl` and is landed like any other file, as the table `pulls`. The newest
line of an endpoint and day counts; a line that a kill tore is passed over.

Put here: the ledger and its rows. Keep out: requests, spool files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingestion.api.model import DayPages
from ingestion.api.numbers import exact_sum, money
from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.vocabulary.raw_types import PROVENANCE, PULLS

FILE_NAME = "_pulls.jsonl"
COMPLETE, PARTIAL, MISSING = "complete", "partial", "missing"
NOT_ENTITLED, SKIPPED_404 = "not_entitled", "skipped_404"
COMPACT_RATIO = 4


@dataclass(frozen=True)
class PullState:
    """What is known about one endpoint and day. A restatement is a change after the day was complete."""

    endpoint: str
    usage_date: date | None
    status: str
    row_count: int = 0
    bucket_count: int = 0
    first_pulled_at_utc: datetime | None = None
    last_pulled_at_utc: datetime | None = None
    restatement_count: int = 0
    restated_amount_change: Decimal | None = None
    restated_quantity_change: Decimal | None = None
    amount: Decimal | None = None
    quantity: Decimal | None = None
    reason: str | None = None
    fingerprint: str | None = None
    was_complete: bool = False


class Ledger:
    """All states of a source."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._states: dict[tuple[str, date | None], PullState] = {}
        self._lines = 0
        for state in read_states(self.path):
            self._states[(state.endpoint, state.usage_date)] = state
            self._lines += 1

    def get(self, endpoint: str, day: date | None) -> PullState | None:
        """What is known about a day."""
        return self._states.get((endpoint, day))

    def complete_days(self, endpoint: str) -> dict[date, datetime | None]:
        """The complete days of an endpoint, with the time each was last received."""
        return {
            day: state.last_pulled_at_utc
            for (name, day), state in self._states.items()
            if name == endpoint and day and state.status == COMPLETE
        }

    def record(self, endpoint: str, pages: DayPages, digest: str, now: datetime) -> PullState:
        """Note a received day; says how it differs from what was known."""
        before = self.get(endpoint, pages.day)
        status = COMPLETE if pages.is_complete else PARTIAL
        state = PullState(
            endpoint,
            pages.day,
            status,
            pages.row_count,
            pages.bucket_count,
            before.first_pulled_at_utc if before and before.first_pulled_at_utc else now,
            now,
            amount=pages.amount,
            quantity=pages.quantity,
            reason=pages.reason,
            fingerprint=digest,
            was_complete=pages.is_complete,
        )
        if before is not None:
            state = _carried(state, before, is_restated=before.was_complete and before.fingerprint != digest)
        self._append(state)
        return state

    def mark(self, endpoint: str, day: date | None, status: str, reason: str | None, now: datetime) -> PullState:
        """Note that a day (or, without a day, an endpoint) could not be pulled; what is known of it stays."""
        before = self.get(endpoint, day) or PullState(endpoint, day, status)
        state = replace(before, status=status, reason=reason, last_pulled_at_utc=now)
        if replace(before, last_pulled_at_utc=now) != state or day is None:
            self._append(state)
        return state

    def clear(self, endpoint: str, now: datetime) -> None:
        """An endpoint that could not be pulled answers again."""
        before = self.get(endpoint, None)
        if before is not None and before.status in (NOT_ENTITLED, SKIPPED_404, MISSING):
            self._append(replace(before, status=COMPLETE, reason=None, last_pulled_at_utc=now))

    def compact(self) -> None:
        """Keep one line per state once most lines are history."""
        if self._lines <= COMPACT_RATIO * max(100, len(self._states)):
            return
        partial = self.path.with_name(f".{FILE_NAME}.{os.getpid()}.tmp")
        partial.write_text("".join(_line(state) for state in self._states.values()), encoding="utf-8")
        os.replace(partial, self.path)
        self._lines = len(self._states)

    def _append(self, state: PullState) -> None:
        self._states[(state.endpoint, state.usage_date)] = state
        self._lines += 1
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            torn = file.tell() > 0 and not _ends_line(self.path)
            file.write((b"\n" if torn else b"") + _line(state).encode("utf-8"))


def _carried(state: PullState, before: PullState, *, is_restated: bool) -> PullState:
    carried = replace(
        state,
        was_complete=state.was_complete or before.was_complete,
        restatement_count=before.restatement_count + is_restated,
        restated_amount_change=before.restated_amount_change,
        restated_quantity_change=before.restated_quantity_change,
    )
    if not is_restated:
        return carried
    return replace(
        carried,
        restated_amount_change=_moved(before.restated_amount_change, before.amount, state.amount),
        restated_quantity_change=_moved(before.restated_quantity_change, before.quantity, state.quantity),
    )


def _moved(so_far: Decimal | None, old: Decimal | None, new: Decimal | None) -> Decimal | None:
    if old is None and new is None:
        return so_far
    return exact_sum([so_far, new, None if old is None else old.copy_negate()])


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _line(state: PullState) -> str:
    return json.dumps(asdict(state), default=str, separators=(",", ":")) + "\n"


def read_states(path: Path) -> Iterator[PullState]:
    """The states of a ledger file in the order they were noted."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield _state(json.loads(line))
            except (ValueError, TypeError, ArithmeticError):
                continue


def _state(value: dict[str, Any]) -> PullState:
    read: dict[str, Callable[[str], Any]] = {
        "usage_date": date.fromisoformat,
        "first_pulled_at_utc": datetime.fromisoformat,
        "last_pulled_at_utc": datetime.fromisoformat,
        **dict.fromkeys(("restated_amount_change", "restated_quantity_change", "amount", "quantity"), Decimal),
    }
    state = PullState(**{name: read[name](each) if name in read and each else each for name, each in value.items()})
    return state if state.was_complete else replace(state, was_complete=state.status == COMPLETE)


def parse_ledger(file: SourceFile) -> Iterator[ParsedBatch]:
    """The ledger as rows of `pulls`: landing's parser of `_pulls.jsonl`."""
    newest = {(state.endpoint, state.usage_date): state for state in read_states(file.path)}
    names = [name for name in PULLS if name not in PROVENANCE]
    columns: dict[str, pa.Array] = {}
    for name in names:
        values = [getattr(state, name) for state in newest.values()]
        columns[name] = pa.array([_fitting(value) for value in values], PULLS[name])
    columns["_source_row"] = pa.array(range(1, len(newest) + 1), pa.int64())
    yield ParsedBatch(pa.table(columns), "pulls")


def _fitting(value: Any) -> Any:
    if isinstance(value, Decimal):
        return money(value)
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
