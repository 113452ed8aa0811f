"""The forecasters: each maps a gap-free daily history to the mean of the next days.

Put here: point forecasts. Keep out: selection, intervals, frames of many series.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from ml.forecasting.params import ForecastParams

Forecaster = Callable[[pd.Series, int, ForecastParams], np.ndarray]


def seasonal_naive(history: pd.Series, horizon_days: int, params: ForecastParams) -> np.ndarray:
    """The last week again and again (the last value when there is less than a week). USD per day."""
    values = history.to_numpy(dtype=float)
    season = values[-params.season_days :] if len(values) >= params.season_days else values[-1:]
    return np.resize(season, horizon_days)


def seasonal_drift(history: pd.Series, horizon_days: int, params: ForecastParams) -> np.ndarray:
    """Mean of the same weekday over the last four weeks, moved along the trend of weekly totals.

    The trend is the Theil-Sen slope of at most 12 weekly totals, damped by 0.9 per week ahead. USD per day.
    """
    season = params.season_days
    values = history.to_numpy(dtype=float)
    weeks = values[len(values) % season :].reshape(-1, season)[-12:]
    profile = weeks[-4:].mean(axis=0)
    totals = weeks.sum(axis=1)
    pairs = [(totals[j] - totals[i]) / (j - i) for i in range(len(totals)) for j in range(i + 1, len(totals))]
    slope = float(np.median(pairs)) if pairs else 0.0
    days_ahead = np.arange(horizon_days)
    weeks_ahead = days_ahead // season + 1 + (min(len(weeks), 4) - 1) / 2
    damped = (1 - 0.9**weeks_ahead) / (1 - 0.9)
    return profile[days_ahead % season] + slope * damped / season


def prophet(history: pd.Series, horizon_days: int, params: ForecastParams) -> np.ndarray:
    """Prophet's mean: piecewise linear trend, weekly season, yearly only with two years of history. USD per day.

    No bounds are drawn (`uncertainty_samples=0`): intervals come from backtest residuals.
    """
    model_class = _import_prophet()
    training = history.iloc[-params.prophet_max_training_days :]
    model = model_class(
        weekly_seasonality=params.season_days == 7,
        yearly_seasonality=len(training) >= params.prophet_yearly_min_days,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    model.fit(pd.DataFrame({"ds": training.index.to_numpy(), "y": training.to_numpy()}), seed=params.seed)
    future = pd.date_range(training.index[-1] + pd.Timedelta(days=1), periods=horizon_days, freq="D")
    with _numpy_seed(params.seed):
        predicted = model.predict(pd.DataFrame({"ds": future}))
    return predicted["yhat"].to_numpy(dtype=float)


def forecasters(params: ForecastParams) -> dict[str, Forecaster]:
    """The models that compete, by name; the baseline first."""
    models: dict[str, Forecaster] = {"seasonal_naive": seasonal_naive, "seasonal_drift": seasonal_drift}
    return {**models, "prophet": prophet} if params.use_prophet else models


def min_training_days(model_name: str, params: ForecastParams) -> int:
    """The shortest history, in days, on which a model is tried."""
    return 1 if model_name == "seasonal_naive" else params.min_training_days


@contextmanager
def _numpy_seed(seed: int) -> Iterator[None]:
    """numpy's global state seeded inside, restored afterwards: prophet offers no other way."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)


def _import_prophet() -> type:
    """Prophet's class with its loggers quiet; cmdstanpy's first `get_logger()` resets the level, so it goes first."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)
    from cmdstanpy.utils import get_logger
    from prophet import Prophet

    for log in (get_logger(), logging.getLogger("prophet")):
        log.setLevel(logging.WARNING)
    return Prophet
