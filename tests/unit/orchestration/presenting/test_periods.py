"""Periods by name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.presenting.periods import parse_period

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("name", "first", "last", "label"),
    [
        ("2026-02", "2026-02-01", "2026-02-28", "February 2026"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "Q1 2026"),
        ("2025-W01", "2024-12-30", "2025-01-05", "week 1 of 2025"),
        ("2024", "2024-01-01", "2024-12-31", "2024"),
        ("2026-02-03", "2026-02-03", "2026-02-03", "2026-02-03"),
        ("2026-02-03..2026-02-05", "2026-02-03", "2026-02-05", "2026-02-03 to 2026-02-05"),
        ("today", "2026-03-31", "2026-03-31", "2026-03-31"),
        ("month", "2026-03-01", "2026-03-31", "March 2026"),
        ("last_month", "2026-02-01", "2026-02-28", "February 2026"),
        ("last_quarter", "2025-10-01", "2025-12-31", "Q4 2025"),
        ("last_week", "2026-03-23", "2026-03-29", "week 13 of 2026"),
        ("30d", "2026-03-01", "2026-03-30", "2026-03-01 to 2026-03-30"),
    ],
)
def test_words(name: str, first: str, last: str, label: str) -> None:
    period = parse_period(name, TODAY)
    assert (str(period.first), str(period.last), period.label) == (first, last, label)


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-Q5", "2026-W54", "0000", "2026-02-30", "2026-02-05..2026-02-03", "0d", "99999d", "mo"]
)
def test_what_is_no_period_is_an_error_that_lists_what_can_be_written(name: str) -> None:
    with pytest.raises(ValueError, match="2026-Q3"):
        parse_period(name, TODAY)


@pytest.mark.parametrize(
    ("name", "through", "first", "last"),
    [
        ("2026-03", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("2026-03", "2026-03-10", "2026-02-01", "2026-02-10"),
        ("2026-03", "2026-03-30", "2026-02-01", "2026-02-28"),
        ("2026-01", "2026-01-31", "2025-12-01", "2025-12-31"),
        ("2026-Q1", "2026-02-14", "2025-10-01", "2025-11-14"),
        ("2026-W13", "2026-03-25", "2026-03-16", "2026-03-18"),
        ("30d", "2026-03-30", "2026-01-30", "2026-02-28"),
        ("2026-03-05", "2026-03-31", "2026-03-04", "2026-03-04"),
    ],
)
def test_like_is_compared_with_like(name: str, through: str, first: str, last: str) -> None:
    before = parse_period(name, TODAY).through(date.fromisoformat(through)).before()
    assert (str(before.first), str(before.last)) == (first, last)


@pytest.mark.parametrize(
    ("name", "through", "label"),
    [
        ("2026-03", "2026-03-01", "1 March 2026"),
        ("2026-03", "2026-03-28", "1–28 March 2026"),
        ("2026-Q1", "2026-02-14", "1 January–14 February 2026"),
        ("2026-W01", "2026-01-02", "29 December 2025–2 January 2026"),
    ],
)
def test_what_is_cut_says_its_days(name: str, through: str, label: str) -> None:
    assert parse_period(name, TODAY).through(date.fromisoformat(through)).label == label


@given(
    st.dates(date(2001, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["today", "yesterday", "week", "last_week", "month", "last_month", "quarter", "year", "7d", "90d"]),
)
def test_a_whole_period_follows_its_predecessor_without_a_gap(today: date, name: str) -> None:
    period = parse_period(name, today)
    before = period.before()
    assert before.last == period.first - timedelta(days=1)
    assert before.first <= before.last
