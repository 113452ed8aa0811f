"""Days that stand alone: found in each history by itself, and taken for usual ones by the models.

Put here: which days of a history are odd, histories without them. Keep out: flags of anomalies, holidays, models.
"""

from __future__ import annotations

import numpy as np

from ml.forecasting.params import ForecastParams

WEEKS = 13
"""A day is compared with the same weekday in as many weeks around it; at either end with the first or last of them."""
LEAST_WEEKS = 5
TIMES = 3.0
"""How many standard deviations, as the median deviation tells them, from the median of its weekday make a day odd."""
FLOOR = 0.05
"""The standard deviation is taken for at least this share of the median."""
_TO_STANDARD_DEVIATION = 1.4826
_CHUNK = 1000


def without_odd_days(values: np.ndarray, lengths: np.ndarray, params: ForecastParams) -> np.ndarray:
    """`values` (series × day, see `members`) where odd days of up to two in a row are the median of their weekday.

    Three in a row that are odd in the same direction are a new level and stay.
    """
    out = np.empty_like(values)
    for at in range(0, len(values), _CHUNK):
        part = slice(at, at + _CHUNK)
        out[part] = _cleaned(values[part], lengths[part], params.season_days)
    return out


def _cleaned(values: np.ndarray, lengths: np.ndarray, season: int) -> np.ndarray:
    rows, width = values.shape
    weeks = -(-width // season)
    known = np.full((rows, weeks * season), np.nan)
    known[:, known.shape[1] - width :] = np.where(np.arange(width) >= width - lengths[:, None], values, np.nan)
    by_week = known.reshape(rows, weeks, season)
    span = min(WEEKS, weeks)
    around = np.lib.stride_tricks.sliding_window_view(by_week, span, axis=1)
    usual, counts = median_of_known(around)
    deviation, _ = median_of_known(np.abs(around - usual[..., None]))
    window = np.clip(np.arange(weeks) - span // 2, 0, weeks - span)
    usual, counts = usual[:, window].reshape(rows, -1)[:, -width:], counts[:, window].reshape(rows, -1)[:, -width:]
    spread = np.maximum(_TO_STANDARD_DEVIATION * deviation[:, window].reshape(rows, -1)[:, -width:], FLOOR * abs(usual))
    with np.errstate(invalid="ignore"):
        distance = known[:, -width:] - usual
        odd = np.where(np.abs(distance) > TIMES * spread, np.sign(distance), 0.0)
    odd[counts < LEAST_WEEKS] = 0.0
    return np.where(_alone(odd), usual, values)


def _alone(odd: np.ndarray) -> np.ndarray:
    """Which odd days (1 above, −1 below, 0 usual) belong to no three of one direction in a row."""
    run = np.zeros(odd.shape, dtype=bool)
    if odd.shape[1] >= 3:
        three = (odd[:, 2:] == odd[:, 1:-1]) & (odd[:, 1:-1] == odd[:, :-2])
        for step in range(3):
            run[:, step : odd.shape[1] - 2 + step] |= three
    return (odd != 0) & ~run


def median_of_known(values: np.ndarray, axis: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """Median over an axis without what is not there (NaN), and how many there are; NaN where there is none."""
    ordered = np.sort(values, axis=axis)
    counts = (~np.isnan(ordered)).sum(axis=axis)
    low, high = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, values.shape[axis] - 1)
    middle = np.take_along_axis(ordered, np.stack([low, high], axis=axis), axis=axis)
    return middle.mean(axis=axis), counts
