"""What a record reports and no rule can price: named with its quantity and the reason, in the row itself.

Put here: reasons, and how a row carries what is unresolved. Keep out: finding it (`reading`, `tools`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingestion.landing.redaction import shown_name

REASONS: dict[str, bool] = {
    "unmetered_tool": True,
    "unknown_counter": True,
    "partial_usage": True,
    "conflicting_counter": True,
    "summed_calls": True,
    "assumed_relation": False,
}
"""Reasons in the order in which one stands for a row, and whether the row's cost is incomplete because of it."""

KEPT = 50
_MONEY = re.compile(r"cost|price|usd|fee|credit|amount|spend", re.IGNORECASE)


@dataclass(frozen=True)
class Unresolved:
    """One quantity without a meter or price; `key` is its path in the record."""

    key: str
    quantity: int
    reason: str


def names_money(key: str) -> bool:
    """Whether a name speaks of money, which is no quantity."""
    return _MONEY.search(key) is not None


def unresolved_columns(items: Iterable[Unresolved]) -> dict[str, Any]:
    """The columns of a row that name what is unresolved in it; none where nothing is."""
    merged: dict[tuple[str, str], int] = {}
    for item in items:
        merged[item.key, item.reason] = merged.get((item.key, item.reason), 0) + item.quantity
    if not merged:
        return {}
    order = list(REASONS)
    ranked = sorted(merged.items(), key=lambda pair: (order.index(pair[0][1]), pair[0][0]))
    incomplete = [reason for (_, reason), _ in ranked if REASONS[reason]]
    listed = [{"key": _shown(key), "quantity": quantity, "reason": reason} for (key, reason), quantity in ranked[:KEPT]]
    return {
        "unresolved_usage": json.dumps(listed, ensure_ascii=True),
        **({"unknown_usage_reason": incomplete[0]} if incomplete else {}),
    }


def _shown(key: str) -> str:
    """A path as it may be kept: a key of a record may be what somebody said."""
    return ".".join(shown_name(part) for part in key[:200].split("."))


def with_unresolved(row: dict[str, Any], items: Iterable[Unresolved]) -> dict[str, Any]:
    """The row with more unresolved quantities beside those it names already."""
    return {**row, **unresolved_columns([*unresolved_of(row), *items])}


def unresolved_of(row: dict[str, Any]) -> list[Unresolved]:
    """What a row names as unresolved."""
    return [Unresolved(**item) for item in json.loads(row.get("unresolved_usage") or "[]")]
