"""What is looked at in a day: ten comparisons of a slice with its own past, each in units of its own usual error.

Put here: channels and their calibration. Keep out: how they are joined to one score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.anomalies.panel import TOTAL, Panel
from ml.anomalies.params import AnomalyParams
from ml.anomalies.usual import without_quiet_falls

CHANNELS = (
    "dollars",
    "same_weekday",
    "level",
    "creep",
    "cost_per_request",
    "cost_per_token",
    "cache_rate",
    "requests",
    "tokens_per_request",
    "price",
)
LARGEST = 60.0
GONE = 0.2
"""Fewer calls than this share of the expected ones, and as clearly fewer as below, are called gone."""
CLEARLY_FEWER = 5.0
CLEAR_PRICE = 12.0
"""A changed price is certain beyond this; larger values would only make other strong days look ordinary."""
FEW_CALLS = 0.5
"""Scatter of a ratio of one call; of n calls it is the square root of n smaller."""


@dataclass(frozen=True)
class Channels:
    """`values`: array (steps, slices, channels) in usual errors, 0 where a measure is not known, NaN without a past.

    `expected`: USD of the step by the same weekday at the recent level. `at_usual_price`: USD of its requests at the
    usual cost of one. `z30`: against the last thirty days. `gone`: hardly a call where there were many. `quiet`: a
    holiday that fell as holidays do, which is no reference for others.
    """

    values: np.ndarray
    is_old: np.ndarray
    expected: np.ndarray
    at_usual_price: np.ndarray
    z30: np.ndarray
    gone: np.ndarray
    quiet: np.ndarray


def build_channels(panel: Panel, params: AnomalyParams) -> Channels:
    """All channels; step t is compared with steps before it alone."""
    seen = panel
    panel, quiet = without_quiet_falls(seen, params)
    cost, requests = panel.cost, panel.requests
    expected = expectation(cost, params)
    size = usual_size(cost, params)
    small = small_money(panel, size, params)
    floor = 0.05 * size + small
    few = FEW_CALLS / usual_size(requests, params).fillna(1.0).clip(lower=1.0) ** 0.5
    z30 = _z(seen.cost, cost, floor, params)
    per_request = _log_ratio(cost, requests)
    per_token = _log_ratio(cost, panel.tokens)
    tokens_per_request = _log_ratio(panel.tokens, requests)
    cache = panel.cache_reads / panel.inputs.where(panel.inputs > 0)
    ratio = _weekday_ratio(requests, requests, params)
    calls = _known(_calibrated(_weekday_ratio(seen.requests, requests, params), 0.05 + few, params, ratio))
    parts = [
        z30,
        _calibrated(seen.cost - expected, floor, params, cost - expected),
        _calibrated(_level(cost, size, params), floor / size, params),
        _calibrated(_creep(cost, size, params), floor / size, params),
        _known(_against_usual(per_request, 0.02 + few, params)),
        _known(_against_usual(per_token, 0.01 + few, params)),
        _known(_against_usual(cache, 0.01 + few / 2, params)),
        calls,
        _known(_against_usual(tokens_per_request, 0.02 + few, params)),
        _known(_against_usual(_log_ratio(cost, cost - panel.price_effect), 0.02, params)).clip(
            -CLEAR_PRICE, CLEAR_PRICE
        ),
    ]
    values = np.stack([np.clip(part.to_numpy(dtype=float), -LARGEST, LARGEST) for part in parts], axis=2)
    known = np.isfinite(values[:, :, 0])
    values = np.where(known[:, :, None], np.nan_to_num(values), np.nan)
    is_old = known & (cost.notna().cumsum().to_numpy() > params.min_history_steps) & expected.notna().to_numpy()
    usual_price = per_request.shift(1).rolling(params.baseline_steps, min_periods=params.season_steps).median()
    at_usual_price = requests.to_numpy(dtype=float) * np.exp(usual_price.to_numpy(dtype=float))
    gone = (seen.requests < GONE * expectation(requests, params)).to_numpy() & (calls < -CLEARLY_FEWER).to_numpy()
    return Channels(
        values, is_old, expected.to_numpy(dtype=float), at_usual_price, z30.to_numpy(dtype=float), gone, quiet
    )


def usual_size(values: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """Mean size of the last `baseline_steps`, never 0."""
    past = values.abs().shift(1).rolling(params.baseline_steps, min_periods=params.season_steps).mean()
    return past.clip(lower=1e-6)


def expectation(values: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """Median of the same weekday in the weeks before, moved to the level of the last two weeks."""
    season = params.season_steps
    lags = np.stack([values.shift(season * k).to_numpy(dtype=float) for k in range(1, params.season_count + 1)])
    known = np.isfinite(lags).sum(axis=0)
    usual = np.where(known >= 2, np.nanmedian(np.where(known >= 2, lags, 0.0), axis=0), np.nan)
    past = values.shift(1)
    recent = past.rolling(2 * season, min_periods=season).median()
    long = past.rolling(params.season_count * season, min_periods=season).median()
    ratio = (recent / long.where(long > 0)).clip(1 / 3, 3).fillna(1.0)
    return pd.DataFrame(usual, index=values.index, columns=values.columns) * ratio


def small_money(panel: Panel, size: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """USD that nobody would look at, a third of what an anomaly is worth at least: a part of every usual error.

    Without it the reference of all slices fills with wild days of slices that cost next to nothing.
    """
    totals = [number for number, scope in enumerate(panel.slices) if scope == TOTAL]
    least = pd.Series(params.min_impact_usd, index=size.index)
    if totals:
        least = (params.min_share_of_total * size[totals[0]].fillna(0.0)).clip(lower=params.min_impact_usd)
    return pd.DataFrame(dict.fromkeys(size.columns, least / 3), index=size.index)


def _z(values: pd.DataFrame, usual: pd.DataFrame, floor: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    past = usual.shift(1).rolling(params.baseline_steps, min_periods=2 * params.season_steps)
    spread = past.std(ddof=0)
    return (values - past.mean()) / spread.where(spread >= floor, floor)


def _calibrated(
    values: pd.DataFrame, floor: pd.DataFrame | float, params: AnomalyParams, usual: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Values over their own usual size: the larger of 1.4826 × MAD and the 90 % quantile / 1.645 of the past.

    `usual`: the values that make that past, where they are not the same.
    """
    past = (
        (values if usual is None else usual)
        .abs()
        .shift(1)
        .rolling(params.scale_window_steps, min_periods=2 * params.season_steps)
    )
    scale = past.median() * 1.4826
    tail = past.quantile(0.9) / 1.645
    scale = scale.where(scale >= tail, tail)
    return values / scale.where(scale >= floor, floor)


