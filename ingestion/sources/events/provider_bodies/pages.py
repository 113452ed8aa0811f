"""Lists that an API answers with (`{"object": "list", "data": [...]}`): each item is a record of its own.

Put here: telling such a list from an answer that holds one. Keep out: items.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.lines import Record

_RESULTS = ("embedding", "model")
"""Kinds of items that are parts of an answer, or no calls."""


def listed(records: Iterable[Record | QuarantinedRow]) -> Iterator[Record | QuarantinedRow]:
    """The records, with the items of a list of runs, steps, completions or jobs in its place."""
    for record in records:
        items = _items(record.value) if isinstance(record, Record) else []
        if items and isinstance(record, Record):
            for item in items:
                yield Record(record.number, item, json.dumps(item, default=str))
        else:
            yield record


def _items(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, dict) or value.get("object") != "list" or value.get("usage"):
        return []
    found = value.get("data")
    items = found if isinstance(found, list) else []
    is_each = all(isinstance(item, dict) and "object" in item and item["object"] not in _RESULTS for item in items)
    return items if is_each else []
