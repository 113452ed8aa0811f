"""The theta model against the implementation of another library on the same series."""

from __future__ import annotations

import numpy as np
import pytest

from ml.forecasting.theta import theta_forecast

DAYS = np.arange(120)
GROWING = 100 + 0.3 * DAYS + np.array([10, 12, 14, 13, 11, -25, -30])[DAYS % 7] + ((DAYS * 7919) % 101 - 50) / 5
WANDERING = 200 + np.cumsum((DAYS * 104729) % 17 - 8).astype(float)
WEEKLY = np.where(DAYS % 7 < 5, 1.0, 0.4) * 50 * (1 + 0.002 * DAYS) + ((DAYS * 31) % 13 - 6) / 3 - 40 * (DAYS == 60)
PUBLISHED = {
    "growing": [149.61, 151.196, 150.812, 148.599, 107.711, 100.17, 149.139],
    "wandering": [193.976, 194.286, 194.068, 194.068, 193.673, 193.673, 194.129],
    "weekly": [61.562, 61.74, 61.782, 58.958, 24.871, 24.63, 61.823],
}
"""`DynamicOptimizedTheta(season_length=7)` of statsforecast 2.0.3 (auto_theta, model DOTM), first seven days."""


@pytest.mark.parametrize(("name", "values"), [("growing", GROWING), ("wandering", WANDERING), ("weekly", WEEKLY)])
def test_forecasts_are_those_of_statsforecast(name: str, values: np.ndarray) -> None:
    said = theta_forecast(values[None], np.array([120]), 7, 7)[0]
    assert said == pytest.approx(PUBLISHED[name], rel=2e-3)


def test_series_of_different_lengths_do_not_touch_each_other() -> None:
    both = np.zeros((2, 120))
    both[0], both[1, :70] = GROWING, WEEKLY[:70]
    together = theta_forecast(both, np.array([120, 70]), 30, 7)
    alone = theta_forecast(WEEKLY[None, :70], np.array([70]), 30, 7)
    assert together[1] == pytest.approx(alone[0], rel=1e-9)


@pytest.mark.parametrize("values", [np.zeros(40), np.full(40, 3.0), np.r_[np.zeros(39), 1e9], np.r_[5.0, -5.0] * 1e-9])
def test_odd_series_give_finite_figures(values: np.ndarray) -> None:
    values = np.resize(values, 40)
    assert np.isfinite(theta_forecast(values[None], np.array([40]), 30, 7)).all()
