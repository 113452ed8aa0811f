"""What a day should have cost, and how far off it was in units of its own usual error.

Put here: the seasonal expectation and its robust z. Keep out: the forest, the decision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.anomalies.params import AnomalyParams


@dataclass(frozen=True)
class Residuals:
    """Wide frames: `expected` and `dispersion` in USD per step, `robust_z` without unit."""

    expected: pd.DataFrame
    dispersion: pd.DataFrame
    robust_z: pd.DataFrame


def seasonal_residuals(values: pd.DataFrame, params: AnomalyParams) -> Residuals:
    """Expectation from earlier steps only: median of the same weekday, moved to the recent level.

    The dispersion is the larger of 1.4826 × MAD and the 90 % quantile of |residual| / 1.645 over the past window
    (the quantile carries series that are zero most days), floored at a share of the usual level.
    """
    expected = seasonal_median(values, params) * _level_ratio(values, params)
    residual = values - expected
    window = params.dispersion_window_steps
    past = residual.abs().shift(1).rolling(window, min_periods=params.season_steps)
    usual = values.abs().shift(1).rolling(params.level_window_steps, min_periods=params.season_steps).median()
    floor = (usual * params.dispersion_floor_ratio).clip(lower=params.dispersion_floor_usd)
    mad, tail = past.median() * 1.4826, past.quantile(0.9) / 1.645
    dispersion = mad.where(mad >= tail, tail)
    dispersion = dispersion.where(dispersion >= floor, floor)
    return Residuals(expected, dispersion, residual / dispersion)


def seasonal_median(values: pd.DataFrame, params: AnomalyParams, season_count: int | None = None) -> pd.DataFrame:
    """Median of the values one, two, … seasons earlier; NaN until two of them exist."""
    lags = [values.shift(params.season_steps * k) for k in range(1, (season_count or params.season_count) + 1)]
    stack = np.stack([lag.to_numpy(dtype=float) for lag in lags])
    known = np.isfinite(stack).sum(axis=0)
    filled = np.where(known >= 2, np.nanmedian(np.where(known >= 2, stack, 0.0), axis=0), np.nan)
    return pd.DataFrame(filled, index=values.index, columns=values.columns)


def _level_ratio(values: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """Recent median over long median, kept within 1/3 to 3: growth moves the expectation, one day does not."""
    past = values.shift(1)
    recent = past.rolling(params.recent_window_steps, min_periods=params.season_steps).median()
    long = past.rolling(params.level_window_steps, min_periods=params.season_steps).median()
    return (recent / long.where(long > 0)).clip(1 / 3, 3).fillna(1.0)
