"""Spot capacity (D48): which work may run on it, what it saves and how much to bid.

Put here: this judgement. Keep out: which host does which work (`strategies/gpu_spot`), rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BID_MARGIN = Decimal("1.1")
INTERRUPTION_RATE = Decimal("0.05")
"""What is taken to be interrupted where nothing is known."""
MOST_INTERRUPTIONS = Decimal("0.1")


@dataclass(frozen=True)
class SpotAdvice:
    """Whether work may run on spot capacity, what it saves (percent of on demand, by the mean price) and how much to
    bid for an hour."""

    is_advised: bool
    mean_usd_per_hour: Decimal
    saving_pct: Decimal
    bid_cap_usd_per_hour: Decimal
    reason: str


def spot_advice(
    prices: Sequence[Decimal], on_demand_usd: Decimal, work: str, interruption_rate: Decimal = INTERRUPTION_RATE
) -> SpotAdvice:
    """Batch work always, stateless work while less than a tenth is interrupted, stateful work never.

    Args:
        prices: spot prices of an hour in the time looked at, USD, each counted once.
        on_demand_usd: what an hour costs now, USD.
        work: batch, stateless or stateful.
        interruption_rate: part of the hours that are interrupted, 0 to 1.

    Raises:
        ValueError: no price, or a kind of work that is none of the three.
    """
    if not prices or on_demand_usd <= 0:
        raise ValueError("a spot price and an on-demand rate above 0 are needed")
    mean = sum(prices, Decimal(0)) / len(prices)
    fits, reason = _fits(work, interruption_rate)
    if mean >= on_demand_usd:
        fits, reason = False, "spot costs no less than on demand"
    saving = (1 - mean / on_demand_usd) * 100
    return SpotAdvice(fits, mean, saving, max(prices) * BID_MARGIN, reason)


def _fits(work: str, interruption_rate: Decimal) -> tuple[bool, str]:
    if work == "batch":
        return True, "batch work starts again where it stopped"
    if work == "stateless":
        fits = interruption_rate < MOST_INTERRUPTIONS
        return fits, f"{interruption_rate:.0%} interrupted, {'' if fits else 'not '}below {MOST_INTERRUPTIONS:.0%}"
    if work == "stateful":
        return False, "stateful work loses what it holds"
    raise ValueError(f"{work!r} is none of batch, stateless, stateful")
