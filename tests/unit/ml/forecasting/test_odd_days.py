"""Which days of a history stand alone, and what last year says of this one."""

from __future__ import annotations

import numpy as np
import pytest

from ml.forecasting.last_year import shape_of_last_year
from ml.forecasting.members import predict
from ml.forecasting.odd_days import without_odd_days
from ml.forecasting.params import ForecastParams

PARAMS = ForecastParams()
DAYS = 140


def history(seed: int = 0) -> np.ndarray:
    return np.tile([10.0, 11, 12, 11, 10, 4, 4], DAYS // 7) * np.random.default_rng(seed).lognormal(0, 0.05, DAYS)


def cleaned(values: np.ndarray, length: int | None = None) -> np.ndarray:
    return without_odd_days(values[None], np.array([length or len(values)]), PARAMS)[0]


@pytest.mark.parametrize("day", [0, 70, DAYS - 1])
@pytest.mark.parametrize("times", [0.0, 5.0])
def test_a_day_alone_becomes_what_its_weekday_usually_is(day: int, times: float) -> None:
    values = history()
    odd = values.copy()
    odd[day] *= times
    assert cleaned(odd)[day] == pytest.approx(np.median(values[day % 7 :: 7]), rel=0.1)


def test_days_that_are_like_others_stay_as_they_are() -> None:
    values = history()
    changed = cleaned(values) != values
    assert changed.mean() < 0.05
    constant = np.full(DAYS, 3.0)
    assert cleaned(constant).tolist() == constant.tolist()


def test_two_odd_days_go_and_three_are_a_new_level() -> None:
    for days, is_kept in ((2, False), (3, True), (9, True)):
        values = history()
        values[-days:] *= 3
        assert (cleaned(values)[-days:] == values[-days:]).all() == is_kept


def test_what_lies_before_a_history_is_not_read() -> None:
    values = history()
    values[100] *= 9
    before = values.copy()
    before[:60] = 1e9
    assert cleaned(before, DAYS - 60)[60:].tolist() == cleaned(values[60:]).tolist()


def test_a_history_of_weeks_below_five_is_left_alone() -> None:
    values = history()[:28]
    values[20] = 900
    assert cleaned(values).tolist() == values.tolist()


def season(days: int) -> np.ndarray:
    return 100 * (1 + 0.5 * np.sin(2 * np.pi * np.arange(days) / 364))


def test_last_years_rise_is_expected_in_part_where_the_level_is_the_same() -> None:
    values = season(460)
    factors = shape_of_last_year(values[None, :430], np.array([430]), 30)[0]
    rise = np.log(values[430:].mean() / np.median(values[402:430]))
    assert np.log(factors.mean()) == pytest.approx(0.4 * rise, abs=0.02)
    assert abs(np.log(factors.mean())) > 0.02


def test_last_year_says_nothing_after_growth_or_without_a_year() -> None:
    grown = season(430) * np.exp(0.005 * np.arange(430))
    assert shape_of_last_year(grown[None], np.array([430]), 30) == pytest.approx(1.0, abs=1e-3)
    for values, length in ((season(430), 391), (np.zeros(430), 430)):
        assert (shape_of_last_year(values[None], np.array([length]), 365) == 1).all()


def test_a_season_of_the_year_is_forecast_better_than_the_last_level() -> None:
    values = season(700) * np.random.default_rng(1).lognormal(0, 0.05, 700)
    errors = {"median_of_four": 0.0, "seasonal_naive": 0.0}
    for origin in range(400, 610, 30):
        for name in errors:
            said = predict(name, values[None, origin - 400 : origin], np.array([400]), 90, PARAMS)[0]
            errors[name] += float(np.abs(values[origin : origin + 90] - said).mean())
    assert errors["median_of_four"] < 0.75 * errors["seasonal_naive"]
