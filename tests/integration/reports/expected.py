"""The figures of the reports, worked out again in plain Python with Decimal.

Put here: how a figure follows from the facts, written without looking at the SQL. Keep out: dbt, DuckDB.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.reports.facts import INPUT_METERS, OUTPUT_METERS, Facts, Row

Key = tuple[Any, ...]
DIMENSIONS = ("provider_id", "model_id", "team_id", "project_id", "cost_center_id")


def add(values: Iterable[Any]) -> Any:
    """Sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


def known_spend(row: Row) -> Decimal | None:
    """Spend of an allocated row; unknown for usage under a bill, whose cost is in the charges."""
    is_covered = row["spend_item_type"] == "usage" and row["cost_basis"] == "billed"
    return None if is_covered else row["allocated_cost_usd"]


def usage_measures(row: Row) -> Row:
    """What one metered row adds to a rollup."""
    tokens = row["quantity"] if row["meter"] in INPUT_METERS + OUTPUT_METERS else None
    return {
        "list_cost_usd": row["list_cost_usd"],
        "contracted_cost_usd": row["contracted_cost_usd"],
        "request_count": row["request_count"],
        "input_tokens": tokens if row["meter"] in INPUT_METERS else None,
        "cache_read_tokens": tokens if "cache_read" in row["meter"] else None,
        "output_tokens": tokens if row["meter"] in OUTPUT_METERS else None,
        "total_tokens": tokens,
        "unpriced_tokens": tokens if row["unpriced_reason"] or tokens is None else 0,
    }


def cost_rollup(facts: Facts, period: Callable[[date], date]) -> dict[Key, Row]:
    """Measures by period and the five dimensions."""
    lines: dict[Key, list[Row]] = defaultdict(list)
    for row in facts.allocated:
        spend = known_spend(row)
        is_billed = row["cost_basis"] == "billed"
        line = {"spend_usd": spend, "billed_spend_usd": spend if is_billed else None, "cost_basis": row["cost_basis"]}
        lines[_key(row, period)].append(line)
    for row in facts.owned_usage:
        lines[_key(row, period)].append(usage_measures(row))
    return {key: _total(rows) for key, rows in lines.items()}


def _key(row: Row, period: Callable[[date], date]) -> Key:
    project = row["owner_project_id"] or row["project_id"]
    return (period(row["usage_date"]), *(project if c == "project_id" else row[c] for c in DIMENSIONS))


def _total(rows: list[Row]) -> Row:
    measures = {name for row in rows for name in row} - {"cost_basis"}
    bases = {row["cost_basis"] for row in rows if row.get("cost_basis")}
    total = {name: add(row.get(name) for row in rows) for name in measures}
    return total | {"cost_basis": bases.pop() if len(bases) == 1 else "mixed" if bases else None}


def daily_series(facts: Facts, scope: Callable[[Row], Any]) -> dict[date, Decimal | None]:
    """Spend by day of the rows whose scope is not None: zero on empty days in between, None where unknown."""
    days: dict[date, list[Any]] = defaultdict(list)
    for row in facts.allocated + facts.owned_usage:
        if scope(row):
            days[row["usage_date"]].append(known_spend(row) if "allocated_ratio" in row else None)
    first, last = min(days), max(days)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: add(days[day]) if day in days else Decimal(0) for day in every}


def trailing(series: dict[date, Decimal | None], day: date, length: int) -> list[Decimal]:
    """Known values of the `length` days that end with `day`."""
    window = [series.get(day - timedelta(days=n)) for n in range(length)]
    return [value for value in window if value is not None]


def percentile(values: list[Any], percent: int) -> Any:
    """Smallest value that at least `percent` % of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1] if ordered else None


def month(day: date) -> date:
    """First day of the month."""
    return day.replace(day=1)


def week(day: date) -> date:
    """Monday of the week."""
    return day - timedelta(days=day.weekday())


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
