"""Events from the usage table that Cursor's dashboard exports as CSV (or its admin API as JSON).

Data flow: `<events folder>/cursor/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: rows of that table. Keep out: prices of Cursor's plans.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import called_at, charge, checked, printed_number
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.usage_shapes.batches import Row, content_id, to_batches
from ingestion.sources.events.usage_shapes.cost_kinds import ESTIMATE
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, decimal, tags, text

EVENT_SOURCE = "cursor"
PAGE = "docs/sources/exports.md"
TABLE = Family("cursor", input_field="input_without_cache_write", cache_is_beside=True)
_KNOWN = {
    "input_w_o_cache_write": "uncached_input_tokens",
    "input_w_cache_write": "cache_write_tokens",
    "cache_read": "cache_read_tokens",
    "output_tokens": "output_tokens",
    "total_tokens": "total_tokens",
    "tokens": "total_tokens",
}
_NO_COUNTER = ("token_usage", "is_token_based_call", "cursor_token_fee")
_FREE = re.compile(r"includ|free|no.?charge|not.?charged|error|abort|user.?api.?key", re.IGNORECASE)
"""Kinds of rows that Cursor does not charge: part of the plan, a failure, or billed by the owner of the key."""


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one exported file."""
    return to_batches(read_table(read_exported(file, "usageEventsDisplay")))


def read_table(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order. The table has no ids: equal rows of one file are told apart by how often they occurred."""
    seen: Counter[str] = Counter()
    for item in read_each(records, _read, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        row = item.said
        identity = row["event_id"]
        seen[identity] += 1
        if seen[identity] > 1:
            row["event_id"] = f"{identity}#{seen[identity]}"
        yield {**row, "_source_row": item.number}


def column_name(header: str) -> str:
    """A header as one name: `Input (w/o Cache Write)` is input_w_o_cache_write, `userEmail` user_email."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def _read(value: Any) -> Row:
    if not isinstance(value, dict):
        raise BadValue("", "not_an_object", "Not a row of the usage table. Export it from the dashboard again.")
    given = {column_name(str(name)): item for name, item in value.items()}
    at = called_at(given, "date", "timestamp")
    kind = text(given.get("kind")) or text(given.get("kind_label"))
    usage, cost = _usage(given), _cost(given)
    is_free = bool(_FREE.search(kind or "") or _FREE.search(text(given.get("cost")) or ""))
    if is_free and cost:
        cost["recorded_cost_kind"] = ESTIMATE  # what the plan holds is worth that, and nobody charged it
    is_failure = "error" in (kind or "").lower() or "abort" in (kind or "").lower()
    counts = _counts(usage)
    row: Row = {
        "event_id": content_id([at.isoformat(), *(given.get(name) for name in ("user", "user_email", "model")), usage]),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": EVENT_SOURCE,
        "requested_model": text(given.get("model")),
        "user_id": text(given.get("user")) or text(given.get("user_email")),
        "session_id": text(given.get("conversation_id")),
        "tags": tags(
            {
                "kind": kind,
                "max_mode": given.get("max_mode"),
                "cloud_agent_id": given.get("cloud_agent_id"),
                "automation_id": given.get("automation_id"),
            }
        ),
        "status": "error" if is_failure else "ok",
        "error_type": "error" if is_failure else None,
        "is_billable": not is_free,
        **cost,
        **counts,
    }
    return checked(row, usage, "Total Tokens")


def _usage(given: dict[str, Any]) -> dict[str, Any]:
    """Counters under the names of the table of counters; columns of tokens that nobody knows keep their own."""
    nested = {column_name(str(name)): item for name, item in as_object(given.get("token_usage")).items()}
    usage = {name: item for name, item in nested.items() if "cents" not in name}
    for name, item in given.items():
        if name in _KNOWN or ("token" in name and name not in _NO_COUNTER):
            usage[_KNOWN.get(name, name)] = printed_number(item)
    return {name: item for name, item in usage.items() if item not in (None, "", "-")}


def _counts(usage: dict[str, Any]) -> Counts:
    """Disjoint counts. The columns lie beside each other; where only the input with cache writes sums to the printed
    total, it includes the input without them."""
    sizes = {name: count(usage.get(name), name) or 0 for name in set(_KNOWN.values())}
    rest = sizes["cache_read_tokens"] + sizes["output_tokens"]
    written, fresh = sizes["cache_write_tokens"], sizes["uncached_input_tokens"]
    if fresh and written >= fresh and written + rest == sizes["total_tokens"]:
        usage = {**usage, "cache_write_tokens": written - fresh}
    return counts_from(read_usage(usage, ""), TABLE)


def _cost(given: dict[str, Any]) -> dict[str, Any]:
    """What the row says it cost; words in place of an amount (Included, Free) are no amount."""
    cents = as_object(given.get("token_usage")).get("totalCents")
    if cents is not None and given.get("cost") is None:
        number = decimal(cents, "tokenUsage.totalCents")
        return charge(format(number / 100, "f"), "tokenUsage.totalCents") if number is not None else {}
    value = printed_number(given.get("cost"))
    if isinstance(value, str) and not any(map(str.isdigit, value)):
        return {}
    return charge(value, "Cost")
