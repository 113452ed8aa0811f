"""Projections, what-ifs and returns, worked out by hand: d04, d05, d07, d08, d09, d10 in the names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.tco.projection import Change, CostLine, apply, breakdown, outcome, project, split_semi_variable
from ml.tco.returns import returns, unit_costs

FIXED = CostLine("people", "personnel", "personnel", "other", "fixed", Decimal(1000))
VARIABLE = CostLine("api", "llm_api", "llm_api", "openai", "variable", Decimal(500))
SETUP = CostLine("setup", "infrastructure", "gpu_compute", "on_premise", "one_time", Decimal(100), months_left=2)
LINES = [FIXED, VARIABLE, SETUP]


def test_d09_after_a_year_usage_has_grown_a_tenth_and_got_two_percent_cheaper() -> None:
    # 500 × 1.10 × 0.98 = 539; fixed stays.
    last = project(LINES, 12)[-1]
    assert (last.growth_factor, last.efficiency_factor) == (Decimal("1.1"), Decimal("0.98"))
    assert (last.fixed_usd, last.variable_usd, last.total_usd) == (1000, Decimal("539"), Decimal("1539"))


def test_d09_slip_a_one_time_item_goes_on_until_it_is_amortised() -> None:
    """The seed leaves one-time items out of its projection."""
    assert [month.one_time_usd for month in project(LINES, 4)] == [100, 100, 0, 0]


def test_d09_half_a_year_is_the_square_root() -> None:
    # sqrt(1.21) = 1.1, at 21 % a year and no gain.
    (month,) = project([VARIABLE], 6, growth=Decimal("0.21"), efficiency=Decimal(0))[-1:]
    assert month.variable_usd == Decimal("550")


def test_d09_a_semi_variable_cost_is_sixty_to_forty() -> None:
    fixed, variable = split_semi_variable(
        CostLine("plan", "overhead", "support_maintenance", "x", "", Decimal("100.01"))
    )
    assert (fixed.usd, variable.usd) == (Decimal("60.006"), Decimal("40.004"))
    assert fixed.usd + variable.usd == Decimal("100.01")


def test_d05_slip_every_breakdown_counts_one_time_items() -> None:
    """By provider the seed leaves them out, so its parts do not sum to the whole."""
    by = breakdown(LINES, "provider")
    assert by == {"other": 1000, "openai": 500, "on_premise": 100}
    assert sum(by.values()) == sum(breakdown(LINES, "category").values()) == 1600


def test_d10_a_scenario_is_told_by_its_difference_from_the_baseline() -> None:
    base = outcome("baseline", LINES, (), 12)
    # −30 % of the API (−150), 15 more a month, 1,800 once over 36 months (50 a month).
    changes = [
        Change(cost_group="llm_api", change=Decimal("-0.3")),
        Change(cost_group="overhead", monthly_usd=Decimal(15), one_time_usd=Decimal(1800)),
    ]
    found = outcome("cheaper", LINES, changes, 12, baseline=base)
    assert (base.monthly_usd, base.annual_usd, base.difference_usd) == (1600, 19200, 0)
    assert (found.monthly_usd, found.annual_usd) == (1515, 18180)
    assert found.difference_usd == -85
    assert found.difference_pct == Decimal("-5.3125")
    assert found.by_category == {"personnel": 1000, "llm_api": 350, "gpu_compute": 100, "overhead": 65}
    assert found.by_provider == {"other": 1065, "openai": 350, "on_premise": 100}


def test_d10_growth_of_a_scenario_is_its_own() -> None:
    found = outcome("boom", [VARIABLE], [Change(growth=Decimal(1), efficiency=Decimal(0))], 12)
    assert found.months[-1].total_usd == 1000
    assert outcome("still", [VARIABLE], [Change(growth=Decimal(-1))], 12).months[0].total_usd == 0


def test_a_change_that_nothing_answers_to_touches_nothing() -> None:
    lines, touched = apply(LINES, [Change(category="memory", change=Decimal("-0.5"))])
    assert (lines, touched) == (LINES, 0)


def test_d07_a_query_a_thousand_and_a_document() -> None:
    found = unit_costs(Decimal(10_000), Decimal(2_000_000), Decimal(50_000))
    assert (found.per_query_usd, found.per_thousand_queries_usd, found.per_document_usd) == (
        Decimal("0.005"),
        Decimal("5"),
        Decimal("0.2"),
    )
    assert unit_costs(Decimal(1), None, Decimal(0)).per_query_usd is None
    assert unit_costs(Decimal(1), None, Decimal(0)).per_document_usd is None


def test_d08_payback_and_annual_return() -> None:
    # Profit 400 a month; 1,200 invested pay back in 3 months; 400 × 12 ÷ (1,600 × 12) = 25 %.
    found = returns(Decimal(1600), Decimal(2000), project(LINES, 36), investment_usd=Decimal(1200))
    assert (found.monthly_profit_usd, found.payback_months, found.annual_return_pct) == (400, 3, 25)


def test_d08_never_is_none_and_not_minus_one() -> None:
    found = returns(Decimal(1600), Decimal(1600), project(LINES, 36), investment_usd=Decimal(1))
    assert found.payback_months is None


def test_d08_slip_over_three_years_cost_moves_as_revenue_does() -> None:
    """The seed lets revenue grow by 5 % a year and cost stand still."""
    still = project([FIXED], 36)
    # 12,000 a year of cost; revenue 24,000 + 25,200 + 26,460 = 75,660.
    found = returns(Decimal(1000), Decimal(2000), still)
    assert (found.three_year_revenue_usd, found.three_year_cost_usd) == (75_660, 36_000)
    assert found.three_year_profit_usd == 39_660
    assert found.three_year_return_pct == pytest.approx(Decimal("110.1666"), abs=Decimal("0.001"))
    growing = returns(Decimal(500), Decimal(2000), project([VARIABLE], 36))
    # The variable part ends at 500 × (1.10 × 0.98)^3 in month 36, so three years cost more than 18,000.
    assert growing.three_year_cost_usd > 18_000
    assert project([VARIABLE], 36)[-1].total_usd == Decimal("626.363276")


def test_d08_slip_break_even_goes_by_the_queries_that_there_were() -> None:
    """The seed takes a million queries for granted; 2,000 USD of 40,000 queries are 0.05 each, 1,600 need 32,000."""
    found = returns(Decimal(1600), Decimal(2000), project(LINES, 36), queries=Decimal(40_000))
    assert found.break_even_queries == 32_000
    assert returns(Decimal(1600), Decimal(2000), ()).break_even_queries is None
