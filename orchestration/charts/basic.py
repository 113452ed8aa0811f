"""Charts of any table: lines, bars, areas, parts of a whole, a grid of hours and weekdays.

Put here: their specifications. Keep out: what is drawn and why, rendering.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from orchestration.charts.style import SCHEMA, Spec

Row = Mapping[str, Any]
WIDTH, HEIGHT = 820, 270
NARROW = 310
BAR_STEP = 26
LONGEST_LABEL, PER_LETTER = 360, 6.5
SLICES = 7
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def values(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as a picture takes them: days as text, decimals as numbers; what is not known stays empty."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def over_time(
    rows: Sequence[Row],
    x: str,
    y: str,
    color: str | None = None,
    *,
    mark: str = "line",
    y_format: str = "$,.0f",
    x_format: str = "%d %b",
    domain: Sequence[str] = (),
    colors: Sequence[str] = (),
) -> Spec:
    """A measure by day or month: `line`, `area` (stacked) or `bar` (stacked); a series by `color`."""
    is_bar = mark == "bar"
    timed = {"field": x, "type": "temporal", "title": None, "axis": {"format": x_format, "labelOverlap": True}}
    ordered = {
        "field": x, "type": "ordinal", "title": None, "timeUnit": "yearmonth" if "Y" in x_format else "yearmonthdate",
        "axis": {"format": x_format, "labelOverlap": True, "labelAngle": 0},
    }  # fmt: skip
    encoding: dict[str, Any] = {
        "x": ordered if is_bar else timed,
        "y": {"field": y, "type": "quantitative", "title": None, "axis": {"format": y_format, "tickCount": 5}},
    }
    if color:
        scale = {"domain": list(domain), "range": list(colors)} if domain else {}
        encoding["color"] = {
            "field": color, "type": "nominal", "title": None, "legend": {"orient": "top"},
            **({"scale": scale} if scale else {}), **({"sort": list(domain)} if domain else {}),
        }  # fmt: skip
    marks: dict[str, dict[str, Any]] = {
        "line": {"type": "line", "strokeWidth": 2, "point": {"size": 16} if len(rows) <= 120 else False},
        "area": {"type": "area", "opacity": 0.85},
        "bar": {"type": "bar"},
    }
    return _chart(rows, marks[mark], encoding, HEIGHT)


def bars(
    rows: Sequence[Row],
    label: str,
    amount: str,
    *,
    x_format: str = "$,.2f",
    tone: str | None = None,
    limit: float | None = None,
) -> Spec:
    """One horizontal bar a row, in their order, its value beside it. `tone`: a column that holds a bar's colour;
    `limit`: where a line marks what should not be passed."""
    y = {
        "field": label, "type": "nominal", "sort": None, "title": None,
        "axis": {"labelLimit": LONGEST_LABEL, "ticks": False, "domain": False},
    }  # fmt: skip
    x: dict[str, Any] = {
        "field": amount,
        "type": "quantitative",
        "title": None,
        "axis": None if limit is None else {"tickCount": 5},
    }
    bar_color = {"field": tone, "type": "nominal", "scale": None, "legend": None} if tone else {"value": None}
    encoding = {"y": y, "x": x} | ({"color": bar_color} if tone else {})
    text = {"field": amount, "type": "quantitative", "format": x_format}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": encoding},
        {
            "transform": [{"filter": f"datum[{amount!r}] >= 0"}],
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11},
            "encoding": {"y": y, "x": x, "text": text},
        },
        {
            "transform": [{"filter": f"datum[{amount!r}] < 0"}],
            "mark": {"type": "text", "align": "right", "dx": -5, "fontSize": 11},
            "encoding": {"y": y, "x": x, "text": text},
        },
    ]
    if limit is not None:
        layers.append(
            {
                "mark": {"type": "rule", "color": "#EF4444", "strokeWidth": 1.5},
                "encoding": {"x": {"datum": limit, "type": "quantitative"}},
            }
        )
    biggest = max((abs(float(row[amount])) for row in rows if row[amount] is not None), default=0.0)
    lowest = min((float(row[amount]) for row in rows if row[amount] is not None), default=0.0)
    x["scale"] = {
        "domain": [min(0.0, lowest - 0.3 * biggest if lowest < 0 else 0.0), max(biggest * 1.18, limit or 0.0) or 1.0]
    }
    return {
        "$schema": SCHEMA,
        "width": WIDTH - 20 - min(LONGEST_LABEL, PER_LETTER * max((len(str(row[label])) for row in rows), default=0)),
        "height": {"step": BAR_STEP},
        "data": {"values": values(rows)},
        "layer": layers,
    }


def parts(rows: Sequence[Row], label: str, amount: str) -> Spec:
    """Parts of a whole as a ring, at most seven; what comes after is one part."""
    known = [row for row in rows if row[amount] is not None and row[amount] > 0]
    first = list(known[: SLICES - 1]) if len(known) > SLICES else known
    rest = known[len(first) :]
    shown: list[Row] = [{label: row[label], amount: row[amount]} for row in first]
    if rest:
        shown.append({label: f"{len(rest)} others", amount: sum(row[amount] for row in rest)})
    whole = sum(float(row[amount]) for row in shown) or 1.0
    named = [
        {**row, "share": float(row[amount]) / whole, "name": f"{row[label]}  {float(row[amount]) / whole:.1%}"}
        for row in shown
    ]
    return {
        "$schema": SCHEMA,
        "width": 240,
        "height": 220,
        "data": {"values": values(named)},
        "mark": {"type": "arc", "innerRadius": 64, "outerRadius": 105, "padAngle": 0.01},
        "encoding": {
            "theta": {"field": amount, "type": "quantitative", "stack": True},
            "order": {"field": amount, "type": "quantitative", "sort": "descending"},
            "color": {
                "field": "name", "type": "nominal", "sort": [row["name"] for row in named], "title": None,
                "legend": {"orient": "right", "labelLimit": 380, "labelFontSize": 14, "rowPadding": 6},
            },
        },
    }  # fmt: skip


def hours_by_weekday(rows: Sequence[Row], weekday: str, hour: str, amount: str, title: str) -> Spec:
    """A grid: hours of the day below one another, days of the week (1 is Monday) beside one another."""
    named = [{**row, weekday: WEEKDAYS[int(row[weekday]) - 1]} for row in rows]
    x = {
        "field": weekday,
        "type": "ordinal",
        "sort": list(WEEKDAYS),
        "title": None,
        "axis": {"labelAngle": 0, "orient": "top"},
    }
    y = {"field": hour, "type": "ordinal", "title": None}
    middle = (max((float(row[amount] or 0) for row in rows), default=0.0)) * 0.55
    return {
        "$schema": SCHEMA,
        "width": 420,
        "height": {"step": 17},
        "data": {"values": values(named)},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": "rect",
                "encoding": {
                    "color": {
                        "field": amount, "type": "quantitative", "title": title, "scale": {"scheme": "blues"},
                        "legend": {"format": "$,.2f"},
                    }
                },
            },
            {
                "mark": {"type": "text", "fontSize": 9},
                "encoding": {
                    "text": {"field": amount, "type": "quantitative", "format": ",.2f"},
                    "color": {
                        "condition": {"test": f"datum[{amount!r}] > {middle}", "value": "#FFFFFF"}, "value": "#0F172A",
                    },
                },
            },
        ],
    }  # fmt: skip


def expected(
    rows: Sequence[Row], day: str, amount: str, lower: str, upper: str, flag: str, colors: Sequence[str]
) -> Spec:
    """What was and what is expected with its bounds, by day; `flag` tells which."""
    x = {"field": day, "type": "temporal", "title": None, "axis": {"format": "%d %b", "labelOverlap": True}}
    y = {"type": "quantitative", "title": None, "axis": {"format": "$,.0f", "tickCount": 5}}
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": values(rows)},
        "layer": [
            {
                "transform": [{"filter": f"datum[{flag!r}]"}],
                "mark": {"type": "area", "opacity": 0.25, "color": colors[1]},
                "encoding": {"x": x, "y": {"field": lower, **y}, "y2": {"field": upper}},
            },
            {
                "transform": [{"filter": f"!datum[{flag!r}]"}],
                "mark": {"type": "line", "strokeWidth": 2, "color": colors[0]},
                "encoding": {"x": x, "y": {"field": amount, **y}},
            },
            {
                "transform": [{"filter": f"datum[{flag!r}]"}],
                "mark": {"type": "line", "strokeWidth": 2, "color": colors[1], "strokeDash": [5, 3]},
                "encoding": {"x": x, "y": {"field": amount, **y}},
            },
        ],
    }


def narrow(spec: Spec) -> Spec:
    """The same for a phone: less wide, its legend below, labels cut sooner."""
    width = min(int(spec["width"]), NARROW if "layer" not in spec or isinstance(spec["height"], int) else NARROW - 160)
    config = {**spec.get("config", {})}
    config["legend"] = {**config.get("legend", {}), "orient": "bottom", "columns": 1, "direction": "vertical"}
    config["axis"] = {**config.get("axis", {}), "labelLimit": 120}
    return {**_without_orient(spec), "width": width, "config": config}


def _without_orient(spec: Any) -> Any:
    """Legends and labels as the configuration has them."""
    if isinstance(spec, dict):
        return {
            key: _without_orient(value)
            for key, value in spec.items()
            if not (key in ("labelLimit",) or (key == "orient" and value in ("top", "right")))
        }
    return [_without_orient(each) for each in spec] if isinstance(spec, list) else spec


def _chart(rows: Sequence[Row], mark: Mapping[str, Any], encoding: Mapping[str, Any], height: int) -> Spec:
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": height,
        "data": {"values": values(rows)},
        "mark": dict(mark),
        "encoding": dict(encoding),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(f"{float(value):.10g}")
    if isinstance(value, date):
        return value.isoformat()[:10]
    return value
