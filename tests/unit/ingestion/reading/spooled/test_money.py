"""Cents become dollars by moving the point, for any decimal text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.reading.lines import loads
from ingestion.reading.spooled.fields import Refused, money_of

signs = st.sampled_from(["", "-", "+"])
wholes = st.text("0123456789", min_size=1, max_size=24)
fractions = st.text("0123456789", max_size=30)
exponents = st.one_of(st.just(""), st.integers(-20, 2).map("e{}".format), st.integers(-20, 2).map("E{:+d}".format))


@st.composite
def decimal_texts(draw: st.DrawFn) -> str:
    fraction = draw(fractions)
    return f"{draw(signs)}{draw(wholes)}{'.' + fraction if fraction else ''}{draw(exponents)}"


@given(decimal_texts())
def test_text_keeps_every_digit_and_the_value_is_within_half_a_step(text: str) -> None:
    dollars = money_of(text, "amount", -2)
    exact = Fraction(text) / 100
    assert Fraction(dollars.text) == exact
    assert abs(Fraction(dollars.value) - exact) <= Fraction(1, 2 * 10**12)
    assert dollars.printed == text


@given(signs, wholes, st.text("0123456789", min_size=1, max_size=10))
def test_ten_decimals_of_a_cent_are_exact(sign: str, whole: str, fraction: str) -> None:
    text = f"{sign}{whole}.{fraction}"
    assert Fraction(money_of(text, "amount", -2).value) * 100 == Fraction(text)


@given(st.lists(st.decimals(-(10**9), 10**9, places=10, allow_nan=False), max_size=20))
def test_sums_of_dollars_are_sums_of_cents(cents: list[Decimal]) -> None:
    dollars = [Fraction(money_of(f"{each:f}", "amount", -2).value) for each in cents]
    assert sum(dollars) * 100 == sum(Fraction(each) for each in cents)


@given(decimal_texts())
def test_numbers_and_strings_say_the_same(text: str) -> None:
    printed = text.lstrip("+")
    try:
        number = loads(printed)
    except ValueError:
        return
    assert money_of(number, "amount", -2).value == money_of(printed, "amount", -2).value


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-30, max_value=1e15).map(repr))
def test_what_a_float_prints_is_read_digit_by_digit(text: str) -> None:
    dollars = money_of(loads(text), "amount", -2)
    assert Fraction(dollars.text) * 100 == Fraction(text)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1,5", "0x10", "1_000", "١٢", "1e99999", "1e", "--1", "$1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        money_of(text, "amount", -2)
