"""A figure as a picture.

Put here: which picture a kind is, what it says in words. Keep out: drawing (`orchestration.charts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orchestration.charts import basic
from orchestration.charts.style import Spec
from orchestration.presenting.formats import Unit, shown
from orchestration.presenting.theme import ACCENT, DANGER, LIGHT, NEUTRAL, PRIMARY, SECONDARY
from orchestration.reports.content import Block, Notice, Picture, Table
from orchestration.reports.figures.model import Figure
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind, figure_of

OVER_TIME = ("line", "area", "bar")
KINDS = (*OVER_TIME, "ranking", "pie", "heatmap", "expected", "variance", "utilization")
MONEY_KINDS = ("llm", "infrastructure", "own")
KIND_COLORS = (PRIMARY, SECONDARY, ACCENT)
BARS = 10


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """The picture, or why there is none."""
    figure = figure_of(options)
    kind = str(options.get("kind", "line"))
    rows = scope.records(figure)
    amount = _amount(figure, options)
    if not any(row[amount] is not None for row in rows):
        return [Notice(figure.empty, "empty")]
    names = list(figure.columns)
    spec = _spec(kind, figure, rows, names, amount, options)
    spec = {**spec, "config": LIGHT.vega}
    return [Picture(figure.name, spec, _words(figure, rows, amount, kind), _data(scope, figure), kind)]


def _spec(
    kind: str, figure: Figure, rows: list[dict[str, Any]], names: list[str], amount: str, options: Mapping[str, Any]
) -> Spec:
    unit = figure.columns[amount].unit
    if kind in OVER_TIME:
        color = options.get("color") or next(
            (name for name in names[1:] if figure.columns[name].unit is Unit.TEXT), None
        )
        domain, colors = _colors(rows, color)
        x_format = "%b %Y" if figure.columns[names[0]].unit is Unit.MONTH else "%d %b"
        small = max((abs(float(row[amount])) for row in rows if row[amount] is not None), default=0) < 10
        y_format = ("$,.2f" if small else "$,.0f") if unit in (Unit.USD, Unit.USD_CHANGE) else unit.vega
        return basic.over_time(
            rows, names[0], amount, color, mark=kind, y_format=y_format, x_format=x_format, domain=domain, colors=colors
        )
    if kind == "pie":
        return basic.parts(rows, names[0], amount)
    if kind == "heatmap":
        return basic.hours_by_weekday(rows, names[0], names[1], amount, figure.columns[amount].label)
    if kind == "expected":
        day, spent, lower, upper, flag = names[:5]
        return basic.expected(rows, day, spent, lower, upper, flag, (PRIMARY, SECONDARY))
    shown_rows = rows[: int(options.get("limit") or BARS)]
    if kind == "variance":
        toned = [{**row, "tone": DANGER if (row[amount] or 0) > 0 else ACCENT} for row in shown_rows]
        return basic.bars(toned, names[0], amount, x_format="+$,.2f", tone="tone")
    if kind == "utilization":
        toned = [{**row, "tone": DANGER if (row[amount] or 0) >= 100 else PRIMARY} for row in shown_rows]
        return basic.bars(toned, names[0], amount, x_format=",.0f", tone="tone", limit=100)
    toned = [{**row, "tone": PRIMARY} for row in shown_rows]
    return basic.bars(toned, names[0], amount, x_format=unit.vega or ",.2f", tone="tone")


def _colors(rows: Sequence[Mapping[str, Any]], color: str | None) -> tuple[list[str], list[str]]:
    """Kinds of money have their colours everywhere; other series take them in the order of their names."""
    if not color:
        return [], []
    present = list(dict.fromkeys(str(row[color]) for row in rows))
    if set(present) <= set(MONEY_KINDS):
        kept = [(kind, KIND_COLORS[place]) for place, kind in enumerate(MONEY_KINDS) if kind in present]
        return [kind for kind, _ in kept], [each for _, each in kept]
    ordered = sorted(present, key=lambda name: (name == "others", name))
    palette = [*LIGHT.categories[: len(ordered) - ("others" in ordered)], *([NEUTRAL] if "others" in ordered else [])]
    return ordered, palette if len(palette) == len(ordered) else []


def _words(figure: Figure, rows: Sequence[Mapping[str, Any]], amount: str, kind: str) -> str:
    """What the picture shows, for who cannot see it. A day of several parts is as high as they are together."""
    column = figure.columns[amount]
    known = [row for row in rows if row[amount] is not None]
    first = next(iter(figure.columns))
    heights = [(row[first], Decimal(str(row[amount]))) for row in known]
    if kind in OVER_TIME and column.is_additive:
        days: dict[Any, Decimal] = {}
        for day, height in heights:
            days[day] = days.get(day, Decimal(0)) + height
        heights = list(days.items())
    at, highest = max(heights, key=lambda point: point[1])
    said = f"highest {shown(highest, column.unit)} ({shown(at, figure.columns[first].unit)})"
    parts = [(figure.question or figure.name).rstrip("?"), said]
    if column.is_additive:
        total = sum((Decimal(str(row[amount])) for row in known), Decimal(0))
        parts.append(f"total {shown(total, column.unit)}")
    if unknown := len(rows) - len(known):
        parts.append(f"{unknown} not known")
    return "; ".join(parts)


def _data(scope: Scope, figure: Figure) -> Table:
    return scope.table(figure)


def _amount(figure: Figure, options: Mapping[str, Any]) -> str:
    """The measure that is drawn: the one that is named, else the first number that adds up, else the first number."""
    if name := options.get("measure"):
        return str(name)
    numbers = [name for name, column in figure.columns.items() if column.unit.is_number]
    additive = [name for name in numbers if figure.columns[name].is_additive]
    if options.get("kind") == "utilization" and "utilization_pct" in numbers:
        return "utilization_pct"
    if options.get("kind") == "heatmap":
        return numbers[-1]
    return (additive or numbers)[0]


def check(options: Mapping[str, Any]) -> str:
    """What is wrong with kind, measure and colour."""
    try:
        figure = figure_of(options)
    except ValueError as error:
        return str(error)
    if options.get("kind", "line") not in KINDS:
        return f"kind {options.get('kind')!r} is none of {', '.join(KINDS)}"
    for name in ("measure", "color"):
        if options.get(name) and options[name] not in figure.columns:
            return f"{name} {options[name]!r} is no column of {figure.name}; it has: {', '.join(figure.columns)}"
    if not any(column.unit.is_number for column in figure.columns.values()):
        return f"{figure.name} has no number to draw"
    return ""


SECTION = SectionKind(
    "chart", "Chart", build, ("figure", "query", "columns", "kind", "measure", "color", "limit"), check
)
