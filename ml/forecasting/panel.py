"""Many leaves and the levels that sum them, forecast at once: points add up, quantiles come from joint past errors.

Put here: forecasting of a matrix of leaves with its levels. Keep out: frames, names, money, calendars.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.forecasting.intervals import around, day_offsets, dispersion, scaled
from ml.forecasting.members import predict
from ml.forecasting.params import ForecastParams
from ml.forecasting.sum_intervals import sum_offsets


@dataclass(frozen=True)
class Leaves:
    """What adds up: `values` leaf × day ending with the newest day, of which row i has its newest `lengths[i]`.

    `codes`: per level, to which of its `counts` series a leaf belongs. Series are numbered through all levels.
    """

    values: np.ndarray
    lengths: np.ndarray
    codes: tuple[np.ndarray, ...]
    counts: tuple[int, ...]

    @classmethod
    def alone(cls, values: np.ndarray, lengths: np.ndarray) -> Leaves:
        """Each leaf a series of its own."""
        return cls(values, lengths, (np.arange(len(values)),), (len(values),))

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Values per leaf (any columns) added up to the series of all levels."""
        parts = []
        for codes, count in zip(self.codes, self.counts, strict=True):
            out = np.zeros((count, *values.shape[1:]))
            np.add.at(out, codes, values)
            parts.append(out)
        return np.concatenate(parts)

    @cached_property
    def series_lengths(self) -> np.ndarray:
        """Days of history per series: those of its oldest leaf."""
        parts = []
        for codes, count in zip(self.codes, self.counts, strict=True):
            out = np.zeros(count, dtype=int)
            np.maximum.at(out, codes, self.lengths)
            parts.append(out)
        return np.concatenate(parts)

    @cached_property
    def series_values(self) -> np.ndarray:
        """The history of each series; 0 before it begins."""
        return self.summed(self.known)

    @cached_property
    def known(self) -> np.ndarray:
        """`values` with 0 before a leaf begins."""
        width = self.values.shape[1]
        return np.where(np.arange(width) >= width - self.lengths[:, None], self.values, 0.0)


@dataclass(frozen=True)
class PanelForecast:
    """Forecast of every series: `points` series × day (NaN where the history is too short), and past errors.

    `near` and `far`: scaled residuals, origin × series × day ahead (of the forecast up to `horizon_days`, and of the
    weekday median that stands beyond).
    """

    points: np.ndarray
    scale: np.ndarray
    near: np.ndarray
    far: np.ndarray
    largest: np.ndarray
    floor: np.ndarray
    history_days: int
    params: ForecastParams

    @cached_property
    def quantiles(self) -> np.ndarray:
        """Series × day × quantile."""
        offsets = day_offsets(self.near, self.far, self.points.shape[1], self.params)
        return around(self.points, self.scale, offsets, self.largest, self.params, self.floor)

    def sum_quantiles(self, first: int, past: int) -> np.ndarray:
        """Quantiles of the sum of the days ahead `first` to `past` − 1 (from 0): series × quantile."""
        offsets = sum_offsets(self.near, self.far, first, past, self.history_days, self.params)
        totals = self.points[:, first:past].sum(axis=1)
        return around(totals, self.scale, offsets, self.largest * (past - first), self.params, self.floor)


def forecast_panel(leaves: Leaves, params: ForecastParams, horizon: int | None = None) -> PanelForecast:
    """Forecast the next `horizon` (default `horizon_days`) days of every series of every level of `leaves`."""
    horizon = horizon or params.horizon_days
    history = leaves.series_values
    points = leaves.summed(predict(params.model, leaves.known, leaves.lengths, horizon, params))
    points[leaves.series_lengths < params.min_history_days] = np.nan
    near = _errors(leaves, params, params.model, params.origin_step_days, min(horizon, params.horizon_days))
    reach = horizon if horizon > params.horizon_days else 0
    far = _errors(leaves, params, params.model, params.long_step_days, reach)
    return PanelForecast(
        points=points,
        scale=dispersion(history, leaves.series_lengths, params),
        near=near,
        far=far,
        largest=np.abs(history).max(axis=1, initial=0.0),
        floor=np.where(history.min(axis=1, initial=0.0) < 0, -np.inf, 0.0),
        history_days=leaves.values.shape[1],
        params=params,
    )


def _errors(leaves: Leaves, params: ForecastParams, model: str, step: int, reach: int) -> np.ndarray:
    """Scaled residuals of `model` at earlier origins, `step` days apart: origin × series × day ahead."""
    history, width = leaves.series_values, leaves.values.shape[1]
    origins = [width - step * k for k in range(1, params.max_origins + 1)]
    origins = [o for o in origins if o >= 2 * params.min_history_days] if reach else []
    out = np.full((len(origins), len(history), reach), np.nan)
    for row, origin in enumerate(origins):
        lengths = leaves.lengths - (width - origin)
        present = np.flatnonzero(lengths > 0)
        if not len(present):
            continue
        days = min(reach, width - origin)
        said = np.zeros((len(leaves.values), days))
        said[present] = predict(model, leaves.known[present, :origin], lengths[present], days, params)
        before = leaves.series_lengths - (width - origin)
        able = np.flatnonzero(before >= 2 * params.min_history_days)
        residuals = (history[:, origin : origin + days] - leaves.summed(said))[able]
        scale = dispersion(history[able, :origin], before[able], params)
        out[row, able, :days] = scaled(residuals, scale, params)
    return out
