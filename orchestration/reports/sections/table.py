"""A figure as a table.

Put here: choosing columns, marking what passed a threshold. Keep out: statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from orchestration.reports.content import Block, Notice, Table
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind, figure_of

WARNING, CRITICAL = "0.8", "1.0"
USED = "utilization_pct"


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """The table, or why it is empty."""
    figure = figure_of(options)
    columns = options.get("show")
    limit = options.get("limit")
    table = scope.table(figure, columns, int(limit) if limit else None, has_total=bool(options.get("total")))
    if not table.rows:
        return [Notice(figure.empty, "empty")]
    return [replace(table, marks=_marks(table, options))]


def _marks(table: Table, options: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    """Budgets by how much of them is used; changes of spend by their sign."""
    thresholds = options.get("thresholds") or {}
    warning, critical = (
        Decimal(str(thresholds.get(name, default))) * 100
        for name, default in (("warning", WARNING), ("critical", CRITICAL))
    )
    marks = {}
    for place, column in enumerate(table.columns):
        for number, row in enumerate(table.rows):
            value = row[place]
            if column.name == USED and isinstance(value, Decimal | int | float):
                used = Decimal(str(value))
                marks[number, place] = "bad" if used >= critical else "warning" if used >= warning else "good"
    return marks


def check(options: Mapping[str, Any]) -> str:
    """What is wrong with the columns, the limit and the thresholds."""
    try:
        figure = figure_of(options)
    except ValueError as error:
        return str(error)
    shown = options.get("show") or []
    if not isinstance(shown, list) or not set(map(str, shown)) <= set(figure.columns):
        return f"show {shown!r} names columns that {figure.name} has not; it has: {', '.join(figure.columns)}"
    limit = options.get("limit")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        return f"limit {limit!r} is no number of rows"
    thresholds = options.get("thresholds") or {}
    try:
        values = [Decimal(str(thresholds[name])) for name in ("warning", "critical") if name in thresholds]
    except (ArithmeticError, TypeError):
        return f"thresholds {thresholds!r} are no parts of one, such as warning: 0.8"
    return f"thresholds {thresholds!r}: warning lies above critical" if values != sorted(values) else ""


SECTION = SectionKind(
    "table", "Table", build, ("figure", "query", "columns", "show", "limit", "total", "thresholds"), check
)
