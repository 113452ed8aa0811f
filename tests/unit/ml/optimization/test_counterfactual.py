"""A saving of volume against other slices: its interval covers what was simulated, and odd series end in a word."""

from __future__ import annotations

import os

import numpy as np
import pytest

from ml.optimization.verification.counterfactual import estimate_saving
from tests.unit.ml.optimization.simulated import DAYS_BEFORE, company

RUNS = int(os.environ.get("COSTOPS_TEST_SAVINGS_RUNS", "500"))
"""Simulated companies for each kind of noise."""
BAND = (0.88, 0.92)


def measured(random: np.random.Generator, **how: float):
    one = company(random, **how)
    y, others = one.slice_costs, one.other_costs
    found = estimate_saving(y[:DAYS_BEFORE], others[:DAYS_BEFORE], y[DAYS_BEFORE:], others[DAYS_BEFORE:])
    assert found is not None
    return found, one.saved


def test_nine_of_ten_intervals_have_the_true_saving():
    """500 companies of every kind of noise together, four weeks after the change; effects from −10 to 50 %."""
    random = np.random.default_rng(13)
    hits = 0
    for _ in range(RUNS):
        found, saved = measured(
            random,
            autocorrelation=random.choice([0.0, 0.3, 0.5, 0.7]),
            noise=random.choice([0.1, 0.2, 0.3]),
            days_after=28,
            effect=random.uniform(-0.1, 0.5),
        )
        hits += found.lower <= saved <= found.upper
    assert BAND[0] <= hits / RUNS <= BAND[1]


def test_the_estimate_is_right_on_average():
    """100 companies that save a fifth: the errors cancel to within a few percent of what is saved."""
    random = np.random.default_rng(5)
    found = [measured(random, autocorrelation=0.3, noise=0.1, days_after=28, effect=0.2) for _ in range(100)]
    assert sum(each.saving for each, _ in found) == pytest.approx(sum(saved for _, saved in found), rel=0.05)


def test_growth_of_all_is_no_cost_and_its_fall_no_saving():
    """Everybody doubles; the slice does with them: nothing is saved, exactly."""
    found = estimate_saving([10.0] * 56, [100.0] * 56, [20.0] * 28, [200.0] * 28)
    assert found is not None
    assert (found.saving, found.lower, found.upper) == (0, 0, 0)
    halved = estimate_saving([10.0] * 56, [100.0] * 56, [10.0] * 28, [200.0] * 28)
    assert halved is not None
    assert (halved.saving, halved.counterfactual) == (280, 560)


@pytest.mark.parametrize(
    ("before", "others", "after"),
    [
        ([1.0] * 27, [1.0] * 27, [1.0] * 7),
        ([1.0] * 56, [1.0] * 56, [1.0] * 6),
        ([1.0] * 56, [0.0] * 56, [1.0] * 7),
        ([float("nan")] * 56, [1.0] * 56, [1.0] * 7),
        ([float("inf")] * 56, [1.0] * 56, [1.0] * 7),
        ([], [], []),
    ],
)
def test_too_little_is_no_estimate(before: list[float], others: list[float], after: list[float]):
    assert estimate_saving(before, others, after, [1.0] * len(after)) is None


def test_slices_of_nothing_have_finite_bounds():
    found = estimate_saving([0.0] * 56, [1.0] * 56, [0.0] * 28, [1.0] * 28)
    assert found is not None
    assert (found.lower, found.upper) == (0, 0)
