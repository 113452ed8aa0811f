"""The quantiles of sums of days: how wrong sums of as many days were before.

Put here: quantiles of totals of a period. Keep out: quantiles of single days, points.

What makes a sum wrong is a level that moves, which no error of a day shows. So days are added along each earlier path
of errors. A series' scale is how wrong its own sums were, leaning on those of all series where it has seen few that do
not overlap. The shape around it is that of all series, each stretch measured by the scale that was known without it:
in this way it holds what a scale that is learned from few stretches leaves out.
"""

from __future__ import annotations

import numpy as np

from ml.forecasting.params import QUANTILES, ForecastParams

PRIOR_MEAN = 0.65
PRIOR_GROWTH = 0.2
"""Mean absolute error of a sum of 30 days per day, in dispersions, and the power of its length that it grows by."""
PRIOR_SHAPE = (-2.776, -2.132, -1.533, -0.741, 0.0, 0.741, 1.533, 2.132, 2.776)
"""Quantiles over the mean absolute error where nothing was measured: Student's t of 4 degrees."""
OWN_STRETCHES = 6.0
"""Stretches of its own that weigh as much for the scale of a series as all series together."""
PRIOR_SCALE_STRETCHES = 8.0
PRIOR_SHAPE_STRETCHES = 30.0
RANK_CORRECTION = 3.0
"""By how many stretches of the measured ones a quantile moves outward: one more will come, and few are independent."""
REGIME_SHARE = 0.5
"""How much of the share of history that a period is long widens the variance: the future may differ as a whole."""
WIDER = 1.05
"""By how much what is measured at a few origins is widened, beyond what single days are (`width_factor`)."""
LEAST_ORIGINS = 3
_LEVELS = np.array(QUANTILES)
_MIDDLE = QUANTILES.index(0.5)


def sum_offsets(
    near: np.ndarray, far: np.ndarray, first: int, past: int, history_days: int, params: ForecastParams
) -> np.ndarray:
    """Scaled distance of each quantile of the sum of the days ahead `first` to `past` − 1: series × quantile.

    `near` and `far`: origin × series × day ahead, see `PanelForecast`. Where no origin lies that far back, the longest
    measured sum is scaled up. A history that holds few such stretches says little: quantiles are widened by it.
    """
    is_near = past <= params.horizon_days
    source, step = (near, params.origin_step_days) if is_near else (far, params.long_step_days)
    days = past - first
    prior = PRIOR_MEAN * (days / 30) ** PRIOR_GROWTH * days
    counts = (~np.isnan(source)).any(axis=1).sum(axis=0) if source.size else np.zeros(0, dtype=int)
    measured_past = min(past, int((counts >= LEAST_ORIGINS).sum()))
    measured_days = min(days, measured_past)
    if measured_days < 1:
        return np.tile(np.array(PRIOR_SHAPE) * prior, (near.shape[1], 1))
    paths = source[:, :, measured_past - measured_days : measured_past].sum(axis=2).T
    growth = days / measured_days * np.sqrt(past / measured_past)
    scale, shape = _scale_and_shape(paths * growth, prior, step / max(measured_days, step), measured_days / step)
    regime = np.sqrt(1 + REGIME_SHARE * past / max(history_days, past))
    return scale[:, None] * shape * regime * WIDER


def _scale_and_shape(sums: np.ndarray, prior: float, share: float, overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """Scale per row of `sums` (series × origin, NaN where unknown) and the quantiles of all over it.

    `share`: what part of a stretch an origin adds. `overlap`: stretches of origins less than this apart overlap.
    """
    known = ~np.isnan(sums)
    sizes = np.where(known, np.abs(sums), 0.0)
    counts = known.sum(axis=1).astype(float)
    total, stretches = sizes.sum(axis=1), _stretches(counts, share)
    mean = total / np.maximum(counts, 1)
    weighed, everything = stretches * mean, stretches.sum()

    def leaning(own: np.ndarray, own_count: np.ndarray, others: np.ndarray, other_count: np.ndarray) -> np.ndarray:
        pooled = (others + PRIOR_SCALE_STRETCHES * prior) / (other_count + PRIOR_SCALE_STRETCHES)
        return (own_count * own + OWN_STRETCHES * pooled) / (own_count + OWN_STRETCHES)

    scale = leaning(mean, stretches, weighed.sum(), everything)
    origins = np.arange(sums.shape[1])
    apart = (np.abs(origins[:, None] - origins) >= overlap).astype(float)
    rest = known.astype(float) @ apart
    without = leaning(
        (sizes @ apart) / np.maximum(rest, 1),
        _stretches(rest, share),
        (weighed.sum() - weighed)[:, None],
        (everything - stretches)[:, None],
    )
    levels = np.clip(0.5 + (_LEVELS - 0.5) * (1 + RANK_CORRECTION / max(everything, 1.0)), 0.0, 1.0)
    measured = np.quantile((sums / np.maximum(without, 1e-12))[known], levels)
    weight = everything / (everything + PRIOR_SHAPE_STRETCHES)
    return scale, weight * (measured - measured[_MIDDLE]) + (1 - weight) * np.array(PRIOR_SHAPE)


def _stretches(counts: np.ndarray, share: float) -> np.ndarray:
    """How many stretches that do not overlap so many origins make; at least one where there is an origin."""
    return np.where(counts > 0, np.minimum(counts, np.maximum(counts * share, 1.0)), 0.0)
