"""Well-known forecasters that the published one is measured against, and that can be chosen instead of it.

Put here: linear regression, ARIMA(5,1,0), exponential smoothing, Prophet. Keep out: the published forecast (`members`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ml.forecasting.params import ForecastParams

ARIMA_LAGS = 5
_ETS_GRID = tuple((a, g) for a in (0.05, 0.15, 0.3, 0.5, 0.8) for g in (0.01, 0.1, 0.3))


def linear(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """A straight line through all days of the history, on the number of the day."""
    width = values.shape[1]
    inside = np.arange(width) >= width - lengths[:, None]
    days = np.arange(width) - (width - 1.0)
    count = lengths.astype(float)
    y = np.where(inside, values, 0.0)
    x = np.where(inside, days, 0.0)
    mean_x, mean_y = x.sum(axis=1) / count, y.sum(axis=1) / count
    spread = np.where(inside, (x - mean_x[:, None]) ** 2, 0.0).sum(axis=1)
    slope = ((x - mean_x[:, None]) * np.where(inside, y - mean_y[:, None], 0.0)).sum(axis=1) / np.maximum(spread, 1e-12)
    ahead = np.arange(1, horizon + 1)
    return mean_y[:, None] + slope[:, None] * (ahead - mean_x[:, None])


def arima(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """ARIMA(5,1,0) by conditional least squares: five lags of the day-to-day change. The last value where short."""
    out = np.repeat(values[:, -1:], horizon, axis=1)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        if length < 4 * ARIMA_LAGS:
            continue
        changes = np.diff(values[rows, values.shape[1] - length :], axis=1)
        lags = np.stack([changes[:, ARIMA_LAGS - k : changes.shape[1] - k] for k in range(1, ARIMA_LAGS + 1)], axis=2)
        target = changes[:, ARIMA_LAGS:]
        gram = np.einsum("rtk,rtl->rkl", lags, lags)
        gram += np.eye(ARIMA_LAGS) * (1e-8 * np.trace(gram, axis1=1, axis2=2)[:, None, None] + 1e-12)
        weights = np.linalg.solve(gram, np.einsum("rtk,rt->rk", lags, target)[:, :, None])[:, :, 0]
        recent = changes[:, : -ARIMA_LAGS - 1 : -1]
        level = values[rows, -1].copy()
        for step in range(horizon):
            change = (weights * recent).sum(axis=1)
            level = level + change
            out[rows, step] = level
            recent = np.concatenate([change[:, None], recent[:, :-1]], axis=1)
    return out


def ets(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """Exponential smoothing ETS(A,N,A): level and weekly season, the two constants of least squared error on a grid."""
    season = params.season_days
    width = values.shape[1]
    grid = np.array(_ETS_GRID)
    out = np.repeat(values[:, -1:], horizon, axis=1)
    able = np.flatnonzero(lengths >= 3 * season)
    if not len(able):
        return out
    start = width - lengths[able]
    y = np.where(np.arange(width) >= start[:, None], values[able], 0.0)
    first = np.take_along_axis(y, start[:, None] + np.arange(season), axis=1)
    level = np.repeat(first.mean(axis=1)[:, None], len(grid), axis=1)
    seasonal = np.repeat((first - first.mean(axis=1, keepdims=True))[:, None], len(grid), axis=1)
    seasonal = np.stack([np.roll(s, shift, axis=1) for s, shift in zip(seasonal, start % season, strict=True)])
    errors = np.zeros_like(level)
    for t in range(int(start.min()) + season, width):
        running = (t >= start + season)[:, None]
        phase = t % season
        error = np.where(running, y[:, t, None] - level - seasonal[:, :, phase], 0.0)
        errors += error**2
        level = level + grid[:, 0] * error
        seasonal[:, :, phase] += grid[:, 1] * error
    best = errors.argmin(axis=1)
    pick = np.arange(len(able)), best
    out[able] = level[pick][:, None] + seasonal[pick][:, (width + np.arange(horizon)) % season]
    return out


_PROPHET_STEPS = 2000
"""Series that a line can be fitted to need a few hundred; one of a spike and zeros took all of the 10,000 that Prophet
allows, seven seconds of CPU, to say 0."""


def prophet(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """Prophet's mean: piecewise linear trend, a weekly season that multiplies, changepoint prior 0.05."""
    return np.stack(
        [_prophet(row[len(row) - length :], horizon, params) for row, length in zip(values, lengths, strict=True)]
    )


def _prophet(history: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    import pandas as pd

    if len(history) < 2 * params.season_days or np.ptp(history) == 0:
        return np.repeat(history[-1:], horizon)
    model = _import_prophet()(
        weekly_seasonality=params.season_days == 7,
        yearly_seasonality=False,
        daily_seasonality=False,
        changepoint_prior_scale=0.05,
        seasonality_mode="multiplicative",
        uncertainty_samples=0,
    )
    days = pd.date_range("2000-01-03", periods=len(history) + horizon, freq="D")
    model.fit(pd.DataFrame({"ds": days[: len(history)], "y": history}), seed=params.seed, iter=_PROPHET_STEPS)
    with _numpy_seed(params.seed):
        predicted = model.predict(pd.DataFrame({"ds": days[len(history) :]}))
    return predicted["yhat"].to_numpy(dtype=float)


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
