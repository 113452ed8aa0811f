"""Raw rows of accounts whose bills say less than model, meter, quantity and dollars.

Put here: builders. Keep out: expectations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

DAY_ONE = datetime.fromisoformat("2026-03-02")
DAYS = 6
INPUT, OUTPUT = 1_000_000, 200_000
INPUT_USD, OUTPUT_USD = Decimal("2.5"), Decimal(2)
"""A million input tokens at 0.0000025 and 200,000 output tokens at 0.00001, per account and day."""
PRICE = INPUT_USD / INPUT
POUND_CHARGED, POUND_RATE = Decimal("1.25"), Decimal("1.27")
"""Dollars per pound as the provider bills them, and in fx_rates.csv."""
ZONE_TOKENS = (1_000_000, 1_300_000, 900_000, 1_200_000, 800_000, 1_100_000)
ZONE_CARRIED = tuple(tokens // 3 for tokens in ZONE_TOKENS)
"""Eight hours of each day that its bill has on the next; nobody has billed those of the last day yet."""


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
            rows += both("amounts-missing", day, invoice_id="I-77")
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
        rows += both("pounds", day, 1 / POUND_CHARGED, billing_currency="GBP")
        shown = ZONE_TOKENS[day] - ZONE_CARRIED[day] + (ZONE_CARRIED[day - 1] if day else 0)
        rows.append(
            charge(
                "zone", day, "gpt-known, input tokens", shown * PRICE, consumed_quantity=shown, consumed_unit="tokens"
            )
        )
        rows.append(charge("zone", day, "Service credit", "-0.1", consumed_quantity=1))
        listed = {"provider_name": "Anthropic", "consumed_quantity": INPUT, "consumed_unit": "Tokens"}
        rows.append(charge("lost-contract", day, "gpt-known, input tokens", INPUT_USD, **listed))
    whole = {"charge_period_end_utc": datetime.fromisoformat("2026-04-01"), "consumed_unit": "Tokens"}
    for text, usd, quantity, days in (("input", INPUT_USD, INPUT, DAYS), ("output", OUTPUT_USD, OUTPUT, DAYS - 1)):
        total = {"consumed_quantity": quantity * days}
        rows.append(charge("month", 0, f"gpt-known, {text} tokens", usd * days, **whole, **total))
    rows.append(charge("amounts", 4, "Code interpreter sessions", "0.3"))
    rows.append(charge("amounts", 4, "Monthly plan", 20, charge_category="Purchase"))
    return rows


EURO_RATE = Decimal("1.0173")
"""Dollars that Azure's own conversion makes of one dollar of contracted price."""


def converted_bill() -> list[dict[str, Any]]:
    """An Azure export in euros that prints dollars too: a million input tokens of gpt-4.1 a day, 2 USD at list."""
    return [
        {
            "usage_date": (DAY_ONE + timedelta(days=day)).date(),
            "billing_account_id": "converted",
            "subscription_id": "converted-1",
            "charge_type": "Usage",
            "meter_category": "Cognitive Services",
            "meter_sub_category": "Azure OpenAI",
            "meter_name": "gpt 4.1 Inp glbl Tokens",
            "quantity": Decimal(1),
            "unit_of_measure": "1M",
            "cost_in_billing_currency": Decimal("1.85"),
            "cost_in_billing_currency_text": "1.85",
            "billing_currency": "EUR",
            "cost_in_usd": 2 * EURO_RATE,
        }
        for day in range(DAYS)
    ]


def invoice(number: str, month: str, amount: str, account: str | None = None, **overrides: Any) -> dict[str, Any]:
    return {
        "invoice_id": number,
        "invoice_issuer_name": "OpenAI, LLC",
        "billing_account_id": account,
        "billing_period_start_utc": datetime.fromisoformat(f"{month}-01"),
        "amount": Decimal(amount),
        "amount_text": amount,
        "currency": "USD",
    } | overrides


def invoices() -> list[dict[str, Any]]:
    """27 USD were billed to each account in March, 22.50 to the one with a missing day."""
    return [
        invoice("I-1", "2026-03", "24.30", "units"),
        invoice("I-2", "2026-04", "27.00", "model"),
        invoice("I-77", "2026-04", "22.50"),
        invoice("I-3", "2026-03", "27.00", "amounts-moved", tax_amount=Decimal("5.13")),
        invoice("I-4", "2026-03", "-3.00", "amounts-moved", line_description="Service credit"),
        invoice("I-5", "2026-03", "25.13", "amounts-discount"),
        invoice("I-6", "2026-03", "20.00", "month", currency="GBP", tax_amount=Decimal(4)),
    ]


ACCOUNTS = (
    "amounts amounts-discount amounts-missing amounts-moved "
    "model model-discount service units euro pounds month unbilled"
).split()


def insert_coarse_bills(built: ScratchWarehouse) -> None:
    """Usage, price list and bills of all these accounts."""
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
    rows += [
        row | {"uncached_input_tokens": tokens}
        for row, tokens in zip(usage("zone", output_tokens=0), ZONE_TOKENS, strict=True)
    ]
    azure = {"provider_name": "azure", "served_model": "gpt-4.1", "account_id": "converted-1", "output_tokens": 0}
    rows += usage("converted", **azure)
    price = {"price_provider_id": "openai", "price_model_id": "gpt-4.1", "price_model_name": "gpt-4.1"}
    built.insert("raw_prices.model_aliases", [{"provider_name": "azure", "model": "gpt-4.1"} | price])
    built.insert("raw_billing.azure_cost_details", converted_bill())
    rows += usage("lost-contract", provider_name="Anthropic", output_tokens=0)
    company.land_file(built, 1, rows)
    built.insert("raw_billing.focus_charges", bills())
    built.insert("raw_billing.invoices", invoices())
    built.insert("raw_org.fx_rates", [{"currency": "GBP", "usd_per_unit": POUND_RATE}])
