"""Point forecasters on series whose forecast can be worked by hand."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from ml.forecasting.members import FORECASTERS, last_level, log_theta, predict, weekday_mean, weekday_median
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


def test_the_published_model_is_the_median_of_its_three_and_short_histories_have_less() -> None:
    values = np.tile(WEEKS.reshape(-1), 3)
    three = [each(values[None], np.array([84]), 7, PARAMS)[0] for each in (weekday_median, last_level, log_theta)]
    assert said("median_of_three", values) == pytest.approx(np.median(three, axis=0))
    assert said("median_of_three", WEEKS.reshape(-1)).tolist() == [2.5, 2, 3, 4, 5, 6, 7]
    assert said("median_of_three", np.array([1.0, 2, 6])).tolist() == [3] * 7
    assert said("median_of_three", values, 40)[30:].tolist() == said("weekday_median", values, 40)[30:].tolist()


def test_theta_on_logarithms_knows_no_unit_and_leaves_series_with_zeros_alone() -> None:
    values = np.exp(np.sin(np.arange(90.0)) + 0.02 * np.arange(90))[None]
    lengths = np.array([90])
    assert log_theta(values * 1000, lengths, 9, PARAMS) == pytest.approx(1000 * log_theta(values, lengths, 9, PARAMS))
    values[0, 50] = 0
    assert log_theta(values, lengths, 9, PARAMS).tolist() == FORECASTERS["theta"](values, lengths, 9, PARAMS).tolist()


def test_what_is_spent_on_few_days_keeps_its_mean() -> None:
    values = np.zeros(56)
    values[[2, 9 + 1, 16 + 2, 23, 30 + 3, 37, 44 + 1, 51]] = 8.0
    assert said("median_of_three", values, 28).sum() == pytest.approx(8 * 8 / 2)


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
