"""How wrong forecasts were before, and the quantiles that follow from it.

Put here: dispersion, residuals by bucket of days ahead, quantiles of days. Keep out: points, sums (`sum_intervals`).

Residuals are split-conformal: actual − forecast at earlier origins, over the dispersion that the series had there.
A series' quantiles mix its own residuals with those of all series of the run; where a run has few, with the ones of
`PRIOR`. They are centred: what is published as the forecast is the median.
"""

from __future__ import annotations

import numpy as np

from ml.forecasting.members import newest
from ml.forecasting.params import QUANTILES, ForecastParams

BUCKETS = ((0, 7), (7, 14), (14, 30), (30, 90), (90, 180), (180, 365))
"""Days ahead that share their residuals: first and past-the-last, from 0."""
PRIOR = (
    (-2.6, -1.9, -1.3, -0.5, 0.0, 0.6, 1.4, 2.2, 3.2),
    (-3.0, -2.2, -1.5, -0.6, 0.0, 0.7, 1.8, 2.8, 3.9),
    (-3.3, -2.5, -1.6, -0.7, 0.0, 0.8, 2.1, 3.5, 5.0),
    (-4.0, -3.0, -2.1, -0.9, 0.0, 1.0, 2.6, 4.1, 5.7),
    (-4.7, -3.6, -2.6, -1.1, 0.0, 1.3, 3.3, 5.0, 6.8),
    (-5.5, -4.3, -3.2, -1.4, 0.0, 1.6, 4.1, 6.1, 8.0),
)
"""Scaled residual quantiles per bucket of 53 public daily series (tests/benchmarks/forecasting)."""
PRIOR_COUNT = 300
"""Residuals of a run that weigh as much as the prior."""
_MIDDLE = QUANTILES.index(0.5)


def dispersion(values: np.ndarray, lengths: np.ndarray, params: ForecastParams) -> np.ndarray:
    """Mean absolute change from week to week in the newest days, at least the floor's share of their level."""
    recent = newest(values, lengths, params.dispersion_window_days)
    counts = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    level = np.nansum(np.abs(recent), axis=1) / counts
    changes = np.abs(recent[:, params.season_days :] - recent[:, : -params.season_days])
    pairs = (~np.isnan(changes)).sum(axis=1)
    change = np.nansum(changes, axis=1) / np.maximum(pairs, 1)
    return np.maximum(np.where(pairs > 0, change, level), params.dispersion_floor_ratio * level)


def scaled(residuals: np.ndarray, scale: np.ndarray, params: ForecastParams) -> np.ndarray:
    """Residuals (series × day) over the dispersion of each series, held within the limit; NaN for what is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(scale[:, None] > 0, residuals / scale[:, None], np.sign(residuals) * params.residual_limit)
    return np.clip(ratio, -params.residual_limit, params.residual_limit)


def day_offsets(near: np.ndarray, far: np.ndarray, horizon: int, params: ForecastParams) -> np.ndarray:
    """Scaled distance of each quantile from the forecast: series × day × quantile.

    `near` and `far`: origin × series × day ahead, of the forecast up to `horizon_days` and of the one beyond.
    """
    series = near.shape[1]
    out = np.empty((series, horizon, len(QUANTILES)))
    for bucket, (first, past) in enumerate(BUCKETS):
        if first >= horizon:
            break
        source = near if past <= params.horizon_days else far
        own = np.moveaxis(source[:, :, first:past], 1, 0).reshape(series, -1)
        out[:, first : min(past, horizon)] = _mixed(own, np.array(PRIOR[bucket]), params)[:, None]
    out[:, BUCKETS[-1][1] :] = out[:, min(BUCKETS[-1][1], horizon) - 1 : min(BUCKETS[-1][1], horizon)]
    return out


def around(points: np.ndarray, scale: np.ndarray, offsets: np.ndarray, largest: np.ndarray, params: ForecastParams,
           floor: np.ndarray) -> np.ndarray:  # fmt: skip
    """Quantiles around `points`, rising, never further from them than the largest values seen allow.

    `largest`: the largest absolute value per series (of a day, or of as many days as a point sums). `floor`: below
    which no quantile falls: 0 for what was never negative, −inf otherwise.
    """
    extra = (1,) * (points.ndim - 1)
    limit = params.width_limit_ratio * largest.reshape(-1, *extra, 1)
    distance = np.clip(offsets * scale.reshape(-1, *extra, 1) * params.width_factor, -limit, limit)
    low = np.minimum(floor.reshape(-1, *extra, 1), points[..., None])
    return np.sort(np.maximum(points[..., None] + distance, low), axis=-1)


def _mixed(own: np.ndarray, prior: np.ndarray, params: ForecastParams) -> np.ndarray:
    """Centred quantiles per row of `own`: the row's own mixed with those of all rows, and these with the prior."""
    everyone = own[~np.isnan(own)]
    pooled = prior
    if len(everyone):
        weight = len(everyone) / (len(everyone) + PRIOR_COUNT)
        pooled = weight * _centred(np.quantile(everyone, QUANTILES)) + (1 - weight) * prior
    counts = (~np.isnan(own)).sum(axis=1)
    mixed = np.tile(pooled, (len(own), 1))
    enough = np.flatnonzero(counts >= params.own_residual_count)
    if len(enough):
        own_quantiles = _centred(_row_quantiles(own[enough], counts[enough]))
        mixed[enough] = params.own_weight_ratio * own_quantiles + (1 - params.own_weight_ratio) * pooled
    return mixed


def _centred(quantiles: np.ndarray) -> np.ndarray:
    return quantiles - quantiles[..., _MIDDLE : _MIDDLE + 1]


def _row_quantiles(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Quantiles of each row's known values (as numpy's linear method)."""
    ordered = np.sort(rows, axis=1)
    at = np.array(QUANTILES) * (counts[:, None] - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, counts[:, None] - 1)
    below, above = np.take_along_axis(ordered, low, axis=1), np.take_along_axis(ordered, high, axis=1)
    return below + (above - below) * (at - low)
