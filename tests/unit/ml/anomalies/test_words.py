"""Amounts in sentences: cents where they say something, and what is less than ten cents by its digits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.anomalies.words import amount, main_drivers, signed


@pytest.mark.parametrize(
    ("usd", "told", "changed"),
    [
        (1234.5, "1,234.50", "+1,234.50"),
        (Decimal("-3.2"), "-3.20", "-3.20"),
        (0.1, "0.10", "+0.10"),
        (Decimal("0.0013576"), "0.001358", "+0.001358"),
        (-0.05, "-0.05", "-0.05"),
        (1e-9, "0.000000001", "+0.000000001"),
        (0, "0.00", "+0.00"),
    ],
)
def test_an_amount_is_told_by_digits_that_say_something(usd: float | Decimal, told: str, changed: str) -> None:
    assert (amount(usd), signed(usd)) == (told, changed)


def test_drivers_of_less_than_a_cent_are_named() -> None:
    drivers = {"volume": Decimal("0.0015"), "price": Decimal("-0.0002"), "cache_rate": Decimal("0.00001")}
    assert main_drivers(drivers, 0.00131) == "By cause: volume +0.0015, price -0.0002"
