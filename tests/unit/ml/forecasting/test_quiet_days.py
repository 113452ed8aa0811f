"""Holidays: learned from the same occasion, taken out of the history, no effect where there was none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ml.forecasting.quiet_days import occasions, without_quiet_days
from tests.unit.ml.forecasting.spend import SHORT

LAST = date(2026, 12, 10)
DAYS = 400
CHRISTMAS, NEW_YEAR = (LAST - date(2025, 12, 25)).days, (LAST - date(2026, 1, 1)).days


def leaves(quiet: float) -> np.ndarray:
    """Two leaves of 100 and 10 USD a day; the larger one keeps a share on 25 December and 1 January."""
    values = np.repeat([[100.0], [10.0]], DAYS, axis=1)
    values[0, [DAYS - 1 - CHRISTMAS, DAYS - 1 - NEW_YEAR]] *= quiet
    return values


def test_days_are_named() -> None:
    named = occasions(date(2026, 11, 1), date(2026, 12, 31), ["US", "DE-BY"])
    assert named[date(2026, 11, 26)] == "Thanksgiving Day"
    assert date(2026, 11, 1) in named
    assert named[date(2026, 12, 30)] == "12-30"
    with pytest.raises(ValueError, match="no holidays of 'XX' are known"):
        occasions(LAST, LAST, ["XX"])


def test_christmas_is_what_it_was_and_is_not_learned_from_as_a_usual_day() -> None:
    cleaned, factors = without_quiet_days(leaves(0.3), np.full(2, DAYS), LAST, 40, SHORT)
    assert (cleaned == leaves(1.0)).all()
    ahead = (date(2026, 12, 25) - LAST).days - 1
    assert factors[0, ahead] < 0.5
    assert (np.delete(factors[0], [ahead, (date(2027, 1, 1) - LAST).days - 1]) == 1).all()


def test_without_an_effect_or_without_holidays_nothing_changes() -> None:
    for params, quiet in ((SHORT, 1.0), (replace(SHORT, holiday_countries=()), 1.0), (SHORT, 1.4)):
        cleaned, factors = without_quiet_days(leaves(quiet), np.full(2, DAYS), LAST, 40, params)
        assert (cleaned == leaves(quiet)).all()
        assert (factors == 1).all()


def test_a_short_history_changes_nothing() -> None:
    values = np.full((1, 60), 5.0)
    cleaned, factors = without_quiet_days(values, np.array([60]), LAST, 40, SHORT)
    assert (cleaned == values).all()
    assert (factors == 1).all()
