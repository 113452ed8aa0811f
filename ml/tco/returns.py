"""What one of something costs, and whether ownership pays: margin, payback, return, break-even.

Put here: this arithmetic. Keep out: where cost and revenue come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ml.tco.projection import Month

REVENUE_GROWTH = Decimal("0.05")
"""A year, where nothing else is said."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class UnitCosts:
    """The month and what one of each costs; None where the quantity is unknown or 0."""

    monthly_usd: Decimal
    per_query_usd: Decimal | None
    per_thousand_queries_usd: Decimal | None
    per_document_usd: Decimal | None


@dataclass(frozen=True)
class ReturnOnOwnership:
    """`payback_months` is None where it never pays; percentages are None where there is nothing to divide by."""

    monthly_cost_usd: Decimal
    monthly_revenue_usd: Decimal
    monthly_profit_usd: Decimal
    payback_months: Decimal | None
    annual_return_pct: Decimal | None
    three_year_cost_usd: Decimal
    three_year_revenue_usd: Decimal
    three_year_profit_usd: Decimal
    three_year_return_pct: Decimal | None
    break_even_queries: Decimal | None


def unit_costs(monthly_usd: Decimal, queries: Decimal | None, documents: Decimal | None) -> UnitCosts:
    """What a query, a thousand of them and a document cost of the whole month."""
    each = monthly_usd / queries if queries else None
    return UnitCosts(
        monthly_usd,
        each,
        None if each is None else each * 1000,
        monthly_usd / documents if documents else None,
    )


def returns(
    monthly_cost_usd: Decimal,
    monthly_revenue_usd: Decimal,
    months_ahead: Sequence[Month],
    *,
    investment_usd: Decimal = Decimal(0),
    queries: Decimal | None = None,
    revenue_growth: Decimal = REVENUE_GROWTH,
) -> ReturnOnOwnership:
    """The return of a service that costs and earns so much a month, after an investment.

    Over three years revenue grows by the year and cost by its own projection (36 months): neither stands still alone.
    Break-even is in queries of the month at the revenue that one query brings, so it needs how many there were.
    """
    profit = monthly_revenue_usd - monthly_cost_usd
    cost = sum((month.total_usd for month in months_ahead[:36]), Decimal(0))
    revenue = sum((monthly_revenue_usd * 12 * (1 + revenue_growth) ** year for year in range(3)), Decimal(0))
    gain = revenue - cost - investment_usd
    spent = cost + investment_usd
    brought = monthly_revenue_usd / queries if queries and monthly_revenue_usd > 0 else None
    return ReturnOnOwnership(
        monthly_cost_usd,
        monthly_revenue_usd,
        profit,
        investment_usd / profit if profit > 0 else None,
        profit * 12 / (monthly_cost_usd * 12) * _HUNDRED if monthly_cost_usd > 0 else None,
        cost,
        revenue,
        gain,
        gain / spent * _HUNDRED if spent > 0 else None,
        monthly_cost_usd / brought if brought else None,
    )
