"""Made-up rows of daily spend, as the warehouse gives them to the forecast."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from ml.forecasting import ForecastParams, SpendForecast, forecast_spend
from ml.forecasting.forecast import SeriesForecast

FIRST = pd.Timestamp("2026-01-01")
SCORED = datetime(2026, 12, 1, 6)  # noqa: DTZ001
SHORT = ForecastParams(outlook_days=60, rivals=("seasonal_naive", "weekday_median"))


def rows(values: np.ndarray, **of: object) -> pd.DataFrame:
    """One leaf: spend per day from 2026-01-01 on; `of` names what it belongs to."""
    days = pd.date_range(FIRST, periods=len(values), freq="D")
    leaf: dict[str, object] = {
        "cost_kind": "llm",
        "is_scheduled": False,
        "provider_id": "acme",
        "model_id": "m",
        "team_id": "search",
        "project_id": "p",
        "cost_center_id": "cc",
    } | of
    return pd.DataFrame({"usage_date": days.date, "cost_usd": values, "tokens": values * 1000, **leaf})


def weekly(days: int, level: float = 100.0, noise: float = 0.1, seed: int = 0) -> np.ndarray:
    """USD per day, weekends at 40 %."""
    weekday = (FIRST.day_of_week + np.arange(days)) % 7
    return level * np.where(weekday < 5, 1.0, 0.4) * np.random.default_rng(seed).lognormal(0, noise, days)


def after(days: int) -> date:
    """The day after `days` days of history."""
    return (FIRST + pd.Timedelta(days=days)).date()


def forecast(frame: pd.DataFrame, days: int, params: ForecastParams = SHORT, **given: pd.DataFrame) -> SpendForecast:
    return forecast_spend(frame, as_of=after(days), params=params, **given)


def series(said: SpendForecast, series_id: str) -> tuple[SeriesForecast, int]:
    """The part that holds a series, and its number there."""
    for part in said.parts:
        if series_id in part.names.ids:
            return part, part.names.ids.index(series_id)
    raise KeyError(series_id)


def points(said: SpendForecast, series_id: str) -> np.ndarray:
    part, number = series(said, series_id)
    return part.points[number]
