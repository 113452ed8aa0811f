"""Bills in euros and pounds: dollars where there is a rate, a statement in euros, and what is missing listed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import ScratchWarehouse

REPORTS = ("rpt_missing_fx_rates", "rpt_cost_monthly_reporting_currency")


def charge(day: str, cost: str, currency: str) -> dict[str, Any]:
    start = datetime.fromisoformat(day)
    return {
        "charge_period_start_utc": start,
        "charge_period_end_utc": start.replace(hour=23),
        "billing_period_start_utc": start.replace(day=1),
        "provider_name": "Mistral AI",
        "billing_account_id": "acc",
        "charge_category": "Usage",
        "service_name": "API",
        "billed_cost": Decimal(cost),
        "billed_cost_text": cost,
        "billing_currency": currency,
    }


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    built = ScratchWarehouse.create(Path(tmp_path_factory.mktemp("currencies")))
    rates = [("2026-03-01", "2026-03-15", "1.25", "0.8"), ("2026-03-15", "2026-04-01", "1.6", "0.625")]
    built.insert(
        "raw_org.fx_rates",
        [
            {
                "currency": "EUR",
                "usd_per_unit": Decimal(usd),
                "units_per_usd": Decimal(units),
                "valid_from_utc": datetime.fromisoformat(start),
                "valid_to_utc": datetime.fromisoformat(end),
            }
            for start, end, usd, units in rates
        ],
    )
    charges = [
        charge("2026-03-10", "100", "EUR"),
        charge("2026-03-15", "7.77", "EUR"),
        charge("2026-03-20", "50", "GBP"),
        charge("2026-03-22", "3", "GBP"),
        charge("2026-04-02", "11", "USD"),
        charge("2026-04-03", "9", "EUR"),
    ]
    built.insert("raw_billing.focus_charges", charges)
    invoice = {"invoice_id": "i", "provider_name": "Mistral AI", "currency": "GBP", "amount": Decimal(50)}
    times = {"billing_period_start_utc": datetime.fromisoformat("2026-03-01"), "invoice_date": date(2026, 4, 2)}
    built.insert("raw_billing.invoices", [{**invoice, **times, "tax_amount": Decimal(10)}])
    item = {"item_id": "seats", "category": "other", "cost_behavior": "fixed", "amount": Decimal(310)}
    held = {
        "valid_from_utc": datetime.fromisoformat("2026-03-10"),
        "valid_to_utc": datetime.fromisoformat("2026-03-13"),
    }
    built.insert("raw_org.tco_items", [{**item, **held, "currency": "CHF", "period": "month"}])
    built.dbt("seed")
    selection = [f"+{report}" for report in REPORTS] + ["fct_charges"]
    built.dbt("run", "--select", *selection, "--vars", json.dumps({"reporting_currency": "EUR"}))
    return built


def test_each_charge_has_dollars_at_the_rate_of_its_day_or_none(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows("select billed_cost, billing_currency, billed_cost_usd from marts.fct_charges order by 1")
    assert found == [
        (Decimal(3), "GBP", None),
        (Decimal("7.77"), "EUR", Decimal("12.432")),
        (Decimal(9), "EUR", None),
        (Decimal(11), "USD", Decimal(11)),
        (Decimal(50), "GBP", None),
        (Decimal(100), "EUR", Decimal(125)),
    ]


def test_a_month_with_a_day_without_rate_has_no_amount(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select month_start_date::varchar, spend_currency, spend, converted_spend, spend_usd, unconverted_spend_usd,"
        " days_without_rate from marts.rpt_cost_monthly_reporting_currency where cost_kind = 'llm' order by 1"
    )
    assert found == [
        ("2026-03-01", "EUR", Decimal("107.77"), Decimal("107.77"), Decimal("137.432"), None, 0),
        ("2026-04-01", "EUR", None, None, Decimal(11), Decimal(11), 1),
    ]


def test_missing_rates_are_listed_with_amount_and_remedy(warehouse: ScratchWarehouse) -> None:
    found = warehouse.rows(
        "select needed_for, currency, first_date::varchar, last_date::varchar, row_count, unconverted_amount,"
        " unconverted_amount_currency, remedy from marts.rpt_missing_fx_rates order by 1, 2"
    )
    line = "fx_rates.csv: currency {}, usd_per_unit <US dollars per unit>, valid_from {}"
    assert found == [
        ("dollars_of_charges", "EUR", "2026-04-03", "2026-04-03", 1, 9, "EUR", line.format("EUR", "2026-04-03")),
        ("dollars_of_charges", "GBP", "2026-03-20", "2026-03-22", 2, 53, "GBP", line.format("GBP", "2026-03-20")),
        ("dollars_of_invoices", "GBP", "2026-04-02", "2026-04-02", 2, 60, "GBP", line.format("GBP", "2026-04-02")),
        ("dollars_of_own_costs", "CHF", "2026-03-10", "2026-03-12", 3, 30, "CHF", line.format("CHF", "2026-03-10")),
        ("reporting_currency", "EUR", "2026-04-02", "2026-04-02", 1, 11, "USD", line.format("EUR", "2026-04-02")),
    ]
