"""Items of total cost of ownership over the days of January to March 2028, worked out by hand. 2028 is a leap year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse


def monthly(warehouse: ScratchWarehouse, item: str) -> list[tuple[Any, ...]]:
    """(component, cost) of 2028 by month and component."""
    return warehouse.rows(
        f"select cost_component, cost_usd from marts.fct_tco_monthly where item_id = '{item}' "
        "and month_start_date >= '2028-01-01' order by month_start_date, 1"
    )


@pytest.mark.parametrize(
    ("item", "costs"),
    [
        # Full months sum to the amount, whatever their length.
        ("licence", ["100", "100", "100"]),
        ("cent", ["0.01", "0.01", "0.01"]),
        # 366 a year are 1 a day in a leap year.
        ("insurance", ["31", "29", "31"]),
        # 31 a month from 10 January to 5 March: 22 days of January, all of February, 5 days of March.
        ("partial", ["22", "31", "5"]),
    ],
)
def test_fixed_items_are_spread_over_the_days_of_their_period(
    warehouse: ScratchWarehouse, item: str, costs: list[str]
) -> None:
    assert monthly(warehouse, item) == [("fixed", Decimal(cost)) for cost in costs]


def test_the_first_days_take_what_cannot_be_divided(warehouse: ScratchWarehouse) -> None:
    # 100 / 29 = 3.448275862068 and 28 × 10^-12 left over: each day but the last has one more.
    days = [
        cost
        for (cost,) in warehouse.rows(
            "select cost_usd from intermediate.int_tco_costs_daily where item_id = 'licence' "
            "and usage_date between '2028-02-01' and '2028-02-29' order by usage_date"
        )
    ]
    assert days == [Decimal("3.448275862069")] * 28 + [Decimal("3.448275862068")]


def test_a_quarter_sums_to_its_amount_over_its_months(warehouse: ScratchWarehouse) -> None:
    costs = [cost for _, cost in monthly(warehouse, "office")]
    assert len(costs) == 3
    assert sum(costs) == 100


def test_a_one_time_item_is_amortised_to_the_last_unit(warehouse: ScratchWarehouse) -> None:
    # 610 over 31 January to 30 March, 1 + 29 + 30 = 60 days: 10.166666666666 and 40 units over, one for each of the
    # first 40 days: 1 + 29 + 10 of them.
    assert monthly(warehouse, "training") == [
        ("one_time", Decimal("10.166666666667")),
        ("one_time", Decimal("10.166666666667") * 29),
        ("one_time", Decimal("10.166666666667") * 10 + Decimal("10.166666666666") * 20),
    ]
    assert sum(cost for _, cost in monthly(warehouse, "training")) == 610


def test_variable_items_follow_requests_tokens_and_spend(warehouse: ScratchWarehouse) -> None:
    # 1,000 requests × 0.002; 3 million tokens × 0.5; 10 % of 55 − 5 billed + 30 that no bill covers.
    for item, cost in [("per_request", "2"), ("per_token", "1.5"), ("reseller", "8")]:
        assert sum(cost or 0 for _, cost in monthly(warehouse, item)) == Decimal(cost)


def test_a_semi_variable_item_has_both_parts(warehouse: ScratchWarehouse) -> None:
    # February: 29 fixed and 1,000 requests × 0.001.
    assert monthly(warehouse, "support")[2:4] == [("fixed", Decimal(29)), ("variable", Decimal(1))]


def test_an_amount_in_another_currency_goes_by_the_rate_of_the_day_or_is_unknown(warehouse: ScratchWarehouse) -> None:
    # 31 CHF a month are 1 CHF a day, 1.25 USD in January; from February on there is no rate.
    assert monthly(warehouse, "francs") == [("fixed", Decimal("38.75")), ("fixed", None), ("fixed", None)]
    assert monthly(warehouse, "euros") == [("fixed", None)] * 3
    unknown = "select sum(unknown_cost_item_count) from marts.fct_tco_monthly where item_id = 'euros'"
    assert warehouse.value(f"{unknown} and month_start_date >= '2028-01-01'") == 91


def test_items_begin_and_end_with_the_days_of_spend(warehouse: ScratchWarehouse) -> None:
    bounds = "select min(usage_date)::varchar, max(usage_date)::varchar from intermediate.int_tco_costs_daily"
    assert warehouse.rows(bounds) == [("2026-05-05", "2028-03-31")]
