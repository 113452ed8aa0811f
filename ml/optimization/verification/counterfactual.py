"""What a slice would have cost without the change, from how it went along with all other slices before.

Put here: the estimate and its interval. Keep out: which slice, which days.

The slice's part of the others' cost is taken to stay as it was in the weeks before. Whole weeks are compared, so that
weekdays weigh alike. Its noise is measured on its own days, and as one day is like the next, the days count for fewer:
by their autocorrelation, corrected for what short series hide of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WEEKS_BEFORE = 8
FEWEST_WEEKS_BEFORE = 4
MOST_AUTOCORRELATION = 0.9
COVERAGE = 0.90


@dataclass(frozen=True)
class Estimate:
    """A saving with the interval that covers the true one nine times of ten."""

    saving: float
    lower: float
    upper: float
    counterfactual: float
    actual: float
    weeks_before: int
    weeks_after: int


def estimate_saving(
    before: Sequence[float], others_before: Sequence[float], after: Sequence[float], others_after: Sequence[float]
) -> Estimate | None:
    """From daily costs of the slice and of the others, the oldest first; None where there are too few whole weeks.

    `before` ends on the day before the change, `after` begins on it. Days that fill no week are left out: the oldest of
    `before`, the newest of `after`.
    """
    import numpy as np
    from scipy import stats

    weeks_before, weeks_after = min(len(before) // 7, WEEKS_BEFORE), len(after) // 7
    if weeks_before < FEWEST_WEEKS_BEFORE or weeks_after < 1:
        return None
    y0 = np.asarray(before[len(before) - 7 * weeks_before :], dtype="float64")
    c0 = np.asarray(others_before[len(others_before) - 7 * weeks_before :], dtype="float64")
    y1 = np.asarray(after[: 7 * weeks_after], dtype="float64")
    c1 = np.asarray(others_after[: 7 * weeks_after], dtype="float64")
    if not np.isfinite(np.concatenate([y0, c0, y1, c1])).all() or c0.sum() <= 0 or c1.sum() <= 0:
        return None
    c0, c1 = _filled(c0), _filled(c1)
    ratio = y0.sum() / c0.sum()
    expected, actual = float(ratio * c1.sum()), float(y1.sum())
    noise0, noise1 = _noise(y0, c0), _noise(y1, c1) if weeks_after > 1 else None
    rho = _autocorrelation(noise0, noise1)
    longer = (1 + rho) / (1 - rho)
    spread0 = float(np.var(noise0, ddof=7))
    spread1 = spread0
    if noise1 is not None:
        # What counts is the noise of the days after had nothing changed: a slice half as large sways half as much. Few
        # days tell little of their own spread, so those before are asked too.
        days0, days1 = len(noise0) - 7, len(noise1) - 7
        level = min(max(actual / expected, 0.25), 4.0) if expected > 0 else 1.0
        spread1 = (float(np.var(noise1, ddof=7)) / level**2 * days1 + spread0 * days0) / (days0 + days1)
    part0, part1 = spread0 * longer / len(y0), spread1 * longer / len(y1)
    deviation = float(c1.sum()) * math.sqrt(part0 + part1)
    degrees = max((len(y0) + (0 if noise1 is None else len(y1) - 7) - 7) / longer, 3.0)
    half = float(stats.t.ppf(0.5 + COVERAGE / 2, degrees)) * deviation
    saving = expected - actual
    return Estimate(saving, saving - half, saving + half, expected, actual, weeks_before, weeks_after)


def _filled(others: np.ndarray) -> np.ndarray:
    """Days without any other cost get the average: a ratio to nothing is none."""
    import numpy as np

    return np.where(others > 0, others, others.mean())


def _noise(slice_: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The daily ratio less the average of its weekday, weighted as the day weighs in the sum."""
    weight = others / others.mean()
    ratio = slice_ / others * weight
    level = slice_.sum() / others.sum()
    by_weekday = (ratio - level * weight).reshape(-1, 7)
    return (by_weekday - by_weekday.mean(axis=0)).ravel()


def _autocorrelation(*noises: np.ndarray | None) -> float:
    """Of one day with the next, between 0 and `MOST_AUTOCORRELATION`."""
    import numpy as np

    pairs, total, days = 0.0, 0.0, 0
    for noise in noises:
        if noise is not None:
            pairs += float((noise[1:] * noise[:-1]).sum())
            total += float((noise**2).sum())
            days += len(noise)
    if total <= 0:
        return 0.0
    rho = pairs / total
    # Taking averages out and the shortness of the series make it look smaller (Marriott and Pope 1954; Kendall 1954).
    return float(np.clip(rho + (1 + 4 * rho) / days, 0.0, MOST_AUTOCORRELATION))
