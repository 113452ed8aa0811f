"""Forecasts as pictures: history, forecast and its bands; the components of a series.

Put here: their specifications. Keep out: reading, rendering.
"""

from __future__ import annotations

import pandas as pd

from orchestration.charts.style import AXIS, FRAME, INK, RED, SCHEMA, Spec

HISTORY_DAYS = 90
FORECAST, BAND = RED, "#e8a598"
SIZE = {"width": 680, "height": 240}
CONFIG = {
    **FRAME,
    "axis": {"grid": True, **AXIS},
    "title": {"anchor": "start", "fontSize": 13, "subtitleColor": "#555555"},
}
PANELS = (
    ("observed_cost_usd", "observed"),
    ("trend_cost_usd", "trend"),
    ("seasonal_cost_usd", "weekday"),
    ("residual_cost_usd", "rest"),
)


def forecast_spec(history: pd.DataFrame, outlook: pd.DataFrame, subject: str, days: int = 30) -> Spec:
    """Daily spend of the last 90 days, the forecast of the next `days`, its 80 and 95 % intervals.

    `history`: `usage_date, spend_usd`. `outlook`: `forecast_date, predicted_cost_usd` and the quantiles q025, q10, q90
    and q975 of one series.
    """
    past = history.sort_values("usage_date").tail(HISTORY_DAYS)
    ahead = outlook.sort_values("forecast_date").head(days)
    spent = [
        {"day": _day(day), "usd": _usd(usd)} for day, usd in zip(past["usage_date"], past["spend_usd"], strict=True)
    ]
    said = [
        {
            "day": _day(row["forecast_date"]),
            "usd": _usd(row["predicted_cost_usd"]),
            **{name: _usd(row[f"{name}_cost_usd"]) for name in ("q025", "q10", "q90", "q975")},
        }
        for row in ahead.to_dict("records")
    ]
    total = float(ahead["predicted_cost_usd"].astype(float).sum())
    day = {"field": "day", "type": "temporal", "title": None, "axis": {"format": "%d %b", "labelOverlap": True}}
    usd = {"type": "quantitative", "title": "USD a day"}
    bands = [
        {
            "data": {"values": said},
            "mark": {"type": "area", "opacity": opacity, "color": BAND},
            "encoding": {"x": day, "y": {"field": low, **usd}, "y2": {"field": high}},
        }
        for low, high, opacity in (("q025", "q975", 0.35), ("q10", "q90", 0.6))
    ]
    lines = [
        {
            "data": {"values": values},
            "mark": {"type": "line", "color": color, "strokeWidth": 1.8, **dash},
            "encoding": {"x": day, "y": {"field": "usd", **usd}},
        }
        for values, color, dash in ((spent, INK, {}), (said, FORECAST, {"strokeDash": [5, 3]}))
    ]
    return {
        "$schema": SCHEMA,
        **SIZE,
        "title": {
            "text": f"{subject}: spend and forecast",
            "subtitle": f"{len(said)} days ahead: {total:,.2f} USD; bands hold 80 and 95 of 100 days",
        },
        "layer": bands + lines,
        "config": CONFIG,
    }


def components_spec(components: pd.DataFrame, subject: str) -> Spec:
    """Observed spend, its trend, its weekly season and the rest, below one another.

    `components`: the rows of `rpt_cost_components` of one series, at least one.
    """
    rows = [
        {"day": _day(row["usage_date"]), **{name: _usd(row[column]) for column, name in PANELS}}
        for row in components.sort_values("usage_date").to_dict("records")
    ]
    panels = [
        {
            "width": SIZE["width"],
            "height": 80,
            "mark": {"type": "bar", "width": 3} if name == "rest" else {"type": "line", "strokeWidth": 1.4},
            "encoding": {
                "color": {"value": INK},
                "x": {
                    "field": "day",
                    "type": "temporal",
                    "title": None,
                    "axis": {"format": "%d %b", "labels": name == "rest", "labelOverlap": True},
                    "scale": {"domain": [rows[0]["day"], rows[-1]["day"]]},
                },
                "y": {"field": name, "type": "quantitative", "title": name, "scale": {"zero": name != "trend"}},
            },
        }
        for _, name in PANELS
    ]
    return {
        "$schema": SCHEMA,
        "title": {"text": f"{subject}: components of daily spend", "subtitle": "USD a day, additive, period of a week"},
        "data": {"values": rows},
        "vconcat": panels,
        "spacing": 6,
        "config": CONFIG,
    }


def _day(value: object) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"  # type: ignore[arg-type]


def _usd(value: object) -> float | None:
    """Cents are enough for a picture, and less so for small amounts."""
    return None if value is None or pd.isna(value) else float(f"{float(value):.6g}")  # type: ignore[arg-type, call-overload]
