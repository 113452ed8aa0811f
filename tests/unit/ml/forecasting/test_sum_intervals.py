"""Intervals of sums against processes whose future can be drawn at will."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ml.forecasting.panel import Leaves, forecast_panel
from ml.forecasting.params import QUANTILES, ForecastParams
from ml.forecasting.sum_intervals import PRIOR_SHAPE, sum_offsets

LOW, HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)
PARAMS = ForecastParams()


def errors(spread: np.ndarray, origins: int, reach: int, seed: int = 0) -> np.ndarray:
    """Scaled errors of random walks, origin × series × day ahead: `spread` per series and day."""
    steps = np.random.default_rng(seed).normal(0, 1, (origins, len(spread), reach))
    return steps.cumsum(axis=2) * spread[:, None]


def test_a_series_whose_sums_err_more_has_a_wider_interval() -> None:
    spread = np.repeat([0.02, 0.1], 20)
    far = errors(spread, 20, 30)
    width = np.diff(sum_offsets(far, far[:, :, :0], 0, 30, 400, PARAMS)[:, [LOW, HIGH]])[:, 0]
    assert 1.6 < width[20:].mean() / width[:20].mean() < 5


def test_offsets_rise_around_a_median_of_nothing_and_grow_with_the_period() -> None:
    far = errors(np.full(30, 0.05), 13, 200)
    near = far[:, :, :30]
    by_days = [sum_offsets(near, far, 0, days, 400, PARAMS) for days in (7, 30, 90, 180, 365)]
    for offsets in by_days:
        assert (np.diff(offsets, axis=1) > 0).all()
        assert (offsets[:, QUANTILES.index(0.5)] == 0).all()
    widths = [float((each[:, HIGH] - each[:, LOW]).mean()) for each in by_days]
    assert all(later > earlier for earlier, later in itertools.pairwise(widths))


def test_without_any_measured_origin_the_built_in_shape_stands() -> None:
    none = np.full((0, 3, 30), np.nan)
    offsets = sum_offsets(none, none, 0, 30, 20, PARAMS)
    assert offsets == pytest.approx(np.tile(np.array(PRIOR_SHAPE) * 0.65 * 30, (3, 1)))


@pytest.mark.parametrize("days", [30, 90, 365])
def test_sums_of_series_whose_level_wanders_are_covered(days: int) -> None:
    """Eighty weekly series on a wandering level; their own future is the judge."""
    random = np.random.default_rng(3)
    level = np.exp(np.cumsum(random.normal(0, 0.01, (80, 400 + days)), axis=1))
    week = np.resize([1, 1, 1, 1, 1, 0.4, 0.4], 400 + days)
    values = 100 * level * week * random.lognormal(0, 0.15, level.shape)
    panel = forecast_panel(Leaves.alone(values[:, :400], np.full(80, 400)), PARAMS, days)
    bounds, actual = panel.sum_quantiles(0, days), values[:, 400:].sum(axis=1)
    covered = float(((bounds[:, LOW] <= actual) & (actual <= bounds[:, HIGH])).mean())
    assert 0.68 <= covered <= 0.92
