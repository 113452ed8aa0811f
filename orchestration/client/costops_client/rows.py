"""Rows whose columns the question names: groups and figures, each in its type.

Put here: aggregates and metrics by name. Keep out: answers of fixed columns (`building`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from costops_client.building import built
from costops_client.costs import Aggregate
from costops_client.errors import UnexpectedAnswer
from costops_client.subjects import MetricValues

TIMES = frozenset({"date", "day", "week", "month", "quarter", "year"})
Reader = Callable[[str], Any]


def aggregate_of(value: Any) -> Aggregate:
    """An aggregate: what is grouped by, then its figures."""
    found = built(Aggregate, value)
    return replace(found, rows=_typed(found.rows, found.group_by, found.meaning))


def metric_values_of(value: Any) -> MetricValues:
    """A metric: what it is grouped by, then its value."""
    found = built(MetricValues, value)
    return replace(found, rows=_typed(found.rows, found.group_by, [found.metric]))


def _typed(rows: list[dict[str, Any]], groups: Iterable[str], figures: Iterable[str]) -> list[dict[str, Any]]:
    readers: dict[str, Reader] = {name: date.fromisoformat for name in groups if name in TIMES}
    readers |= dict.fromkeys(figures, Decimal)
    try:
        return [{name: _read(readers.get(name), each) for name, each in row.items()} for row in rows]
    except (ArithmeticError, AttributeError, ValueError):
        raise UnexpectedAnswer("a row is none of this question", remedy="update the client or the server") from None


def _read(reader: Reader | None, value: Any) -> Any:
    """Decimals and days come as text; numbers and flags as they are."""
    return reader(value) if reader is not None and isinstance(value, str) else value
