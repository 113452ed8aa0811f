"""Which slice-days are anomalies: strong enough for the wished number of alarm days, worth a look, not expected.

Put here: the threshold, the size rules. Keep out: strengths, incidents.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.anomalies.channels import CHANNELS, Channels
from ml.anomalies.exceptions import expected_falls, monthly_fees, quiet_days
from ml.anomalies.panel import TOTAL, Panel
from ml.anomalies.params import AnomalyParams
from ml.anomalies.scoring import Strengths

UNIT = tuple(
    CHANNELS.index(name) for name in ("cost_per_request", "cost_per_token", "cache_rate", "tokens_per_request", "price")
)
PRICE = CHANNELS.index("price")
CLEARLY = 5.0
OUTAGE = 0.05
"""On a holiday a slice is gone below this share of its usual spend, and where calls are counted if they are gone."""
SLOW = (CHANNELS.index("level"), CHANNELS.index("creep"))


def is_slow(channels: Channels) -> np.ndarray:
    """Where the level of weeks says more than the day: there the day is compared with weeks further back."""
    size = np.nan_to_num(np.abs(channels.values))
    fast = np.delete(size, SLOW, axis=2).max(axis=2)
    return size[:, :, SLOW].max(axis=2) > fast


def is_unit(channels: Channels) -> np.ndarray:
    """Where what a call costs or uses clearly moved."""
    size = np.nan_to_num(np.abs(channels.values))
    others = np.delete(size, UNIT, axis=2).max(axis=2)
    units = size[:, :, UNIT].max(axis=2)
    return (units > CLEARLY) & (units > 0.5 * others)


def is_paid(panel: Panel, channels: Channels) -> np.ndarray:
    """Where prices clearly moved and made at least half of the change."""
    size = np.nan_to_num(np.abs(channels.values))
    made = np.abs(np.nan_to_num(panel.price_effect.to_numpy(dtype=float)))
    change = np.abs(np.nan_to_num(panel.cost.to_numpy(dtype=float) - channels.expected))
    return (size[:, :, PRICE] > CLEARLY) & (made >= 0.5 * change)


def comparison(panel: Panel, channels: Channels, params: AnomalyParams) -> np.ndarray:
    """USD a slice-day is compared with: what was expected; of slow changes the same weekday one or two months ago."""
    season = params.season_steps
    lags = [panel.cost.shift(season * k).to_numpy(dtype=float) for k in range(4, 9)]
    stack = np.stack(lags)
    known = np.isfinite(stack).any(axis=0)
    old = np.where(known, np.nanmedian(np.where(known, stack, 0.0), axis=0), np.nan)
    return np.where(is_slow(channels) & np.isfinite(old), old, channels.expected)


def flag(
    panel: Panel, channels: Channels, strengths: Strengths, against: np.ndarray, params: AnomalyParams
) -> np.ndarray:
    """Boolean (steps, slices)."""
    cost = panel.cost.to_numpy(dtype=float)
    candidates = np.isfinite(strengths.joint) & panel.watched & _worth_it(panel, channels, against, params)
    if params.step == "D":
        quiet = quiet_days(panel.grid, params.holiday_countries)
        counted = np.isfinite(panel.requests.to_numpy(dtype=float))
        gone = (channels.gone | ~counted) & (cost <= OUTAGE * channels.expected)
        candidates &= ~expected_falls(cost, channels.expected, panel.grid, quiet, gone)
        candidates &= ~monthly_fees(cost, channels.expected, strengths.joint, panel.grid, quiet)
    strength = np.where(candidates, strengths.joint, -1.0)
    return candidates & (strength >= thresholds(strength, panel.grid, params)[:, None])


def _worth_it(panel: Panel, channels: Channels, against: np.ndarray, params: AnomalyParams) -> np.ndarray:
    """Large enough against what was expected, or, where the cost of a call moved, against its calls at the old cost."""
    cost = panel.cost.to_numpy(dtype=float)
    by_price = np.where(is_unit(channels), np.nan_to_num(np.abs(cost - channels.at_usual_price)), 0.0)
    by_price = np.maximum(
        by_price,
        np.where(is_paid(panel, channels), np.abs(np.nan_to_num(panel.price_effect.to_numpy(dtype=float))), 0.0),
    )
    impact = np.maximum(np.abs(cost - against), by_price)
    least = np.full((len(cost), 1), params.min_impact_usd)
    totals = [n for n, each in enumerate(panel.slices) if each == TOTAL]
    if totals:
        usual = panel.cost.iloc[:, totals[0]].abs().shift(1).rolling(params.baseline_steps, min_periods=1).mean()
        least = np.maximum(least, params.least_share * usual.fillna(0.0).to_numpy()[:, None])
    return (impact >= least) & (impact >= params.min_impact_ratio * np.abs(against))


def thresholds(strength: np.ndarray, grid: pd.DatetimeIndex, params: AnomalyParams) -> np.ndarray:
    """By step, the strength that as many days reached before as the knob allows; never below the floor.

    A day counts by the strongest slice that was not as strong the day before: one incident spends one alarm day.
    """
    fresh = np.where(strength > np.vstack([np.full((1, strength.shape[1]), -1.0), strength[:-1]]), strength, -1.0)
    per_day = pd.Series(fresh.max(axis=1) if fresh.shape[1] else np.full(len(fresh), -1.0), index=grid)
    steps_per_week = 7 if params.step == "D" else 7 * 24
    share = 1 - params.alarm_days_per_week / steps_per_week
    past = per_day.shift(1).rolling(params.reference_steps, min_periods=params.min_history_steps)
    return past.quantile(max(0.0, share)).fillna(0.0).clip(lower=params.floor).to_numpy()
