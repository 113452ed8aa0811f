"""From the prices of one moment to prices per meter.

Put here: which listed price a meter takes, and its exact price per unit. Keep out: dates, contexts, tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from genai_prices.types import ModelPrice, calc_unit_price
from genai_prices.units import UnitDef
from genai_prices.validation import validate_priced_units

from ingestion.sources.prices.unit_registry import InvalidPriceList as InvalidPriceList
from ingestion.sources.prices.unit_registry import unit_registry
from ingestion.vocabulary.meters import METERS, METERS_BY_NAME, Meter

PRICE_PLACES = 12
_PRICES_REMEMBERED = 16_384
"""The list has tens of thousands of rows and a few thousand prices: each is worded once."""


@dataclass(frozen=True)
class UnitPrice:
    """What one unit of a meter costs in USD, exactly, and the price key of the list it comes from."""

    usd: Fraction
    source_price_key: str

    @property
    def rounded_usd(self) -> Decimal:
        """The price to twelve decimals, half to even."""
        return round_half_even(self.usd)

    @property
    def text(self) -> str:
        """The exact price: a decimal where it terminates, else `n/d`."""
        return exact_text(self.usd)


def listed_units(prices: ModelPrice) -> list[UnitDef]:
    """The units these prices cover, checked for the coverage rules that make a nearest price unique."""
    registry, _ = unit_registry()
    keys = [key for key, price in vars(prices).items() if price is not None]
    units = [registry.unit_for_price_key(key) for key in keys]
    try:
        validate_priced_units(units, registry)
    except ValueError as error:
        raise InvalidPriceList(str(error)) from error
    return units


def prices_by_meter(prices: ModelPrice, total_input_tokens: int) -> dict[str, UnitPrice]:
    """Price per unit of every meter that has an applicable one, for requests of this total input.

    A meter takes the price of the nearest listed unit above it; what has none is absent (unpriced).
    """
    units = listed_units(prices)
    per_unit = {unit.usage_key: _price_of_one(prices, unit, total_input_tokens) for unit in units}
    found: dict[str, UnitPrice] = {}
    for meter in METERS:
        price = _surcharge(meter, units, per_unit) if meter.is_surcharge else _nearest(meter, units, per_unit)
        if price is not None:
            found[meter.name] = price
    return found


def _price_of_one(prices: ModelPrice, unit: UnitDef, total_input_tokens: int) -> Fraction:
    listed = calc_unit_price(getattr(prices, unit.price_key), 1, total_input_tokens, 1)
    return Fraction(listed) / unit.per


def _nearest_unit(dimensions: Mapping[str, str], units: list[UnitDef]) -> UnitDef | None:
    above = [unit for unit in units if unit.dimensions.items() <= dimensions.items()]
    return max(above, key=lambda unit: len(unit.dimensions), default=None)


def _nearest(meter: Meter, units: list[UnitDef], per_unit: Mapping[str, Fraction]) -> UnitPrice | None:
    unit = _nearest_unit(meter.dimensions, units)
    if unit is None:
        return None
    return UnitPrice(per_unit[unit.usage_key] / meter.units_per_priced_unit, unit.price_key)


def _surcharge(meter: Meter, units: list[UnitDef], per_unit: Mapping[str, Fraction]) -> UnitPrice | None:
    own = next((unit for unit in units if unit.dimensions == meter.dimensions), None)
    base = _nearest_unit(METERS_BY_NAME["output"].dimensions, units)
    if own is None or base is None:
        return None
    difference = per_unit[own.usage_key] - per_unit[base.usage_key]
    return UnitPrice(difference, f"{own.price_key}-{base.price_key}")


@lru_cache(_PRICES_REMEMBERED)
def round_half_even(value: Fraction, places: int = PRICE_PLACES) -> Decimal:
    """The fraction as a Decimal with this many places, half to even."""
    return Decimal(f"{round(value * 10**places)}E-{places}")


@lru_cache(_PRICES_REMEMBERED)
def exact_text(value: Fraction) -> str:
    """The fraction without loss: `0.00000125`, or `37/1200000000` where no decimal is exact."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    return f"{Decimal(f'{int(value * 10**places)}E-{places}'):f}"
