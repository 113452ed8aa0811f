"""Bills that say less: amounts without quantities, models without meters, totals, months, other units, other money."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

DAY_ONE = datetime.fromisoformat("2026-03-02")
DAYS = 6
INPUT, OUTPUT = 1_000_000, 200_000
INPUT_USD, OUTPUT_USD = Decimal("2.5"), Decimal(2)
"""A million input tokens at 0.0000025 and 200,000 output tokens at 0.00001, per account and day."""


def usage(account: str, **overrides: Any) -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{account}-{day}",
            "requested_at_utc": DAY_ONE + timedelta(days=day, hours=5),
            "provider_name": "OpenAI",
            "account_id": account,
            "served_model": "gpt-known",
            "uncached_input_tokens": INPUT,
            "output_tokens": OUTPUT,
        }
        | overrides
        for day in range(DAYS)
    ]


def charge(account: str, day: int, text: str, cost: Decimal | str, **overrides: Any) -> dict[str, Any]:
    return {
        "charge_period_start_utc": DAY_ONE + timedelta(days=day),
        "charge_period_end_utc": DAY_ONE + timedelta(days=day + 1),
        "billing_period_start_utc": datetime.fromisoformat("2026-03-01"),
        "provider_name": "OpenAI",
        "billing_account_id": account,
        "charge_category": "Usage",
        "charge_description": text,
        "service_name": "OpenAI API",
        "billed_cost": Decimal(cost),
        "billed_cost_text": str(cost),
        "billing_currency": "USD",
    } | overrides


def both(account: str, day: int, factor: Decimal = Decimal(1), **overrides: Any) -> list[dict[str, Any]]:
    return [
        charge(account, day, "gpt-known, input tokens", INPUT_USD * factor, **overrides),
        charge(account, day, "gpt-known, output tokens", OUTPUT_USD * factor, **overrides),
    ]


def bills() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for day in range(DAYS):
        rows += both("amounts", day)
        rows += both("amounts-discount", day, Decimal("0.88"))
        rows.append(charge("model", day, "gpt-known", INPUT_USD + OUTPUT_USD))
        rows.append(charge("model-discount", day, "gpt-known", (INPUT_USD + OUTPUT_USD) * Decimal("0.9")))
        rows.append(charge("service", day, "API usage", INPUT_USD + OUTPUT_USD + (Decimal("0.4") if day == 3 else 0)))
        if day != 2:
            rows += both("amounts-missing", day)
        moved = {1: Decimal("-0.7"), 2: Decimal("0.7")}.get(day, Decimal(0))
        rows.append(charge("amounts-moved", day, "gpt-known, output tokens", OUTPUT_USD + moved))
        rows.append(charge("amounts-moved", day, "gpt-known, input tokens", INPUT_USD))
        rows.append(
            charge("units", day, "gpt-known, input tokens", INPUT_USD, consumed_quantity=1, consumed_unit="1M tokens")
        )
        rows.append(
            charge("units", day, "gpt-known, output tokens", 2, consumed_quantity=200, consumed_unit="1K Tokens")
        )
        rows += both("euro", day, billing_currency="EUR")
        listed = {"provider_name": "Anthropic", "consumed_quantity": INPUT, "consumed_unit": "Tokens"}
        rows.append(charge("lost-contract", day, "gpt-known, input tokens", INPUT_USD, **listed))
    whole = {"charge_period_end_utc": datetime.fromisoformat("2026-04-01"), "consumed_unit": "Tokens"}
    for text, usd, quantity, days in (("input", INPUT_USD, INPUT, DAYS), ("output", OUTPUT_USD, OUTPUT, DAYS - 1)):
        total = {"consumed_quantity": quantity * days}
        rows.append(charge("month", 0, f"gpt-known, {text} tokens", usd * days, **whole, **total))
    rows.append(charge("amounts", 4, "Code interpreter sessions", "0.3"))
    rows.append(charge("amounts", 4, "Monthly plan", 20, charge_category="Purchase"))
    return rows


ACCOUNTS = (
    "amounts amounts-discount amounts-missing amounts-moved model model-discount service units euro month unbilled"
).split()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    built = ScratchWarehouse.create(tmp_path_factory.mktemp("coarse"))
    company.add_price_list(built, "gpt-known")
    for provider in ("OpenAI", "Anthropic"):
        built.insert(
            "raw_prices.model_aliases",
            [
                {
                    "provider_name": provider,
                    "model": "gpt-known",
                    "price_provider_id": "openai",
                    "price_model_id": "gpt-known",
                    "price_model_name": "gpt-known",
                }
            ],
        )
    built.insert("raw_prices.model_catalog", [{"price_provider_id": "openai", "price_model_id": "gpt-known"}])
    contract = [{"provider_name": "Anthropic", "discount_pct": Decimal(10)}]
    built.insert("raw_org.negotiated_prices", contract)
    built.insert("raw_prices.model_catalog", [{"price_provider_id": "anthropic", "price_model_id": "gpt-known"}])
    rows = [row for account in ACCOUNTS for row in usage(account)]
    rows += usage("lost-contract", provider_name="Anthropic", output_tokens=0)
    company.land_file(built, 1, rows)
    built.insert("raw_billing.focus_charges", bills())
    built.dbt("build", "--select", "+rpt_reconciliation_monthly", "--exclude-resource-type", "test", "unit_test")
    built.dbt("test", "--select", "path:tests/reconciliation", "path:models/marts/reconciliation")
    return built


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


def test_a_missing_day_is_not_in_cost_and_a_moved_amount_is_a_cut_off(warehouse: ScratchWarehouse) -> None:
    assert classes(warehouse, "amounts-missing") == {"in_usage_not_in_cost": -(INPUT_USD + OUTPUT_USD)}
    assert classes(warehouse, "amounts-moved") == {}
    days = warehouse.rows(
        "select residual_class, amount_usd from marts.fct_reconciliation_daily "
        "where account_id = 'amounts-moved' and amount_usd <> 0 order by usage_date"
    )
    assert days == [("cut_off", Decimal("-0.7")), ("cut_off", Decimal("0.7"))]


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