def _against_usual(values: pd.DataFrame, floor: pd.DataFrame | float, params: AnomalyParams) -> pd.DataFrame:
    usual = values.shift(1).rolling(params.baseline_steps, min_periods=params.season_steps).median()
    return _calibrated(values - usual, floor, params)


def _known(values: pd.DataFrame) -> pd.DataFrame:
    return values.fillna(0.0)


def _log_ratio(above: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    ratio = above.where(above > 0) / below.where(below > 0)
    return pd.DataFrame(np.log(ratio), index=ratio.index, columns=ratio.columns)


def _asinh(values: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.arcsinh(values), index=values.index, columns=values.columns)


def _weekday_ratio(values: pd.DataFrame, usual: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    expected = expectation(usual, params)
    scale = usual_size(usual, params) / 10
    return _asinh(values / scale) - _asinh(expected / scale)


def _level(values: pd.DataFrame, size: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """This week against the four before it."""
    week = values.rolling(params.season_steps).mean()
    before = week.shift(params.season_steps).rolling(3 * params.season_steps).mean()
    return _asinh(10 * week / size) - _asinh(10 * before / size)


def _creep(values: pd.DataFrame, size: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """The last two weeks against the four that ended four weeks before."""
    fortnight = values.rolling(2 * params.season_steps).mean()
    before = values.rolling(4 * params.season_steps).mean().shift(4 * params.season_steps)
    return _asinh(10 * fortnight / size) - _asinh(10 * before / size)
