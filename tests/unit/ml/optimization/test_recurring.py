"""What of the past comes again: named cases, and degenerate ones."""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from ml.optimization.recurring import NotRecurring, Recurring, recurring

END = date(2026, 2, 28)
START = END - timedelta(days=29)


def outlook(values: dict[int, object]) -> tuple[Recurring | NotRecurring, dict[date, Decimal]]:
    """Values by days before the end."""
    amounts = {END - timedelta(days=back): Decimal(str(value)) for back, value in values.items()}
    return recurring(amounts, START, END, days_ahead=30, min_days=7), amounts


def ahead(values: dict[int, object]) -> Decimal:
    found, amounts = outlook(values)
    assert isinstance(found, Recurring), found
    return found.ahead(amounts)


def test_equal_days_go_on():
    assert ahead(dict.fromkeys(range(30), 2)) == 60


def test_a_burst_of_several_days_is_left_out():
    assert ahead(dict.fromkeys(range(30), 2) | dict.fromkeys((4, 5, 6), 400)) == pytest.approx(Decimal(60))


def test_a_fall_is_believed_at_once_and_growth_over_two_weeks():
    assert ahead(dict.fromkeys(range(7), 1) | dict.fromkeys(range(7, 30), 10)) == 30
    assert ahead(dict.fromkeys(range(7), 8) | dict.fromkeys(range(7, 30), 4)) == pytest.approx(Decimal(180))


def test_a_new_workload_counts_from_its_first_day():
    assert ahead(dict.fromkeys(range(10), 3)) == pytest.approx(Decimal(90))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "used on 0 of 30 days"),
        ({3: 100}, "used on 1 of 30 days"),
        (dict.fromkeys(range(5, 30), 2), "it has stopped"),
        (dict.fromkeys(range(30), 0), "used on 0"),
        (dict.fromkeys(range(30), -5), "used on 0"),
    ],
)
def test_what_says_nothing_says_why(values: dict[int, object], words: str):
    found, _ = outlook(values)
    assert isinstance(found, NotRecurring)
    assert words in found.reason


RUNS = int(os.environ.get("COSTOPS_TEST_SAVINGS_RUNS", "300"))


def test_nine_of_ten_intervals_have_the_days_ahead():
    """Steady workloads with weekdays and noise that goes on from day to day: thirty days seen, thirty to come."""
    random = np.random.default_rng(4)
    hits = 0
    for _ in range(RUNS):
        shocks = random.normal(0, 0.2 * np.sqrt(1 - 0.3**2), 110)
        levels = np.zeros(110)
        for day in range(1, 110):
            levels[day] = 0.3 * levels[day - 1] + shocks[day]
        time = np.arange(60)
        costs = 100 * np.exp(levels[50:] + 0.3 * np.sin(2 * np.pi * time / 7 + random.uniform(0, 6)))
        seen = {START + timedelta(days=number): Decimal(str(round(costs[number], 4))) for number in range(30)}
        found = recurring(seen, START, END, days_ahead=30, min_days=7)
        assert isinstance(found, Recurring)
        expected = float(found.ahead(seen))
        hits += abs(expected - costs[30:].sum()) <= float(found.relative_half_width) * expected
    assert 0.87 <= hits / RUNS <= 0.94


def test_weeks_that_differ_widen_the_interval():
    steady, _ = outlook(dict.fromkeys(range(30), 2))
    swaying, _ = outlook({back: 1 + 2 * (back // 7 % 2) for back in range(30)})
    assert isinstance(steady, Recurring)
    assert isinstance(swaying, Recurring)
    assert steady.relative_half_width == Decimal("0.05")
    # Weeks of 7, 21, 7, 21: deviation 8.083, mean of two 14; 2.353 × 8.083 / 14 × √(1/2 + 7/30) = 1.163, kept at 1.
    assert swaying.relative_half_width == 1
