"""Bills that say less: amounts without quantities, models without meters, totals, months, other units, other money."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.reconciliation.coarse_bills import (
    DAYS,
    EURO_RATE,
    INPUT_USD,
    OUTPUT_USD,
    POUND_CHARGED,
    POUND_RATE,
    PRICE,
    ZONE_CARRIED,
)
from tests.support.warehouse import ScratchWarehouse


def classes(warehouse: ScratchWarehouse, account: str) -> dict[str, Decimal]:
    rows = warehouse.rows(
        "select residual_class, sum(amount_usd) from marts.fct_reconciliation_monthly "
        f"where stage = 'metered_to_billed' and account_id = '{account}' and amount_usd <> 0 group by 1"
    )
    return dict(rows)


def grains(warehouse: ScratchWarehouse, account: str) -> set[str]:
    rows = warehouse.rows(
        f"select distinct grain from intermediate.int_reconciliation_differences where account_id = '{account}'"
    )
    return {grain for (grain,) in rows}


def test_amounts_without_quantities_reconcile_and_the_rest_is_not_in_usage(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "amounts") == {"in_cost_not_in_usage": Decimal("20.3")}
    assert grains(warehouse, "amounts") == {"sku_day"}


def test_a_constant_in_amounts_is_a_discount(warehouse: ScratchWarehouse) -> None:
    daily = INPUT_USD + OUTPUT_USD
    assert classes(warehouse, "amounts-discount") == {"negotiated_discount": -daily * DAYS * Decimal("0.12")}
    assert classes(warehouse, "model-discount") == {"negotiated_discount": -daily * DAYS * Decimal("0.1")}


def test_a_contract_that_was_not_given_is_a_missing_discount(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "lost-contract") == {"negotiated_discount": INPUT_USD * DAYS * Decimal("0.1")}


def test_a_constant_in_another_currency_is_the_exchange_rate(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "converted") == {"fx": 2 * DAYS * (EURO_RATE - 1)}
    daily = INPUT_USD + OUTPUT_USD
    assert classes(warehouse, "pounds") == {"fx": daily * DAYS * (POUND_RATE / POUND_CHARGED - 1)}


def test_an_invoice_in_another_currency_counts_at_the_rate_of_its_day(warehouse: ScratchWarehouse) -> None:
    billed = INPUT_USD * DAYS + OUTPUT_USD * (DAYS - 1)
    assert invoiced(warehouse, "month") == [
        ("2026-03", "fx", 20 * POUND_RATE - billed),
        ("2026-03", "tax", 4 * POUND_RATE),
    ]


def test_a_missing_day_is_not_in_cost_and_a_moved_amount_is_a_cut_off(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "amounts-missing") == {"in_usage_not_in_cost": -(INPUT_USD + OUTPUT_USD)}
    assert classes(warehouse, "amounts-moved") == {}
    days = warehouse.rows(
        "select residual_class, amount_usd from marts.fct_reconciliation_daily "
        "where account_id = 'amounts-moved' and amount_usd <> 0 order by usage_date"
    )
    assert days == [("cut_off", Decimal("-0.7")), ("cut_off", Decimal("0.7"))]


def test_a_bill_in_another_time_zone_is_a_cut_off_until_its_newest_day(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "zone") == {
        "cut_off": -ZONE_CARRIED[-2] * PRICE,
        "late_arrival": (ZONE_CARRIED[-2] - ZONE_CARRIED[-1]) * PRICE,
        "credit": Decimal("-0.1") * DAYS,
    }


def test_coarser_bills_are_compared_at_their_own_grain(warehouse: ScratchWarehouse) -> None:
    assert (classes(warehouse, "model"), grains(warehouse, "model")) == ({}, {"model_day"})
    assert (classes(warehouse, "service"), grains(warehouse, "service")) == (
        {"unknown": Decimal("0.4")},
        {"service_day"},
    )
    assert (classes(warehouse, "month"), grains(warehouse, "month")) == (
        {"in_usage_not_in_cost": -OUTPUT_USD},
        {"sku_month"},
    )


def test_quantities_in_other_units_are_the_same_quantities(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "units") == {}
    known = warehouse.value(
        "select count(quantity) from intermediate.int_reconciliation_billed where account_id = 'units'"
    )
    assert known == 2 * DAYS


def test_a_bill_without_dollars_keeps_the_month_open(warehouse: ScratchWarehouse) -> None:
    rows = warehouse.rows(
        "select distinct status, unknown_amount_count from marts.rpt_reconciliation_monthly where account_id = 'euro'"
    )
    assert rows == [("open", 2 * DAYS)]


def test_a_month_without_a_bill_says_so(warehouse: ScratchWarehouse) -> None:
    daily = INPUT_USD + OUTPUT_USD
    assert classes(warehouse, "unbilled") == {"late_arrival": -daily * DAYS}
    status = "select distinct status from marts.rpt_reconciliation_monthly where account_id = 'unbilled'"
    assert warehouse.rows(status) == [("no_bill_yet",)]


def invoiced(warehouse: ScratchWarehouse, account: str) -> list[tuple[str, str, Decimal]]:
    return warehouse.rows(
        "select strftime(month_date, '%Y-%m'), residual_class, amount_usd from marts.fct_reconciliation_monthly "
        f"where stage = 'billed_to_invoiced' and account_id = '{account}' and amount_usd <> 0 order by 1, 2"
    )


def test_invoices_differ_by_discount_month_tax_and_credit(warehouse: ScratchWarehouse) -> None:
    assert invoiced(warehouse, "units") == [("2026-03", "negotiated_discount", Decimal("-2.7"))]
    assert invoiced(warehouse, "model") == [("2026-03", "cut_off", Decimal(-27)), ("2026-04", "cut_off", Decimal(27))]
    assert invoiced(warehouse, "amounts-moved") == [
        ("2026-03", "credit", Decimal(-3)),
        ("2026-03", "tax", Decimal("5.13")),
    ]
    assert invoiced(warehouse, "service") == [("2026-03", "late_arrival", Decimal("-27.4"))]
    assert invoiced(warehouse, "amounts-discount") == [("2026-03", "unknown", Decimal("25.13") - Decimal("23.76"))]


def test_a_charge_is_on_the_invoice_whose_number_it_carries(warehouse: ScratchWarehouse) -> None:
    assert invoiced(warehouse, "amounts-missing") == [
        ("2026-03", "cut_off", Decimal("-22.5")),
        ("2026-04", "cut_off", Decimal("22.5")),
    ]
