"""Whether a saving is worth its work: months until it has paid, and the return of the first year.

Put here: this arithmetic. Keep out: savings.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ml.money import to_decimal

DEFAULT_COST_USD = Decimal(500)
DEFAULT_DAYS = Decimal(5)
DAYS_A_MONTH = Decimal("30.4375")


@dataclass(frozen=True)
class Return:
    """`break_even_months` is None where it never pays; `verdict` says it in words."""

    monthly_saving_usd: Decimal
    implementation_cost_usd: Decimal
    implementation_days: Decimal
    break_even_months: Decimal | None
    first_year_usd: Decimal
    roi_pct: Decimal | None
    verdict: str


def return_of(
    saving_usd: Decimal,
    *,
    saving_days: int = 30,
    cost_usd: Decimal = DEFAULT_COST_USD,
    days: Decimal = DEFAULT_DAYS,
) -> Return:
    """The return of a saving of `saving_usd` in `saving_days` days, for work of `cost_usd` that takes `days` days.

    The saving begins when the work is done: the first year has so many days less of it. Break-even counts from the
    first day of work.
    """
    monthly = to_decimal(saving_usd * DAYS_A_MONTH / saving_days) or Decimal(0)
    months = days / DAYS_A_MONTH + cost_usd / monthly if monthly > 0 else None
    year = monthly * 12 * max(1 - days / (12 * DAYS_A_MONTH), Decimal(0)) - cost_usd
    pct = year * 100 / cost_usd if cost_usd > 0 else None
    return Return(
        monthly,
        cost_usd,
        days,
        None if months is None else round(months, 2),
        round(year, 2),
        None if pct is None else round(pct, 1),
        _verdict(months),
    )


def _verdict(months: Decimal | None) -> str:
    if months is None:
        return "never pays"
    if months <= 3:
        return "do it: pays within three months"
    if months <= 12:
        return "worth it: pays within the year"
    return "not worth it for the money: takes more than a year to pay"
