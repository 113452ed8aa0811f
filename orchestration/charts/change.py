"""A change of spend as a picture: what was expected, what drove it away, the days, the slices that changed most.

Put here: its specification. Keep out: rendering, words.
"""

from __future__ import annotations

from typing import Any

from ml.anomalies.compare import Explanation, driver_rows
from ml.anomalies.words import amount, signed
from orchestration.charts.style import AXIS, FRAME, INK, RED, SCHEMA, Spec

WIDTH = 640
MORE, LESS = RED, "#2e7d4f"
CONFIG = {**FRAME, "axis": AXIS, "title": {"anchor": "start", "fontSize": 12}}
SLICES_DRAWN = 8


def change_spec(found: Explanation, subject: str) -> Spec:
    """Waterfall of the drivers, daily spend with the explained days shaded, the slices that changed most."""
    return {
        "$schema": SCHEMA,
        "title": {
            "text": f"{subject}: {signed(found.change_usd)} USD on {found.after}",
            "subtitle": f"against {found.before}, scaled to the same number of days",
            "fontSize": 15,
        },
        "vconcat": [_waterfall(found), _days(found), *_slices(found)],
        "spacing": 18,
        "config": CONFIG,
    }


def _waterfall(found: Explanation) -> Spec:
    level = float(found.expected_usd)
    bars: list[dict[str, Any]] = [
        {"step": "expected", "from": 0.0, "to": level, "kind": "total", "label": amount(level)}
    ]
    for name, usd in driver_rows(found):
        bars.append(
            {
                "step": name,
                "from": level,
                "to": level + float(usd),
                "kind": "more" if usd > 0 else "less",
                "label": signed(usd),
            }
        )
        level += float(usd)
    actual = float(found.actual_usd)
    bars.append({"step": "actual", "from": 0.0, "to": actual, "kind": "total", "label": amount(actual)})
    order = [bar["step"] for bar in bars]
    y = {"field": "step", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 200}}
    return {
        "title": "What drove it (USD)",
        "width": WIDTH,
        "height": {"step": 24},
        "data": {"values": [{**bar, "end": max(bar["from"], bar["to"])} for bar in bars]},
        "layer": [
            {
                "mark": "bar",
                "encoding": {
                    "y": y,
                    "x": {"field": "from", "type": "quantitative", "title": None},
                    "x2": {"field": "to"},
                    "color": {
                        "field": "kind",
                        "type": "nominal",
                        "legend": None,
                        "scale": {"domain": ["total", "more", "less"], "range": [INK, MORE, LESS]},
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
                "encoding": {
                    "y": y,
                    "x": {"field": "end", "type": "quantitative"},
                    "text": {"field": "label", "type": "nominal"},
                },
            },
        ],
    }


def _days(found: Explanation) -> Spec:
    first, last = found.before.first, max(found.after.last, found.before.last)
    rows = found.by_day[(found.by_day["usage_date"] >= first) & (found.by_day["usage_date"] <= last)]
    values = [
        {
            "day": day.isoformat(),
            "usd": float(usd),
            "part": "explained" if found.after.first <= day <= found.after.last else "before",
        }
        for day, usd in zip(rows["usage_date"], rows["cost_usd"], strict=True)
    ]
    return {
        "title": "Spend by day (USD); the days explained are red",
        "width": WIDTH,
        "height": 140,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "ordinal",
                "timeUnit": "yearmonthdate",
                "title": None,
                "axis": {"format": "%d %b", "labelOverlap": True, "labelAngle": 0},
            },
            "y": {"field": "usd", "type": "quantitative", "title": None},
            "color": {
                "field": "part",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": ["before", "explained"], "range": [INK, MORE]},
            },
        },
    }


def _slices(found: Explanation) -> list[Spec]:
    values = [
        {
            "slice": f"{row['slice']} {row['value']}",
            "usd": float(row["change_usd"]),
            "label": signed(row["change_usd"]),
        }
        for row in found.slices.head(SLICES_DRAWN).to_dict("records")
    ]
    if not values:
        return []
    y = {"field": "slice", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 230}}
    x = {"field": "usd", "type": "quantitative", "title": None}
    return [
        {
            "title": "Slices that changed most (USD)",
            "width": WIDTH,
            "height": {"step": 20},
            "data": {"values": values},
            "layer": [
                {
                    "mark": "bar",
                    "encoding": {
                        "y": y,
                        "x": x,
                        "color": {"condition": {"test": "datum.usd > 0", "value": MORE}, "value": LESS},
                    },
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
                    "encoding": {
                        "y": y,
                        "x": {**x, "field": "end"},
                        "text": {"field": "label", "type": "nominal"},
                    },
                },
            ],
            "transform": [{"calculate": "max(datum.usd, 0)", "as": "end"}],
        }
    ]
