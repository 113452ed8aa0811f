"""One set of limits: each reader takes the same numbers and times, and refuses the same ones with the same word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ingestion.api.numbers import money as reported_money
from ingestion.reading.spooled.fields import instant_of, money_of
from ingestion.reading.values import exact_decimal, parse_instant, to_money
from ingestion.sources.events.usage_shapes.values import instant, recorded_cost
from ingestion.sources.events.values import in_range, parse_money
from ingestion.sources.events.values import parse_instant as parse_own_instant
from ingestion.sources.gpu.settings import parse_time

A_RUN = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)

MONEY: dict[str, Callable[[str], Decimal]] = {
    "tables": lambda text: to_money(exact_decimal(text)),
    "answers": lambda text: money_of(text, "cost").value,
    "logs": lambda text: recorded_cost(text, "cost")["recorded_cost_usd"],
    "own events": lambda text: parse_money(text)[0],
}
TIMES: dict[str, Callable[[str], datetime]] = {
    "tables": parse_instant,
    "answers": lambda text: instant_of(text, "date"),
}
TIMES_OF_CALLS: dict[str, Callable[[str], Any]] = {
    "logs": lambda text: instant(text, "time"),
    "own events": lambda text: in_range(parse_own_instant(text), A_RUN),
    "gpu": parse_time,
}


def word(read: Callable[[str], object], text: str) -> str:
    """The fault that a reader names; 'read' where it names none."""
    try:
        read(text)
    except ValueError as refused:
        problem = getattr(refused, "problem", None)
        return str(problem[0] if problem else getattr(refused, "reason", refused))
    return "read"


@pytest.mark.parametrize("reader", MONEY)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Worked by hand: half to even at the twelfth place, and the largest that decimal(38,12) holds.
        ("0.0000000000005", "0E-12"),
        ("0.0000000000015", "0.000000000002"),
        ("1.5e-3", "0.001500000000"),
        ("99999999999999999999999999", "99999999999999999999999999.000000000000"),
        ("100000000000000000001", "100000000000000000001.000000000000"),
    ],
)
def test_money_is_read_alike(reader: str, text: str, expected: str) -> None:
    assert str(MONEY[reader](text)) == str(Decimal(expected))
    assert reported_money(Decimal(text)) == Decimal(expected)


@pytest.mark.parametrize("reader", MONEY)
@pytest.mark.parametrize(
    ("text", "fault"),
    [("1E+26", "out_of_range"), ("1,5", "invalid_number"), ("NaN", "invalid_number")],
)
def test_what_is_no_money_is_refused_with_one_word(reader: str, text: str, fault: str) -> None:
    assert word(MONEY[reader], text) == fault


@pytest.mark.parametrize("reader", TIMES)
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1970-01-01T00:00:00Z", "read"),
        ("2199-12-31T23:59:59Z", "read"),
        ("1969-12-31T23:59:59Z", "out_of_range"),
        ("2200-01-01T00:00:00Z", "out_of_range"),
        ("yesterday", "invalid_time"),
    ],
)
def test_times_have_one_span(reader: str, text: str, fault: str) -> None:
    assert word(TIMES[reader], text) == fault


@pytest.mark.parametrize("reader", TIMES_OF_CALLS)
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2000-01-01T00:00:00", "read"),
        # The epoch read in a wrong unit: 1,772,323,200 seconds taken for milliseconds.
        ("1970-01-21T12:18:43", "out_of_range"),
        ("1999-12-31T23:59:59", "out_of_range"),
        ("2200-01-01T00:00:00", "out_of_range"),
        ("yesterday", "invalid_time"),
    ],
)
def test_times_of_calls_begin_later(reader: str, text: str, fault: str) -> None:
    assert word(TIMES_OF_CALLS[reader], text) == fault
