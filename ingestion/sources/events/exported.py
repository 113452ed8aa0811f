"""From records of a tool's export to calls: the newest version of each, without sums and without what is no call.

Put here: versions, records above others, what is left out and told. Keep out: formats, token arithmetic.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import Joint, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.families import hanging
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.snapshots import distinct_calls, input_side
from ingestion.sources.events.usage_shapes.batches import Row, has_counts
from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.values import EARLIEST, BadValue, instant, recorded_cost
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS


@dataclass
class Said:
    """What one record says: a call (`row`), or a record of another `kind`, which may report usage all the same.

    `identity` and `parent` are its place in a tree of records; versions of a call are known by `event_id`.
    """

    row: Row | None = None
    identity: str | None = None
    parent: str | None = None
    updated_at: datetime = EARLIEST
    kind: str = ""
    has_usage: bool = False


@dataclass
class _Export:
    newest: dict[tuple[str, int], tuple[Said, Row]] = field(default_factory=dict)
    """By id, and a number where a source gives one id to several calls."""
    parents: dict[str, str] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    others: Counter[str] = field(default_factory=Counter)
    with_usage: list[str | None] = field(default_factory=list)
    repeated: int = 0

    def add(self, number: int, said: Said) -> None:
        identity = said.identity
        self.present.add(identity or "")
        if identity and said.parent and said.parent != identity:
            self.parents[identity] = said.parent
        if said.row is None:
            self.others[said.kind] += 1
            if said.has_usage:
                self.with_usage.append(identity)
            return
        said.row["_source_row"] = number
        key = (str(said.row["event_id"]), 0)
        while (known := self.newest.get(key)) is not None and _is_other_call(known[1], said.row):
            key = (key[0], key[1] + 1)
        self.repeated += known is not None
        if known is None or said.updated_at >= known[0].updated_at:
            self.newest[key] = (said, said.row)

    def nearest(self, identity: str | None, calls: set[str | None]) -> str | None:
        """The nearest record above that this file does not show to be no call: sums may lie in another file."""
        parent, seen = self.parents.get(identity or ""), {identity}
        while parent in self.parents and parent not in calls and parent not in seen:
            seen.add(parent)
            parent = self.parents[parent]
        return parent

    def above(self) -> set[str]:
        """Ids of what lies above a call with usage: what these report is a sum of what is below."""
        found: set[str] = set()
        for said, row in self.newest.values():
            parent = self.parents.get(said.identity or "") if has_counts(row) else None
            while parent is not None and parent not in found:
                found.add(parent)
                parent = self.parents.get(parent)
        return found


def _is_other_call(known: Row, row: Row) -> bool:
    """Whether two records of one id are two calls: another time and another input. Else they are versions of one."""
    if known["requested_at_utc"] == row["requested_at_utc"] or not (has_counts(known) and has_counts(row)):
        return False
    return input_side(known) != input_side(row)


def read_export(
    records: Iterable[Record | QuarantinedRow | Note],
    read: Callable[[Any], Said | None],
    page: str,
    *,
    calls: str,
    keeps_record: bool = False,
    tree: str = "",
) -> Iterator[Row | QuarantinedRow | Note | Joint]:
    """Bad records at once; then each call once, as its newest version (or last line) has it; then what was left out.

    A call above others that report usage is their sum, and no call. `calls` is what the tool calls its calls; `tree` is
    the event source where a call may lie below one of another file.
    """
    export = _Export()
    for item in read_each(records, read, page, keeps_record=keeps_record):
        if isinstance(item, Read):
            export.add(item.number, item.said)
        else:
            yield item
    above, called = export.above(), {said.identity for said, _ in export.newest.values()}
    shared = {identity for identity, number in export.newest if number}
    apart: list[list[Row]] = []
    for (identity, _), (said, row) in export.newest.items():
        if said.identity in above:
            continue
        if row.get("parent_event_id"):
            row["parent_event_id"] = export.nearest(said.identity, called) or row["parent_event_id"]
        if identity in shared:
            apart.append([row])
        else:
            yield row
    yield from distinct_calls(apart)
    rows = {said.identity for said, _ in export.newest.values() if said.identity and said.identity not in above}
    if tree:
        yield from (Joint(tree, *joint) for joint in hanging(export.parents, rows, export.present))
    yield from _left_out(export, above, calls)


def _left_out(export: _Export, above: set[str], calls: str) -> Iterator[Note]:
    sums = sum(said.identity in above for said, _ in export.newest.values())
    if sums:
        one = calls.removesuffix("s")
        said = counted(sums, f"{one} that repeats", f"{calls} that repeat")
        message = f"not counted: {said} the tokens of the {calls} below"
        yield Note("other", message, count=sums)
    others = export.others.total()
    if others:
        kinds = ", ".join(name for name in sorted(export.others) if name)
        said = counted(others, f"record that is no {calls.removesuffix('s')}", f"records that are no {calls}")
        message = f"not counted: {said}{f' ({kinds})' if kinds else ''}"
        yield Note("other", message, count=others)
    alone = sum(identity is None or identity not in above for identity in export.with_usage)
    if alone:
        said = counted(
            alone,
            f"record that is no {calls.removesuffix('s')} reports usage of its own",
            f"records that are no {calls} report usage of their own",
        )
        message = f"{said}, with no call below"
        yield Note("usage_without_row", message, count=alone)
    if export.repeated:
        yield Note(
            "repeated_rows",
            f"left out: {counted(export.repeated, 'older version', 'older versions')} of {calls}",
            count=export.repeated,
        )


def checked(row: Row, usage: dict[str, Any], name: str) -> Row:
    """The row of a call. One that went well and of which nothing was counted is no call of zero: it is set aside.

    `usage` holds the fields that were looked at, `name` is where the tool keeps them. Raises `BadValue`.
    """
    if row["status"] != "ok" or has_counts(row) or row.get("recorded_cost_usd") is not None:
        return add_fees(row)
    said = [str(key) for key, value in usage.items() if value is not None]
    if not said:
        raise BadValue(name, "missing_usage", f"The call reports no usage. Export it with {name}.")
    message = f"No counter is known among {', '.join(said)[:300]}. Report it with this example."
    raise BadValue(name, "no_known_counter", message)


def plain_record(value: Any) -> dict[str, Any]:
    """The record with its names in snake case; of two that become one the first that holds something.

    Raises `BadValue` where it is no record.
    """
    if not isinstance(value, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Export one record per line.")
    found: dict[str, Any] = {}
    for name, item in value.items():
        plain = plain_name(str(name))
        if found.get(plain) is None:
            found[plain] = item
    return found


def first(holder: dict[str, Any], *names: str) -> Any:
    """The first value under several names that says something."""
    return next((holder[name] for name in names if holder.get(name) not in (None, "")), None)


def called_at(given: dict[str, Any], *names: str) -> datetime:
    """The time of a call under the first of several names that holds one. Raises `BadValue`."""
    name = next((name for name in names if given.get(name) not in (None, "")), names[0])
    at = instant(given.get(name), name)
    if at is None:
        raise BadValue(name, "missing_timestamp", f"{name} is missing. Export the column with the record.")
    return at


def estimate(value: Any, name: str, counts: Counts) -> dict[str, Any]:
    """A tool's own figure as recorded cost. Tools print 0 for tokens of a model they have no price for: unknown."""
    cost = recorded_cost(printed_number(value), name)
    if cost and not cost["recorded_cost_usd"] and any(counts.get(column) for column in TOKEN_COLUMNS):
        cost |= {"recorded_cost_usd": None, "recorded_cost_decimals": None, "recorded_cost_kind": None}
    return cost


def charge(value: Any, name: str) -> dict[str, Any]:
    """What the seller of the calls says it took, as recorded cost; 0 is nothing taken."""
    return recorded_cost(printed_number(value), name, CHARGE)


_PRINTED = re.compile(r"\$?\s*([1-9]\d{0,2}(?:,\d{3})+|\d+)(\.\d+)?\Z")


def printed_number(value: Any) -> Any:
    """A number as people print it, such as 1,724 or $0.05, without what is for the eye; anything else as it is."""
    found = _PRINTED.match(value.strip()) if isinstance(value, str) else None
    return found[1].replace(",", "") + (found[2] or "") if found else value
