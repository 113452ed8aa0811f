"""Values become typed columns; each value that does not fit is named with a reason and a remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from ingestion.sources.events.conversion import convert
from ingestion.sources.events.fields import Kind

LATEST = datetime(2026, 6, 3, tzinfo=UTC).replace(tzinfo=None)


def _one(kind: Kind, value: Any) -> Any:
    converted = convert(kind, [value], LATEST)
    return converted.problems[0][0] if converted.problems else converted.array[0].as_py()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (" 7 ", 7),
        ("7.0", 7),
        (7.0, 7),
        (0, 0),
        ("", None),
        (None, None),
        (-1, "out_of_range"),
        ("-1", "out_of_range"),
        (1.5, "invalid_number"),
        ("1.5", "invalid_number"),
        ("1,000", "invalid_number"),
        (True, "invalid_number"),
        (float("nan"), "invalid_number"),
        ([1], "invalid_number"),
        (10**13, "out_of_range"),
        (10**30, "out_of_range"),
        ("9" * 5000, "invalid_number"),
    ],
)
def test_counts(value: Any, expected: Any) -> None:
    assert _one(Kind.COUNT, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-05-06T21:54:08Z", "2026-05-06 21:54:08"),
        ("2026-05-06T21:54:08.778215+00:00", "2026-05-06 21:54:08.778215"),
        ("2026-05-06T21:54:08+02:00", "2026-05-06 19:54:08"),
        ("2026-05-06 21:54:08", "2026-05-06 21:54:08"),
        ("2023-11-16 18:17:03.9799600", "2023-11-16 18:17:03.979960"),
        ("2023-11-16T18:17:03.979960123Z", "2023-11-16 18:17:03.979960"),
        ("1970-01-01T00:00:00Z", "out_of_range"),
        ("2026-06-03T00:00:00Z", "out_of_range"),
        ("0001-01-01T00:00:00+14:00", "out_of_range"),
        ("2026-02-30T00:00:00Z", "invalid_time"),
        ("yesterday", "invalid_time"),
        (1_700_000_000, "invalid_time"),
    ],
)
@pytest.mark.parametrize("other", ["2026-01-01T00:00:00Z", "2026-01-01 00:00:00.1234567", None])
def test_instants_alone_and_beside_others(value: Any, expected: str, other: str | None) -> None:
    converted = convert(Kind.INSTANT, [other, value], LATEST)
    found = converted.problems[1][0] if converted.problems else str(converted.array[1].as_py())
    assert found == expected
    assert 0 not in converted.problems


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_parquet_instants_of_any_unit_and_zone(unit: str, zone: str | None) -> None:
    moment = datetime(2026, 5, 6, 21, 54, 8, tzinfo=UTC)
    array = pa.array([moment if zone else moment.replace(tzinfo=None), None], pa.timestamp(unit, zone))
    converted = convert(Kind.INSTANT, array, LATEST)
    assert converted.array.to_pylist() == [moment.replace(tzinfo=None), None]


def test_nanoseconds_are_cut_to_microseconds() -> None:
    array = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns"))
    assert convert(Kind.INSTANT, array, LATEST).array[0].as_py().microsecond == 123_456


@pytest.mark.parametrize(
    ("value", "amount", "text", "decimals"),
    [
        ("0.002987", "0.002987000000", "0.002987", 6),
        ("0.0030", "0.003000000000", "0.0030", 4),
        ("2.50e-05", "0.000025000000", "2.50e-05", 7),
        ("3", "3.000000000000", "3", 0),
        (0.1, "0.100000000000", "0.1", 1),
        (Decimal("1.250"), "1.250000000000", None, 3),
        ("0.0000000000005", "0.000000000000", "0.0000000000005", 13),
        ("0.0000000000015", "0.000000000002", "0.0000000000015", 13),
    ],
)
def test_money_is_exact_and_rounded_half_to_even_once(value: Any, amount: str, text: str | None, decimals: int) -> None:
    converted = convert(Kind.MONEY, [value], LATEST)
    assert converted.array[0].as_py() == Decimal(amount)
    assert converted.extra["recorded_cost_text"][0].as_py() == text
    assert converted.extra["recorded_cost_decimals"][0].as_py() == decimals


@pytest.mark.parametrize("value", ["-1", "nan", "1e30", "$1", "three", True, {"usd": 1}])
def test_money_that_is_none_is_refused(value: Any) -> None:
    assert _one(Kind.MONEY, value) in ("out_of_range", "invalid_number", "out_of_range")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", "a"),
        ("", None),
        (12, "12"),
        (True, "true"),
        ("é", "é"),
        ("x" * 4096, "x" * 4096),
        ("x" * 4097, "text_too_long"),
        ("a\0b", "nul_byte"),
        ("\ud800", "invalid_encoding"),
        ({"a": 1}, "not_text"),
    ],
)
def test_texts(value: Any, expected: Any) -> None:
    assert _one(Kind.TEXT, value) == expected


def test_text_of_parquet_that_is_not_utf8_is_refused_alone() -> None:
    raw = pa.array([b"good", b"\xff\xfe"], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 2, raw.buffers())
    converted = convert(Kind.TEXT, column, LATEST)
    assert converted.array[0].as_py() == "good"
    assert converted.problems[1][0] == "invalid_encoding"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": "x"}, '{"a": "x", "b": 1}'),
        ('{"b": 1, "a": "x"}', '{"a": "x", "b": 1}'),
        ({}, None),
        ("{", "invalid_json"),
        ("[1]", "not_an_object"),
        (["team:search", "env=prod", "a"], '{"a": "true", "env": "prod", "team": "search"}'),
        ('["team:search"]', '{"team": "search"}'),
        ([{"key": "team", "value": "search"}], '{"team": "search"}'),
        ("team:search, env:prod", '{"env": "prod", "team": "search"}'),
        ([], None),
        ("search", "invalid_json"),
        ({"a": "\0"}, "nul_byte"),
        ({"a": "x" * 70_000}, "text_too_long"),
    ],
)
def test_objects(value: Any, expected: Any) -> None:
    assert _one(Kind.OBJECT, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), ("false", False), ("YES", True), (0, False), ("maybe", "invalid_value")]
)
def test_flags(value: Any, expected: Any) -> None:
    assert _one(Kind.FLAG, value) == expected
