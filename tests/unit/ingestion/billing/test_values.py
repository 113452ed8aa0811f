# ruff: noqa: DTZ001 - instants are naive UTC
from __future__ import annotations

import json
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.reading.tabular import key_values, values
from ingestion.reading.tabular.slashed_dates import parse_date

DIGITS = st.text("0123456789", min_size=1, max_size=20)
NUMBERS = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole}{fraction}{exponent}",
    st.sampled_from(["", "-", "+"]),
    DIGITS,
    st.one_of(st.just(""), DIGITS.map(lambda digits: "." + digits)),
    st.one_of(st.just(""), st.integers(-18, 5).map(lambda power: f"E{power:+d}"), st.integers(-9, 4).map("e{}".format)),
)
EXACT = Context(prec=200)


@settings(max_examples=300, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_money_is_the_exact_text_rounded_half_even_once(texts: list[str]) -> None:
    converted, exact = values.money(pa.array(texts, pa.string()))
    assert not converted.problems
    for text, value, plain in zip(texts, converted.values.to_pylist(), exact.to_pylist(), strict=True):
        assert "e" not in plain.lower()
        assert EXACT.compare(Decimal(plain), Decimal(text)) == 0
        assert value == Decimal(text).quantize(Decimal("1e-12"), rounding=ROUND_HALF_EVEN, context=EXACT)


def test_scientific_notation_keeps_its_digits_in_plain_text() -> None:
    _, exact = values.money(pa.array(["2.323760000E-9", "5.64902E-05", "0.00000080000", "0.0"]))
    assert exact.to_pylist() == ["0.000000002323760000", "0.0000564902", "0.00000080000", "0.0"]


@pytest.mark.parametrize(
    "text", ["1.234,50", "1_000", "0x10", "NaN", "Infinity", "1e99999", "--1", "5 USD", "٣", "1e-70", "9" * 27]
)
def test_what_is_no_number_is_marked_and_its_neighbours_stay(text: str) -> None:
    converted, _ = values.money(pa.array(["1.5", text, None]))
    assert converted.values.to_pylist() == [Decimal("1.5"), None, None]
    assert list(converted.problems) == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-13T10:00Z", datetime(2023, 11, 13, 10)),
        ("2024-09-01 00:00:00", datetime(2024, 9, 1)),
        ("2023-11-01T00:00:00.000Z", datetime(2023, 11, 1)),
        ("2023-11-01T00:00:00.123456789Z", datetime(2023, 11, 1, 0, 0, 0, 123456)),
        ("2024-09-01T02:30:00+02:00", datetime(2024, 9, 1, 0, 30)),
        ("2024-09-01T02:30:00-0530", datetime(2024, 9, 1, 8)),
        ("2024-09-01 00:00:00 UTC", datetime(2024, 9, 1)),
        ("2024-09-01", datetime(2024, 9, 1)),
    ],
)
def test_instants_are_naive_utc(text: str, expected: datetime) -> None:
    assert values.parse_instant(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-01", "2024-02-30T00:00Z", "0001-01-01", "9999-12-31", "01/02/2024"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(values.Unusable):
        values.parse_instant(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9/2/2023", date(2023, 9, 2)),
        ("02/02/2021", date(2021, 2, 2)),
        ("3/1/21", date(2021, 3, 1)),
        ("2022-11-03", date(2022, 11, 3)),
        ("2022-11-03T00:00:00Z", date(2022, 11, 3)),
        ("20221103", date(2022, 11, 3)),
        ("9/30/2023 12:00:00 AM", date(2023, 9, 30)),
    ],
)
def test_dates_with_slashes_are_month_first(text: str, expected: date) -> None:
    assert parse_date(text) == expected


def test_a_date_that_cannot_be_month_first_is_refused() -> None:
    with pytest.raises(values.Unusable, match="month first"):
        parse_date("25/02/2021")
    assert parse_date("25/02/2021", day_first=True) == date(2021, 2, 25)


CELLS = st.lists(
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)), min_size=4, max_size=4
)


@settings(max_examples=100, deadline=None)
@given(CELLS, CELLS)
def test_packed_json_gives_back_the_cells(one: list[str | None], other: list[str | None]) -> None:
    packed = values.pack_json({'a "b"': pa.array(one, pa.string()), "c": pa.array(other, pa.string())})
    texts = packed.to_pylist() if packed is not None else [None] * 4
    for left, right, text in zip(one, other, texts, strict=True):
        expected = {key: cell for key, cell in (('a "b"', left), ("c", right)) if cell is not None}
        assert (json.loads(text) if text else {}) == expected


def test_tags_without_outer_braces_become_an_object() -> None:
    objects, other = key_values.json_objects(
        pa.array(['"a": "1","b": "2"', '{"c": 3}', "not json", None, '{"x": NaN}'])
    )
    assert [json.loads(text) if text else None for text in objects.to_pylist()] == [
        {"a": "1", "b": "2"}, {"c": 3}, None, None, None,
    ]  # fmt: skip
    assert other.to_pylist() == [None, None, "not json", None, '{"x": NaN}']
