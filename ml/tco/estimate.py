"""What a configuration costs in a month, line by line: GPUs, storage, network, services, API tokens.

A month has 30.4375 days or 730.5 hours unless the caller says otherwise. Rates come from the caller: a real rate of
the way of paying where there is one, else the on-demand rate less a discount that is an assumption and says so.
Put here: the arithmetic. Keep out: rate lists, names, printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HOURS_A_MONTH = Decimal("730.5")
"""365.25 days ÷ 12 × 24 hours."""
SPOT_DISCOUNT = Decimal("0.6")
RESERVED_DISCOUNT = Decimal("0.4")
"""Assumptions where no rate of the kind is known."""
THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class Rate:
    """A price: USD per unit, what it is for and where it is from; `upfront_usd` is paid once for `term_months`."""

    sku: str
    provider: str
    purchase_option: str
    unit: str
    usd: Decimal
    source: str
    upfront_usd: Decimal = Decimal(0)
    term_months: int | None = None

    def hourly(self, hours_a_month: Decimal = HOURS_A_MONTH) -> Decimal:
        """What an hour costs with the upfront payment spread over the term."""
        if not self.upfront_usd or not self.term_months:
            return self.usd
        return self.usd + self.upfront_usd / (self.term_months * hours_a_month)


@dataclass(frozen=True)
class Line:
    """One line of an estimate: quantity × rate × factor. `basis` says where the rate is from."""

    name: str
    quantity: Decimal
    unit: str
    usd_per_unit: Decimal
    factor: Decimal
    cost_usd: Decimal
    basis: str
    is_assumption: bool = False


@dataclass(frozen=True)
class Estimate:
    """Lines and their sum; `cost_per_used_hour_usd` is the compute part by hour in which it works."""

    lines: tuple[Line, ...]
    total_usd: Decimal
    hours_a_month: Decimal
    cost_per_used_hour_usd: Decimal | None = None


def compute(
    name: str,
    on_demand: Rate,
    actual: Rate | None,
    *,
    count: int,
    hours: Decimal,
    discount: Decimal | None,
    assumed_discount: Decimal,
    hours_a_month: Decimal = HOURS_A_MONTH,
) -> Line:
    """GPU or instance hours: rate × hours × count × (1 − discount).

    A discount that is given counts on the on-demand rate. Else the rate of the way of paying (`actual`), upfront
    included, and where none is known the on-demand rate less `assumed_discount`.
    """
    quantity = hours * count
    if discount is None and actual is not None:
        each = actual.hourly(hours_a_month)
        guess = "assumption" in actual.source
        return Line(name, quantity, on_demand.unit, each, Decimal(1), quantity * each, actual.source, guess)
    assumed = discount is None and assumed_discount > 0
    off = assumed_discount if discount is None else discount
    factor = 1 - off
    basis = on_demand.source
    if assumed:
        basis += f"; less {off * 100:f} %, an assumption: no rate of this kind is known"
    elif off:
        basis += f"; less {off * 100:f} % as asked"
    cost = quantity * on_demand.usd * factor
    return Line(name, quantity, on_demand.unit, on_demand.usd, factor, cost, basis, assumed)


def priced(name: str, quantity: Decimal, rate: Rate) -> Line:
    """Storage, IOPS, network, services: quantity × rate."""
    return Line(name, quantity, rate.unit, rate.usd, Decimal(1), quantity * rate.usd, rate.source)


def tokens(name: str, count: int, usd_per_1k: Decimal, basis: str) -> Line:
    """API tokens at a price per thousand."""
    quantity = Decimal(count) / THOUSAND
    return Line(name, quantity, "1k tokens", usd_per_1k, Decimal(1), quantity * usd_per_1k, basis)


def halves(count: int) -> tuple[int, int]:
    """Tokens half in, half out; an odd one goes in."""
    return count - count // 2, count // 2


def total(
    lines: Sequence[Line], hours_a_month: Decimal, used_hours: Decimal | None = None, utilization: Decimal | None = None
) -> Estimate:
    """The sum, and what an hour of work costs where utilisation says how many of the compute hours work."""
    whole = sum((line.cost_usd for line in lines), Decimal(0))
    each = None
    if used_hours and utilization:
        each = sum((line.cost_usd for line in lines if line.unit.endswith("hour")), Decimal(0)) / (
            used_hours * utilization
        )
    return Estimate(tuple(lines), whole, hours_a_month, each)
