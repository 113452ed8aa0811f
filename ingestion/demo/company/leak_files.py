"""The files of the leaking companies: canonical events, a FOCUS bill, invoices, one negotiated discount.

Data flow: `leak_accounts.Account`s → `events/canonical`, `billing/focus`, `billing/invoices`, `org`. Put here: columns.
Keep out: amounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from ingestion.demo.company.bills.line import next_month, start_of
from ingestion.demo.company.leak_accounts import (
    BATCH,
    CONTRACT_DISCOUNT_PCT,
    DAYS,
    MONTH,
    PRIORITY,
    Account,
    Line,
    day_of,
)
from ingestion.demo.company.prices import PICO_PER_USD
from ingestion.demo.company.text import decimal_text, write_bytes, write_csv

FOCUS_HEADER = (
    "BilledCost BillingAccountId BillingCurrency BillingPeriodStart BillingPeriodEnd ChargeCategory ChargeDescription "
    "ChargePeriodStart ChargePeriodEnd ConsumedQuantity ConsumedUnit InvoiceId ProviderName ServiceCategory "
    "ServiceName SkuId SkuMeter"
).split()
INVOICE_HEADER = "invoice_id,provider,period_start,period_end,invoice_date,line,category,amount,currency,amount_usd"
EUR_PER_USD_PCT = 92
_SKU_METERS = {
    "uncached_input": "Input Tokens",
    "cache_read": "Cached Input Tokens",
    "output": "Output Tokens",
}
_TIERS = {BATCH: "batch", PRIORITY: "priority"}


def write_leaks(target: Path, accounts: Iterable[Account]) -> None:
    """Write the drop folders of all accounts below `target`."""
    accounts = list(accounts)
    events = "".join(f"{json.dumps(call)}\n" for account in accounts for call in _calls(account))
    write_bytes(target / "events" / "canonical" / "leaks.jsonl", events.encode())
    bill = (_charge(account, line) for account in accounts for line in account.lines)
    write_csv(target / "billing" / "focus" / "leaks.csv", FOCUS_HEADER, bill)
    lines = (line for account in accounts for line in _invoice_lines(account))
    write_csv(target / "billing" / "invoices" / "leaks.csv", INVOICE_HEADER.split(","), lines)
    negotiated = [["openai", CONTRACT_DISCOUNT_PCT, MONTH]]
    write_csv(target / "org" / "negotiated_prices.csv", ["provider_name", "discount_pct", "valid_from"], negotiated)


def _calls(account: Account) -> Iterator[dict[str, object]]:
    for number, call in enumerate(account.usage):
        yield {
            "event_id": f"{account.account_id}-{number}",
            "requested_at_utc": f"{call.day}T12:00:00Z",
            "provider_name": "openai",
            "account_id": account.account_id,
            "served_model": call.model,
            "is_batch": call.variant == BATCH,
            "served_service_tier": "priority" if call.variant == PRIORITY else None,
            **{f"{meter}_tokens": tokens for meter, tokens in call.tokens.items()},
        }


def _charge(account: Account, line: Line) -> list[object]:
    meter = _SKU_METERS.get(line.meter, line.description)
    sku = f"{line.model}, {meter}" if line.model else meter
    sku += f", {_TIERS[line.variant]}" if line.variant in _TIERS else ""
    return [
        decimal_text(line.cost_pico),
        account.account_id,
        "USD",
        start_of(MONTH),
        start_of(next_month(MONTH)),
        line.category,
        sku,
        start_of(line.day),
        start_of(line.day + timedelta(days=1)),
        line.quantity if line.meter else None,
        "Tokens" if line.meter else None,
        f"{account.account_id}-{MONTH:%Y-%m}",
        "OpenAI",
        "AI and Machine Learning",
        "OpenAI API",
        sku,
        meter,
    ]


def _invoice_lines(account: Account) -> Iterator[list[object]]:
    for number, (category, pico) in enumerate(account.invoice, start=1):
        cents = pico * 100 // PICO_PER_USD
        is_dollars = account.invoice_currency == "USD"
        yield [
            f"{account.account_id}-{MONTH:%Y-%m}",
            "OpenAI",
            MONTH,
            day_of(DAYS),
            next_month(MONTH),
            number,
            category,
            decimal_text(cents if is_dollars else cents * EUR_PER_USD_PCT // 100, 2, strip=False),
            account.invoice_currency,
            None if is_dollars else decimal_text(cents, 2, strip=False),
        ]
