"""What of the past comes again: named cases, and degenerate ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

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


def test_weeks_that_differ_widen_the_interval():
    steady, _ = outlook(dict.fromkeys(range(30), 2))
    swaying, _ = outlook({back: 1 + 2 * (back // 7 % 2) for back in range(30)})
    assert isinstance(steady, Recurring)
    assert isinstance(swaying, Recurring)
    assert steady.relative_half_width == Decimal("0.05")
    # Weeks of 7, 21, 7, 21: deviation 8.083, mean of two 14; 2.353 × 8.083 / 14 × √(1/2 + 7/30) = 1.163, kept at 1.
    assert swaying.relative_half_width == 1
