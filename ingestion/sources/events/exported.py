"""From records of a tool's export to calls: the newest version of each, without sums and without what is no call.

Put here: versions, records above others, what is left out and told. Keep out: formats, token arithmetic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.sources.events.lines import Record
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.usage_shapes.batches import Row, has_counts
from ingestion.sources.events.usage_shapes.values import EARLIEST, BadValue


@dataclass
class Said:
    """What one record says: a call (`row`), or a record of another `kind`, which may report usage all the same."""

    row: Row | None = None
    identity: str | None = None
    parent: str | None = None
    updated_at: datetime = EARLIEST
    kind: str = ""
    has_usage: bool = False


@dataclass
class _Export:
    newest: dict[str, tuple[datetime, Row]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    with_usage: list[str | None] = field(default_factory=list)
    repeated: int = 0

    def add(self, number: int, said: Said) -> None:
        identity = said.identity
        if identity and said.parent and said.parent != identity:
            self.parents[identity] = said.parent
        if said.row is None:
            self.others[said.kind] += 1
            if said.has_usage:
                self.with_usage.append(identity)
            return
        said.row["_source_row"] = number
        key = str(identity or said.row["event_id"])
        known = self.newest.get(key)
        self.repeated += known is not None
        if known is None or said.updated_at >= known[0]:
            self.newest[key] = (said.updated_at, said.row)

    def above(self) -> set[str]:
        """Ids of what lies above a call with usage: what these report is a sum of what is below."""
        found: set[str] = set()
        for identity, (_, row) in self.newest.items():
            parent = self.parents.get(identity) if has_counts(row) else None
            while parent is not None and parent not in found:
                found.add(parent)
                parent = self.parents.get(parent)
        return found


def read_export(
    records: Iterable[Record | QuarantinedRow | Note],
    read: Callable[[Any], Said | None],
    page: str,
    *,
    calls: str,
    keeps_record: bool = False,
) -> Iterator[Row | QuarantinedRow | Note]:
    """Bad records at once; then each call once, as its newest version (or last line) has it; then what was left out.

    A call above others that report usage is their sum, and no call. `calls` is what the tool calls its calls.
    """
    export = _Export()
    for item in read_each(records, read, page, keeps_record=keeps_record):
        if isinstance(item, Read):
            export.add(item.number, item.said)
        else:
            yield item
    above = export.above()
    yield from (row for identity, (_, row) in export.newest.items() if identity not in above)
    yield from _left_out(export, above, calls)


def _left_out(export: _Export, above: set[str], calls: str) -> Iterator[Note]:
    sums = len(above & export.newest.keys())
    if sums:
        message = f"{sums} {calls} that repeat the tokens of the {calls} below them were not counted"
        yield Note("other", message, count=sums)
    others = export.others.total()
    if others:
        kinds = ", ".join(name for name in sorted(export.others) if name)
        message = f"{others} records that are no {calls} were not counted{f' ({kinds})' if kinds else ''}"
        yield Note("other", message, count=others)
    alone = sum(identity is None or identity not in above for identity in export.with_usage)
    if alone:
        message = f"{alone} records that are no {calls} report usage of their own, with no call below them"
        yield Note("usage_without_row", message, count=alone)
    if export.repeated:
        yield Note("repeated_rows", f"{export.repeated} older versions of {calls} were left out", count=export.repeated)


def checked(row: Row, usage: dict[str, Any], name: str) -> Row:
    """The row of a call. One that went well and of which nothing was counted is no call of zero: it is set aside.

    `usage` holds the fields that were looked at, `name` is where the tool keeps them. Raises `BadValue`.
    """
    if row["status"] != "ok" or has_counts(row) or row.get("recorded_cost_usd") is not None:
        return row
    said = [str(key) for key, value in usage.items() if value is not None]
    if not said:
        raise BadValue(name, "missing_usage", f"The call reports no usage. Export it with {name}.")
    message = f"No counter is known among {', '.join(said)[:300]}. Report it with this example."
    raise BadValue(name, "no_known_counter", message)
