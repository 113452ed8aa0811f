"""Point forecasters on series whose forecast can be worked by hand."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from ml.forecasting.members import (
    FORECASTERS,
    last_level,
    log_theta,
    predict,
    typical_level,
    weekday_mean,
    weekday_median,
)
from ml.forecasting.odd_days import without_odd_days
from ml.forecasting.params import MODEL_VERSIONS, ForecastParams

PARAMS = ForecastParams()
LENGTHS = np.array([28])
WEEKS = np.array([[1, 2, 3, 4, 5, 6, 7], [2, 2, 3, 4, 5, 6, 7], [3, 2, 3, 4, 5, 6, 7], [90, 2, 3, 4, 5, 6, 7]], float)


def said(name: str, values: np.ndarray, horizon: int = 7) -> np.ndarray:
    return predict(name, values.reshape(1, -1), np.array([values.size]), horizon, PARAMS)[0]


def test_the_weekday_median_and_mean_of_four_weeks() -> None:
    assert weekday_median(WEEKS.reshape(1, -1), LENGTHS, 8, PARAMS)[0].tolist() == [2.5, 2, 3, 4, 5, 6, 7, 2.5]
    assert weekday_mean(WEEKS.reshape(1, -1), LENGTHS, 2, PARAMS)[0].tolist() == [24, 2]


def test_the_last_level_is_spread_by_usual_shares() -> None:
    weeks = np.array([[1.0, 2, 3, 4, 0, 0, 0]] * 3 + [[20.0, 0, 0, 0, 0, 0, 0]])
    assert last_level(weeks.reshape(1, -1), LENGTHS, 7, PARAMS)[0].tolist() == [2, 4, 6, 8, 0, 0, 0]


def test_the_published_model_is_the_median_of_its_four_and_short_histories_have_less() -> None:
    values = 10 + np.tile(WEEKS[:3].reshape(-1), 4) + np.random.default_rng(0).normal(0, 0.3, 84)
    lengths = np.array([84])
    usual = without_odd_days(values[None], lengths, PARAMS)
    four = [each(usual, lengths, 40, PARAMS)[0] for each in (last_level, typical_level, log_theta)]
    four.append(np.median(values[-42:].reshape(6, 7), axis=0)[np.arange(40) % 7])
    assert said("median_of_four", values, 40) == pytest.approx(np.mean(np.sort(four, axis=0)[1:3], axis=0))
    assert (
        said("median_of_four", WEEKS.reshape(-1)[:20]).tolist()
        == said("weekday_median", WEEKS.reshape(-1)[:20]).tolist()
    )
    assert said("median_of_four", np.array([1.0, 2, 6])).tolist() == [3] * 7


def test_the_typical_level_is_that_of_most_days_of_two_weeks() -> None:
    week = np.array([2.0, 2, 2, 2, 2, 1, 1])
    values = np.r_[np.tile(week, 8), 3 * np.tile(week, 2)]
    values[-9] = 500
    assert typical_level(values[None], np.array([70]), 8, PARAMS)[0] == pytest.approx(3 * np.r_[week, 2])


def test_theta_on_logarithms_knows_no_unit_and_leaves_series_with_zeros_alone() -> None:
    values = np.exp(np.sin(np.arange(90.0)) + 0.02 * np.arange(90))[None]
    lengths = np.array([90])
    assert log_theta(values * 1000, lengths, 9, PARAMS) == pytest.approx(1000 * log_theta(values, lengths, 9, PARAMS))
    values[0, 50] = 0
    assert log_theta(values, lengths, 9, PARAMS).tolist() == FORECASTERS["theta"](values, lengths, 9, PARAMS).tolist()


def test_what_is_spent_on_few_days_keeps_its_mean() -> None:
    values = np.zeros(56)
    values[[2, 9 + 1, 16 + 2, 23, 30 + 3, 37, 44 + 1, 51]] = 8.0
    assert said("median_of_four", values, 28).sum() == pytest.approx(8 * 8 / 2)


def test_the_line_and_the_autoregression_follow_a_line() -> None:
    values = 5.0 + 2 * np.arange(60)
    assert said("linear", values, 3) == pytest.approx([125, 127, 129])
    assert said("arima_5_1_0", values, 3) == pytest.approx([125, 127, 129], rel=1e-3)


def test_exponential_smoothing_keeps_the_week() -> None:
    values = np.tile([10.0, 20, 30, 40, 50, 5, 5], 12)
    assert said("ets", values) == pytest.approx([10, 20, 30, 40, 50, 5, 5], abs=0.1)


def test_prophet_is_seeded_quiet_and_leaves_the_global_seed_alone(caplog: pytest.LogCaptureFixture) -> None:
    values = np.tile([10.0, 20, 30, 40, 50, 5, 5], 12) + np.arange(84) % 3
    before = np.random.get_state()[1].copy()
    with caplog.at_level(logging.INFO):
        first, second = said("prophet", values), said("prophet", values)
    assert first.tolist() == second.tolist()
    assert (np.random.get_state()[1] == before).all()
    assert [each for each in caplog.records if each.name.startswith(("cmdstanpy", "prophet"))] == []


def test_every_model_has_a_version() -> None:
    assert set(FORECASTERS) == set(MODEL_VERSIONS)


@pytest.mark.parametrize("name", sorted(set(MODEL_VERSIONS) - {"prophet"}))
def test_no_model_leaves_what_the_series_has_shown(name: str) -> None:
    exploding = 1.25 ** np.arange(80.0)
    assert said(name, exploding, 30).max() <= 2 * exploding[-1] + 1
    assert said(name, exploding, 30).min() >= 0
