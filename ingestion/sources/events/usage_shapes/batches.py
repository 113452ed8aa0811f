"""Collecting event rows into the batches that landing takes.

Put here: what every event parser does with a finished row. Keep out: reading records.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ingestion.landing.counting import counted
from ingestion.landing.model import Joint, ParsedBatch, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.raw_schemas import REQUESTS
from ingestion.sources.events.usage_shapes.unresolved import REASONS, unresolved_of
from ingestion.vocabulary.raw_types import PROVENANCE
from ingestion.vocabulary.usage_columns import OTHER_METER_COLUMNS, TOKEN_COLUMNS

BATCH_ROWS = 50_000
NOTED_KEYS = 50
Row = dict[str, Any]
"""A row of `raw_events.requests` by column name, with `_source_row`; absent columns are unknown."""

SCHEMA = pa.schema(
    [(name, kind) for name, kind in REQUESTS.items() if name not in PROVENANCE] + [("_source_row", pa.int64())]
)


def content_id(value: Any) -> str:
    """A stable id for a record that has none of its own: a hash of its content."""
    printed = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return "sha256:" + hashlib.sha256(printed.encode()).hexdigest()[:32]


def has_counts(row: Row) -> bool:
    """Whether a row counts anything at all, be it zero."""
    return any(row.get(name) is not None for name in (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS))


def counts_above_zero(row: Row) -> bool:
    """Whether a row counts anything but zeros."""
    return any(row.get(name) for name in (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS))


def without_false_zeros(row: Row) -> Row:
    """The row; where it cost something and all it counts is zero, its counters did not count what was paid for.

    Gateways print 0 tokens beside what an image, a transcript or a reranking cost.
    """
    if row.get("recorded_cost_usd") and not any(row.get(name) for name in _COUNTED):
        return {name: value for name, value in row.items() if name not in _COUNTED}
    return row


_BEDROCK = re.compile(r"(?:^|[./:])anthropic\.claude")
_VERTEX = re.compile(r"(?:^|/)claude-[\w.-]+@(?:\d{8}|default)$")


def with_seller(row: Row) -> Row:
    """The row with the cloud as provider where the model is spelled as only that cloud spells Anthropic's.

    Clients of Anthropic name themselves, whoever sells the call.
    """
    if (row.get("provider_name") or "anthropic").lower() != "anthropic":
        return row
    model = row.get("served_model") or row.get("requested_model") or ""
    seller = "aws" if _BEDROCK.search(model) else "google" if _VERTEX.search(model) else None
    return row if seller is None else row | {"provider_name": seller}


_COUNTED = frozenset((*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, "reasoning_tokens", "citation_tokens"))


def to_table(rows: list[Row]) -> pa.Table:
    """An Arrow table with every event column."""
    return pa.Table.from_arrays(
        [pa.array([row.get(field.name) for row in rows], field.type) for field in SCHEMA], schema=SCHEMA
    )


def to_batches(items: Iterable[Row | QuarantinedRow | Note | Joint]) -> Iterator[ParsedBatch]:
    """Batches of at most `BATCH_ROWS` rows, in order. A note among the items is about the file.

    What rows name as unresolved is told in notes at the end, one for each key.
    """
    rows: list[Row] = []
    bad: list[QuarantinedRow] = []
    notes: list[Note] = []
    joints: list[Joint] = []
    tally = Tally()
    for item in items:
        if isinstance(item, Note):
            notes.append(item)
        elif isinstance(item, Joint):
            joints.append(item)
        elif isinstance(item, QuarantinedRow):
            bad.append(item)
        else:
            rows.append(with_seller(without_false_zeros(item)))
            tally.add(item)
        if len(rows) + len(bad) >= BATCH_ROWS:
            yield ParsedBatch(to_table(rows) if rows else None, "requests", bad)
            rows, bad = [], []
    notes += tally.notes()
    if rows or bad or notes or joints:
        yield ParsedBatch(to_table(rows) if rows else None, "requests", bad, notes=notes, joints=joints)


@dataclass
class _Told:
    quantity: int = 0
    rows: int = 0
    first_row: int | None = None
    first_id: str = ""


class Tally:
    """What the rows of a file name as unresolved, by key and reason."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Told] = {}

    def add(self, row: Row) -> None:
        """Count what one row names."""
        if not row.get("unresolved_usage"):
            return
        for item in unresolved_of(row):
            told = self._found.setdefault((item.key, item.reason), _Told())
            told.quantity += item.quantity
            told.rows += 1
            if told.rows == 1:
                told.first_row, told.first_id = row.get("_source_row"), str(row.get("event_id"))

    def notes(self) -> list[Note]:
        """One note for each key, the reasons that leave a cost incomplete first."""
        order = list(REASONS)
        found = sorted(self._found.items(), key=lambda pair: (order.index(pair[0][1]), -pair[1].rows, pair[0][0]))
        notes = []
        for (key, reason), told in found[:NOTED_KEYS]:
            calls = counted(told.rows, "call", "calls")
            message = f"{key}: {told.quantity:,} in {calls}" if told.quantity else f"{key} in {calls}"
            message += f", first {told.first_id} ({reason})"
            message += f"; {'its' if told.rows == 1 else 'their'} cost is incomplete" if REASONS[reason] else ""
            kind = "unknown_usage" if REASONS[reason] else "other"
            notes.append(Note(kind, message, row=told.first_row, count=told.rows))
        if len(found) > NOTED_KEYS:
            notes.append(Note("unknown_usage", f"{len(found) - NOTED_KEYS} more keys: see rpt_unresolved_usage"))
        return notes
