"""What the same days did a year ago, as far as that says something of this year.

Put here: the yearly shape of a history. Keep out: weekdays, holidays, models.
"""

from __future__ import annotations

import numpy as np

LAG_DAYS = 364
LEVEL_DAYS = 28
SMOOTHING_DAYS = 14
SHARE = 0.4
"""How much of last year's rise or fall is expected again."""
LIKENESS = 0.2
"""How far (as a difference of logarithms) the levels of then and now may be apart for last year to say much."""
LIMIT = 0.7


def shape_of_last_year(values: np.ndarray, lengths: np.ndarray, horizon: int) -> np.ndarray:
    """Factors (series × day ahead) for a forecast that knows no season of the year.

    A part of how the days of last year rose or fell against the four weeks before them. The more the level has changed
    since, the less of it; all factors are 1 where the history is shorter than a year and four weeks.
    """
    width = values.shape[1]
    factors = np.ones((len(values), horizon))
    able = np.flatnonzero(lengths >= LAG_DAYS + LEVEL_DAYS)
    if not len(able):
        return factors
    past, then = values[able], width - LAG_DAYS
    now, before = np.median(past[:, -LEVEL_DAYS:], axis=1), np.median(past[:, then - LEVEL_DAYS : then], axis=1)
    centres = np.median(np.lib.stride_tricks.sliding_window_view(past, SMOOTHING_DAYS, axis=1), axis=2)
    days = np.minimum(then + np.arange(horizon) - SMOOTHING_DAYS // 2, centres.shape[1] - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(centres[:, days] / before[:, None])
        apart = np.log(now / before)
    weight = np.where(np.isfinite(apart), SHARE * np.exp(-(apart**2) / (2 * LIKENESS**2)), 0.0)
    change = np.clip(np.where(np.isfinite(change), change, 0.0), -LIMIT, LIMIT)
    factors[able] = np.exp(weight[:, None] * change)
    return factors
