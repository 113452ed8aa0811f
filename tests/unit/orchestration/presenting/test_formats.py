"""Figures in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.presenting.formats import UNKNOWN, Unit, shown


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("1234.565", Unit.USD, "$1,234.57"),
        ("-5", Unit.USD, "-$5.00"),
        ("0", Unit.USD, "$0.00"),
        ("0.004", Unit.USD, "<$0.01"),
        ("-0.004", Unit.USD, "-<$0.01"),
        ("0.005", Unit.USD, "$0.01"),
        ("12.3", Unit.USD_CHANGE, "+$12.30"),
        ("-12.3", Unit.USD_CHANGE, "-$12.30"),
        ("0.000123456", Unit.USD_FINE, "$0.0001235"),
        ("0.5", Unit.USD_FINE, "$0.50"),
        ("1234567", Unit.COUNT, "1,234,567"),
        ("80", Unit.PERCENT, "80.0%"),
        ("0.8", Unit.RATIO, "80.0%"),
        ("0.0001", Unit.RATIO, "<0.1%"),
        ("8", Unit.PERCENT_CHANGE, "+8.0%"),
    ],
)
def test_figures(value: str, unit: Unit, words: str) -> None:
    assert shown(Decimal(value), unit) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("999", Unit.COUNT, "999"),
        ("999999", Unit.COUNT, "1.00M"),
        ("12345678", Unit.COUNT, "12.3M"),
        ("1234567", Unit.COUNT, "1.23M"),
        ("20932.76", Unit.USD, "$20,932.76"),
        ("1234567.89", Unit.USD, "$1.23M"),
    ],
)
def test_short_figures(value: str, unit: Unit, words: str) -> None:
    assert shown(Decimal(value), unit, is_short=True) == words


@pytest.mark.parametrize("unit", list(Unit))
def test_unknown_is_never_a_figure(unit: Unit) -> None:
    assert shown(None, unit) == UNKNOWN


def test_what_is_no_number_is_unknown() -> None:
    assert shown(float("nan"), Unit.USD) == UNKNOWN


def test_days() -> None:
    assert shown(date(2026, 10, 1), Unit.MONTH) == "Oct 2026"
    assert shown(date(2026, 10, 1), Unit.DATE) == "2026-10-01"
    assert shown(datetime(2026, 10, 1, 9, 5, tzinfo=UTC), Unit.INSTANT) == "2026-10-01 09:05 UTC"


def test_text_loses_what_steers_a_terminal_or_turns_writing_around() -> None:
    assert shown("a\x1b[31mb\u202ec", Unit.TEXT).isprintable()


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=12))
def test_dollars_are_within_half_a_cent_and_never_zero_for_something(value: Decimal) -> None:
    words = shown(value, Unit.USD)
    if "<" in words:
        assert 0 < abs(value) < Decimal("0.005")
        return
    read = Decimal(words.replace("$", "").replace(",", ""))
    assert abs(read - value) <= Decimal("0.005")
    assert (read == 0) == (value == 0)


@given(st.integers(min_value=0, max_value=10**14))
def test_short_counts_are_within_half_of_their_last_digit(value: int) -> None:
    words = shown(value, Unit.COUNT, is_short=True)
    scale = {"k": 3, "M": 6, "B": 9, "T": 12}.get(words[-1], 0)
    read = Decimal(words.rstrip("kMBT").replace(",", "")) * 10**scale
    assert abs(read - value) <= Decimal(value) * Decimal("0.006")
