"""Days that look odd and are not: public holidays, and fees that come on the same day of every month.

Put here: what is expected although the past weeks do not show it. Keep out: scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ml.forecasting.quiet_days import occasions

FEE_TOLERANCE = 0.3
STOOD_OUT = 1.3


def quiet_days(grid: pd.DatetimeIndex, countries: Sequence[str]) -> np.ndarray:
    """By step, whether it is a public holiday, between one and a weekend, or at the turn of the year."""
    days = [stamp.date() for stamp in grid]
    free = set(occasions(days[0] - timedelta(days=1), days[-1] + timedelta(days=1), countries))
    return np.array([d in free or _is_bridge(d, free) for d in days])


def _is_bridge(day: date, free: set[date]) -> bool:
    """A working day between a holiday and a weekend."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return day.weekday() < 5 and ((day.weekday() == 4 and before in free) or (day.weekday() == 0 and after in free))


def expected_falls(
    cost: np.ndarray, expected: np.ndarray, grid: pd.DatetimeIndex, quiet: np.ndarray, gone: np.ndarray
) -> np.ndarray:
    """Falls on a quiet day, unless the slice is `gone`, and in the week behind a run of them."""
    recently = pd.Series(quiet.astype(float), index=grid).rolling(8, min_periods=1).max().to_numpy() > 0
    falls = cost < expected
    still_normal = cost > 0.75 * expected
    return falls & (quiet[:, None] & ~gone | recently[:, None] & still_normal)


def monthly_fees(
    cost: np.ndarray, expected: np.ndarray, strength: np.ndarray, grid: pd.DatetimeIndex, quiet: np.ndarray
) -> np.ndarray:
    """Rises that came in the same size on the same day of the month before, or of the one before that.

    On a quiet day it may be smaller: the fee stands where usage is missing.

    The earlier one must have stood out as well; where nothing could be said of it yet, be most of its day.
    """
    place = {stamp.date(): number for number, stamp in enumerate(grid)}
    found = np.zeros(cost.shape, dtype=bool)
    excess = np.nan_to_num(cost) - np.nan_to_num(expected)
    stood_out = np.where(np.isfinite(strength), strength >= STOOD_OUT, excess > 0.5 * np.nan_to_num(cost))
    for number, stamp in enumerate(grid):
        for months in (1, 2):
            before = place.get((stamp - pd.DateOffset(months=months)).date())
            if before is not None:
                larger = excess[number] - excess[before]
                near = (larger if quiet[number] else np.abs(larger)) <= FEE_TOLERANCE * excess[number]
                found[number] |= near & stood_out[before] & (excess[number] > 0)
    return found
