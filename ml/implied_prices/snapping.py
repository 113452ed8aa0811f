"""Prices that people set: the list price, round discounts on it, few digits per million.

Put here: candidates by plausibility, and when bounds single one out. Keep out: how the bounds were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import floor, log10

from ml.money import USD_QUANTUM

MILLION = 1_000_000
_PAD = 1e-11
DISCOUNT_STEPS_PCT = {1: Decimal(5), 2: Decimal(1), 3: Decimal("0.5"), 4: Decimal("0.1")}
"""Plausibility level → steps of the discounts that are tried; the same level tries that many digits per million."""


@dataclass(frozen=True)
class Snap:
    """A plausible price, why it is one, and how many as plausible ones chance would put within the bounds."""

    price: Decimal
    rule: str
    accidental_candidates: float


def snap(
    lower: float,
    upper: float,
    named: Mapping[str, Decimal],
    bases: Mapping[str, Decimal],
    max_accidental: float,
    *,
    digits: bool = True,
) -> Snap | None:
    """The most plausible price within [lower, upper] USD per unit, None when the bounds do not single one out.

    `named` are prices that exist (list, contract, other variants), `bases` those that discounts are taken from.
    """
    low, high = lower * (1 - _PAD), upper * (1 + _PAD)
    if not 0 < low <= high or high == float("inf"):
        return None
    middle, width = (low + high) / 2, high - low
    accidental = width / middle * max(1, len(named))
    for name, price in named.items():
        if low <= float(price) <= high:
            return Snap(price, name, accidental) if accidental <= max(max_accidental, 0.2) else None
    for level, step in DISCOUNT_STEPS_PCT.items():
        accidental += sum(width / (float(base) * float(step) / 100) for base in bases.values())
        if digits:
            accidental += width / _digit_step(middle, level)
        found = dict(_discounted(low, high, step, bases))
        if digits:
            found = dict(_few_digits(low, high, level)) | found
        if found:
            best = sorted(found.items(), key=lambda item: abs(float(item[0]) - middle))
            return Snap(*best[0], accidental) if accidental <= max_accidental else None
    return None


def _digit_step(price: float, digits: int) -> float:
    return 10.0 ** (floor(log10(price * MILLION)) - digits + 1) / MILLION


def _discounted(low: float, high: float, step: Decimal, bases: Mapping[str, Decimal]) -> Iterator[tuple[Decimal, str]]:
    """The first few round discounts (or surcharges) that land within the bounds."""
    for name, base in bases.items():
        first = ((1 - Decimal(high) / base) * 100 / step).to_integral_value(rounding=ROUND_CEILING) * step
        for discount in (first, first + step, first + 2 * step):
            price = (base * (100 - discount) / 100).quantize(USD_QUANTUM)
            if low <= float(price) <= high and discount != 0:
                yield price, f"{abs(discount).normalize():f} % {'below' if discount > 0 else 'above'} the {name}"


def _few_digits(low: float, high: float, digits: int) -> Iterator[tuple[Decimal, str]]:
    """The first few prices per million with this many digits that land within the bounds."""
    step = Decimal(f"{_digit_step((low + high) / 2, digits) * MILLION:.15g}")
    first = (Decimal(low) * MILLION / step).to_integral_value(rounding=ROUND_CEILING) * step
    for per_million in (first, first + step, first + 2 * step):
        price = (per_million / MILLION).quantize(USD_QUANTUM)
        if low <= float(price) <= high:
            yield price, f"{per_million.normalize():f} USD per million"


def named_first(pairs: Sequence[tuple[str, Decimal | None]]) -> dict[str, Decimal]:
    """Names to known, positive prices, without repeating a price; the first name keeps it."""
    found: dict[str, Decimal] = {}
    for name, price in pairs:
        if price is not None and price > 0 and price not in found.values():
            found[name] = price
    return found
