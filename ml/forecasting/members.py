"""The point forecasters, each for many series at once: a matrix of histories in, a matrix of days ahead out.

Put here: what a model says of the next days. Keep out: intervals, which of them is published, frames.

`values` is series × day and ends with the newest day; row i has `lengths[i]` days at its right end, what is left of
them is not read. Figures are USD (or tokens) per day.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.forecasting.last_year import shape_of_last_year
from ml.forecasting.odd_days import median_of_known, without_odd_days
from ml.forecasting.params import BASELINE_MODEL, ENSEMBLE, ForecastParams
from ml.forecasting.rivals import arima, ets, linear, prophet
from ml.forecasting.theta import theta_forecast

Forecaster = Callable[[np.ndarray, np.ndarray, int, ForecastParams], np.ndarray]


def seasonal_naive(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The last week again and again (the last value where there is less than a week)."""
    season = params.season_days
    week = newest(values, lengths, season)
    week = np.where((lengths >= season)[:, None], week, week[:, -1:])
    return week[:, np.arange(horizon) % season]


def weekday_median(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The median of the same weekday in the last four weeks, fewer where there are fewer."""
    weeks = _weeks(values, lengths, 4, params.season_days)
    with np.errstate(all="ignore"):
        profile = _nanmedian(weeks)
    return profile[:, np.arange(horizon) % params.season_days]


def weekday_mean(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The mean of the same weekday in the last eight weeks: for what is spent on some days only.

    The median of such days is nothing, and so would be the sum of many such series.
    """
    weeks = _weeks(values, lengths, 8, params.season_days)
    counts = np.maximum((~np.isnan(weeks)).sum(axis=1), 1)
    return (np.nansum(weeks, axis=1) / counts)[:, np.arange(horizon) % params.season_days]


def last_level(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The total of the last week, spread by the usual shares of the weekdays in eight weeks.

    A seasonal naive forecast that does not repeat one odd day on each of its weekdays.
    """
    season = params.season_days
    weeks, shares = _shares(values, lengths, season)
    naive = weeks[:, -1]
    spread = np.where(np.isfinite(shares).all(axis=1, keepdims=True), shares * naive.sum(axis=1, keepdims=True), naive)
    return spread[:, np.arange(horizon) % season]


def theta(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The dynamic optimised theta model; the weekday median where there are fewer than three weeks."""
    out = weekday_median(values, lengths, horizon, params)
    able = np.flatnonzero(lengths >= 3 * params.season_days)
    if len(able):
        out[able] = theta_forecast(
            left_aligned(values[able], lengths[able]), lengths[able], horizon, params.season_days
        )
    return out


def log_theta(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """Theta on logarithms where every day has spend: it grows and varies by shares. Theta as it is elsewhere."""
    inside = np.arange(values.shape[1]) >= values.shape[1] - lengths[:, None]
    positive = np.where(inside, values, np.inf).min(axis=1) > 0
    out = np.empty((len(values), horizon))
    if positive.any():
        logs = np.log(np.where(inside[positive], values[positive], 1.0))
        highest = logs.max(axis=1, keepdims=True)
        out[positive] = np.exp(np.minimum(_theta(logs, lengths[positive], horizon, params, additive=True), highest + 1))
    if not positive.all():
        out[~positive] = theta(values[~positive], lengths[~positive], horizon, params)
    return out


def typical_level(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The median of the last two weeks, each day by the usual share of its weekday; the weekday median without such."""
    season = params.season_days
    _, shares = _shares(values, lengths, season)
    usual = np.where(shares > 0.02 / season, shares * season, np.nan)
    with np.errstate(all="ignore"):
        days = newest(values, lengths, 2 * season) / np.tile(usual, (1, 2))
    level = _nanmedian(np.where(np.isfinite(days), days, np.nan)[:, :, None])
    said = (level * shares * season)[:, np.arange(horizon) % season]
    is_known = np.isfinite(said).all(axis=1, keepdims=True)
    return np.where(is_known, said, weekday_median(values, lengths, horizon, params))


def median_of_four(values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """The median of `last_level`, `typical_level`, `log_theta` and the weekday median of six weeks, day by day.

    The first three learn from the history without its odd days, and the median follows last year's shape. Below three
    weeks of history the weekday median alone; below `min_history_days` the mean so far. The weekday mean for what is
    spent on fewer than two days of three, but on more than one of ten.
    """
    out = weekday_median(values, lengths, horizon, params)
    full = np.flatnonzero(lengths >= 3 * params.season_days)
    if len(full):
        whole, usual, days = values[full], without_odd_days(values[full], lengths[full], params), lengths[full]
        said = [each(usual, days, horizon, params) for each in (last_level, typical_level, log_theta)]
        weekdays = _nanmedian(_weeks(whole, days, 6, params.season_days))
        said.append(weekdays[:, np.arange(horizon) % params.season_days])
        out[full] = np.median(said, axis=0) * shape_of_last_year(usual, days, horizon)
    recent = newest(values, lengths, params.dispersion_window_days)
    with np.errstate(all="ignore"):
        active = np.where(np.isnan(recent), False, recent != 0).sum(axis=1) / np.minimum(lengths, recent.shape[1])
    sparse = np.flatnonzero((active < 2 / 3) & (active > 0.1) & (lengths >= params.min_history_days))
    if len(sparse):
        out[sparse] = weekday_mean(values[sparse], lengths[sparse], horizon, params)
    young = np.flatnonzero(lengths < params.min_history_days)
    if len(young):
        out[young] = np.nanmean(newest(values[young], lengths[young], params.min_history_days), axis=1)[:, None]
    return out


FORECASTERS: dict[str, Forecaster] = {
    ENSEMBLE: median_of_four,
    BASELINE_MODEL: seasonal_naive,
    "weekday_median": weekday_median,
    "theta": theta,
    "linear": linear,
    "arima_5_1_0": arima,
    "ets": ets,
    "prophet": prophet,
}
"""By name: every model that can be published or is scored beside the published one."""


def predict(name: str, values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """What a model says, within what the series has shown: never beyond twice its recent extremes."""
    said = FORECASTERS[name](values, lengths, horizon, params)
    recent = newest(values, lengths, 2 * params.dispersion_window_days)
    highest = np.maximum(np.nanmax(recent, axis=1, initial=0.0), 0.0)
    lowest = np.where(np.nanmean(recent, axis=1) < 0, np.nanmin(recent, axis=1, initial=0.0), 0.0)
    return np.clip(np.where(np.isfinite(said), said, 0.0), 2 * lowest[:, None], 2 * highest[:, None])


def newest(values: np.ndarray, lengths: np.ndarray, days: int) -> np.ndarray:
    """The last `days` columns, NaN where a row has no such day."""
    tail = values[:, -days:]
    if tail.shape[1] < days:
        tail = np.concatenate([np.full((len(values), days - tail.shape[1]), np.nan), tail], axis=1)
    return np.where(np.arange(days, 0, -1) <= lengths[:, None], tail, np.nan)


def left_aligned(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Each row's own days moved to column 0; what follows them is 0."""
    width = int(lengths.max())
    columns = values.shape[1] - lengths[:, None] + np.arange(width)
    moved = np.take_along_axis(values, np.minimum(columns, values.shape[1] - 1), axis=1)
    return np.where(np.arange(width) < lengths[:, None], moved, 0.0)


def _theta(
    values: np.ndarray, lengths: np.ndarray, horizon: int, params: ForecastParams, *, additive: bool
) -> np.ndarray:
    out = weekday_median(values, lengths, horizon, params)
    able = np.flatnonzero(lengths >= 3 * params.season_days)
    if len(able):
        aligned = left_aligned(values[able], lengths[able])
        out[able] = theta_forecast(aligned, lengths[able], horizon, params.season_days, additive=additive)
    return out


def _shares(values: np.ndarray, lengths: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """The last eight weeks (series × week × weekday), and the usual share of each weekday in its week: their median."""
    weeks = _weeks(values, lengths, 8, season)
    totals = weeks.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = _nanmedian(np.where(totals[:, :, None] > 0, weeks / totals[:, :, None], np.nan))
        return weeks, shares / shares.sum(axis=1, keepdims=True)


def _weeks(values: np.ndarray, lengths: np.ndarray, weeks: int, season: int) -> np.ndarray:
    return newest(values, lengths, weeks * season).reshape(len(values), weeks, season)


def _nanmedian(weeks: np.ndarray) -> np.ndarray:
    """Median over the weeks (axis 1), days that are not there left out; 0 where there is none."""
    median, counts = median_of_known(weeks, axis=1)
    return np.where(counts > 0, median, 0.0)
