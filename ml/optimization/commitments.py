"""How much of a steady demand to commit to: the newsvendor's answer, what it costs, and how it would have done.

A unit that is committed costs its effective rate every hour (upfront × units spread over the term), one on demand its
rate only when it is needed. So the k-th unit pays when it is needed at least effective ÷ on-demand of the time; where a
reserved rate is not below the on-demand rate nothing pays. A commitment must also not lose money in the week at the
25th percentile of usage. Put here: this arithmetic and its backtest. Keep out: demand, rates, printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

HOURS_A_MONTH = 730.5
HOURS_A_WEEK = 168
P25 = 0.25
LEAST_HOURS = 4 * HOURS_A_WEEK
"""Less than four weeks say too little about years."""


@dataclass(frozen=True)
class Offer:
    """What a commitment of one unit costs: by the hour, and at once for `term_months`."""

    name: str
    hourly_usd: float
    upfront_usd: float
    term_months: int
    is_assumption: bool = False

    @property
    def effective_usd(self) -> float:
        """By the hour with the upfront payment spread over the term."""
        return self.hourly_usd + self.upfront_usd / (self.term_months * HOURS_A_MONTH)


@dataclass(frozen=True)
class CommitmentAdvice:
    """How many units to hold of an offer. Costs are USD a month; `break_even_months` is None where nothing is paid at
    once or nothing is saved."""

    offer: Offer
    units: int
    held: int
    break_even_ratio: float
    optimal_units: int
    utilization_ratio: float
    monthly_cost_usd: float
    on_demand_cost_usd: float
    monthly_saving_usd: float
    upfront_usd: float
    break_even_months: float | None
    reason: str

    @property
    def action(self) -> str:
        """buy, shrink, keep, renew or leave."""
        if self.units > self.held:
            return "buy"
        if self.units < self.held:
            return "shrink" if self.units else "let it end"
        return "renew" if self.held else "buy nothing"


def advise(demand: Sequence[float], offer: Offer, on_demand_usd: float, held: int = 0) -> CommitmentAdvice:
    """Advice from hourly demand in units, oldest first.

    Raises:
        ValueError: less than four weeks of it.
    """
    if len(demand) < LEAST_HOURS:
        raise ValueError(f"{len(demand)} hours of demand; {LEAST_HOURS} say enough")
    ratio = offer.effective_usd / on_demand_usd if on_demand_usd > 0 else float("inf")
    best = optimal_units(demand, ratio)
    units = _not_losing(demand, best, offer.effective_usd, on_demand_usd)
    cost = cost_of(demand, units, offer.effective_usd, on_demand_usd)
    without = cost_of(demand, 0, offer.effective_usd, on_demand_usd)
    months = len(demand) / HOURS_A_MONTH
    saving = (without - cost) / months
    used = sum(min(hour, units) for hour in demand) / (units * len(demand)) if units else 0.0
    upfront = offer.upfront_usd * units
    # What is paid at once comes back out of what each month then costs less, the upfront payment left out of it.
    running = saving + upfront / offer.term_months
    return CommitmentAdvice(
        offer=offer,
        units=units,
        held=held,
        break_even_ratio=ratio,
        optimal_units=best,
        utilization_ratio=used,
        monthly_cost_usd=cost / months,
        on_demand_cost_usd=without / months,
        monthly_saving_usd=saving,
        upfront_usd=upfront,
        break_even_months=upfront / running if upfront and running > 0 else None,
        reason=_reason(ratio, best, units),
    )


def best_offer(
    demand: Sequence[float], offers: Sequence[Offer], on_demand_usd: float, held: int = 0
) -> CommitmentAdvice | None:
    """The offer that costs least with its own best number of units; the shorter term where it makes no difference."""
    found = [advise(demand, offer, on_demand_usd, held) for offer in offers]
    return min(found, key=lambda each: (round(each.monthly_cost_usd, 6), each.offer.term_months), default=None)


def optimal_units(demand: Sequence[float], ratio: float) -> int:
    """The largest k whose k-th unit is needed at least `ratio` of the time: the optimum for this demand."""
    if ratio >= 1 or not demand:
        return 0
    low, high = 0, floor(max(demand)) + 1
    while low < high:
        middle = (low + high + 1) // 2
        needed = sum(min(max(hour - (middle - 1), 0.0), 1.0) for hour in demand) / len(demand)
        low, high = (middle, high) if needed >= ratio else (low, middle - 1)
    return low


def cost_of(demand: Sequence[float], units: int, effective_usd: float, on_demand_usd: float) -> float:
    """Committed units every hour, and on demand what is beyond them."""
    beyond = sum(max(hour - units, 0.0) for hour in demand)
    return units * effective_usd * len(demand) + beyond * on_demand_usd


def low_week(demand: Sequence[float]) -> Sequence[float]:
    """The whole week at the 25th percentile of usage (nearest rank), the newest weeks first cut off whole."""
    count = len(demand) // HOURS_A_WEEK
    first = len(demand) - count * HOURS_A_WEEK
    weeks = [demand[first + n * HOURS_A_WEEK : first + (n + 1) * HOURS_A_WEEK] for n in range(count)]
    weeks.sort(key=sum)
    return weeks[max(0, -(-int(P25 * 100) * count // 100) - 1)]


def regret_ratio(demand: Sequence[float], units: int, effective_usd: float, on_demand_usd: float) -> float:
    """What `units` would have cost more than the best number in hindsight, as a part of the latter."""
    best = optimal_units(demand, effective_usd / on_demand_usd)
    least = cost_of(demand, best, effective_usd, on_demand_usd)
    return cost_of(demand, units, effective_usd, on_demand_usd) / least - 1 if least > 0 else 0.0


def _not_losing(demand: Sequence[float], units: int, effective_usd: float, on_demand_usd: float) -> int:
    """The most units, up to `units`, that cost no more than on demand in the low week."""
    week = low_week(demand)
    without = cost_of(week, 0, effective_usd, on_demand_usd)
    low, high = 0, units
    while low < high:
        middle = (low + high + 1) // 2
        pays = cost_of(week, middle, effective_usd, on_demand_usd) <= without
        low, high = (middle, high) if pays else (low, middle - 1)
    return low


def _reason(ratio: float, best: int, units: int) -> str:
    if ratio >= 1:
        return "it costs no less than on demand"
    if not best:
        return f"not even one unit is needed {ratio:.0%} of the time"
    if units < best:
        return f"{best} would cost least, but lose money in a week of low usage (25th percentile)"
    return f"{units} are needed at least {ratio:.0%} of the time"
