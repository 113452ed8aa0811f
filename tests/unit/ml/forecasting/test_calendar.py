"""What follows a calendar: rhythms found, amounts that fall due, fees among metered days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from ml.forecasting.calendar import amounts_due, split_fees

LAST = date(2026, 6, 30)


def booked(days: int, amounts: dict[date, float]) -> np.ndarray:
    """Amounts per day, the last day 2026-06-30."""
    values = np.zeros(days)
    for day, amount in amounts.items():
        values[days - 1 - (LAST - day).days] = amount
    return values


def due(values: np.ndarray, horizon: int = 100) -> dict[date, float]:
    ahead = amounts_due(values, LAST, horizon)
    return {LAST + timedelta(days=int(i) + 1): float(ahead[i]) for i in np.flatnonzero(ahead)}


def test_a_monthly_fee_falls_due_on_its_day_of_the_month_and_on_no_other() -> None:
    fee = booked(150, {date(2026, m, 1): 300.0 for m in (3, 4, 5, 6)})
    assert due(fee) == {
        date(2026, 7, 1): 300.0,
        date(2026, 8, 1): 300.0,
        date(2026, 9, 1): 300.0,
        date(2026, 10, 1): 300,
    }


def test_a_contract_step_counts_from_its_newest_amount() -> None:
    fee = booked(150, {date(2026, 4, 15): 300.0, date(2026, 5, 15): 300.0, date(2026, 6, 15): 450.0})
    assert due(fee, 40) == {date(2026, 7, 15): 450.0}


def test_a_fee_of_the_last_day_of_the_month_stays_there() -> None:
    fee = booked(150, {date(2026, 3, 31): 9.0, date(2026, 4, 30): 9.0, date(2026, 5, 31): 9.0, date(2026, 6, 30): 9.0})
    assert due(fee, 70) == {date(2026, 7, 31): 9.0, date(2026, 8, 31): 9.0}


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({date(2026, 6, 10): -500.0}, {}),
        ({date(2026, m, 3): 10.0 for m in (1, 2, 3)}, {}),
        ({date(2026, 6, d): 7.0 for d in (2, 9, 16, 23, 30)}, {date(2026, 7, 7): 7.0, date(2026, 7, 14): 7.0}),
        ({date(2026, 4, 1): 90.0, date(2026, 1, 1): 90.0}, {date(2026, 7, 1): 90.0}),
    ],
    ids=["a credit that came once", "a fee that stopped", "weekly", "quarterly"],
)
def test_rhythms(amounts: dict[date, float], expected: dict[date, float]) -> None:
    assert due(booked(200, amounts), 14) == expected


def test_an_amortised_amount_goes_on_every_day() -> None:
    assert amounts_due(np.full(40, 2.5), LAST, 3).tolist() == [2.5, 2.5, 2.5]


def test_a_fee_on_day_one_among_metered_days_is_taken_out_and_put_back_monthly() -> None:
    usual = np.resize([10.0, 11.0, 9.0, 10.0, 10.5, 4.0, 4.0], 150)
    with_fee = usual + booked(150, {date(2026, m, 1): 200.0 for m in (2, 3, 4, 5, 6)})
    cleaned, fees = split_fees(with_fee[None], np.array([150]), LAST, 40)
    assert np.abs(cleaned[0] - usual).max() < 8
    assert np.flatnonzero(fees[0]).tolist() == [0, 31]
    assert fees[0, 0] == pytest.approx(200, abs=8)


def test_spikes_without_a_rhythm_are_no_fee() -> None:
    values = np.full(150, 10.0)
    values[[30, 41, 100, 148]] = 300.0
    cleaned, fees = split_fees(values[None], np.array([150]), LAST, 40)
    assert (cleaned == values).all()
    assert not fees.any()
