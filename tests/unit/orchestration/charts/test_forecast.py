"""Specifications of forecasts: what is drawn, and that it can be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from orchestration.charts.forecast import HISTORY_DAYS, components_spec, forecast_spec
from orchestration.charts.rendering import svg

FIRST = date(2026, 1, 1)
QUANTILES = {"q025": 1.0, "q10": 2.0, "q90": 8.0, "q975": 9.0}


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=n) for n in range(count)]


def history(count: int) -> pd.DataFrame:
    return pd.DataFrame({"usage_date": days(count), "spend_usd": [Decimal(5)] * count})


def outlook(count: int) -> pd.DataFrame:
    columns = {f"{name}_cost_usd": Decimal(str(value)) for name, value in QUANTILES.items()}
    return pd.DataFrame({"forecast_date": days(count), "predicted_cost_usd": Decimal("4.5"), **columns})


def test_history_forecast_and_bands_are_layers_of_the_newest_and_the_next_days() -> None:
    spec = forecast_spec(history(200), outlook(365), "LLM spend")
    wide, narrow, spent, said = spec["layer"]
    assert (wide["encoding"]["y"]["field"], wide["encoding"]["y2"]["field"]) == ("q025", "q975")
    assert (narrow["encoding"]["y"]["field"], narrow["encoding"]["y2"]["field"]) == ("q10", "q90")
    assert len(spent["data"]["values"]) == HISTORY_DAYS
    assert spent["data"]["values"][-1] == {"day": "2026-07-19", "usd": 5.0}
    assert len(said["data"]["values"]) == 30
    assert "135.00 USD" in spec["title"]["subtitle"]


def test_components_are_four_panels_and_unknown_ends_stay_out() -> None:
    frame = pd.DataFrame({"usage_date": days(14), "observed_cost_usd": 5.0, "seasonal_cost_usd": 0.0})
    frame["trend_cost_usd"] = [None] * 3 + [5.0] * 8 + [None] * 3
    frame["residual_cost_usd"] = frame["trend_cost_usd"]
    spec = components_spec(frame, "LLM spend")
    assert [panel["encoding"]["y"]["field"] for panel in spec["vconcat"]] == ["observed", "trend", "weekday", "rest"]
    assert spec["data"]["values"][0]["trend"] is None
    assert svg(spec).startswith("<svg")
