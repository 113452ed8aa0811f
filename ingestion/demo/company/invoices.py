"""The invoices of finished months: what the bills say, line by line in cents, and what only an invoice says.

Data flow: ledger charges → `billing/invoices/<provider>_<month>.csv`. Put here: invoice lines, tax and credit
that no bill has. Keep out: bills.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingestion.demo.company.bills.line import next_month
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.ledger import BILLED_PROVIDERS, billing_account, round_pico
from ingestion.demo.company.text import decimal_text, write_csv

ISSUERS = {"openai": "OpenAI", "anthropic": "Anthropic", "azure": "Microsoft", "aws": "Amazon Web Services, Inc."}
HEADER = (
    "Invoice Number,Issuer,Provider,Billing Account Id,Billing Period Start,Billing Period End,Invoice Date,Due Date,"
    "Line Number,Description,Charge Category,Amount,Currency"
).split(",")
TAXED_PROVIDER, TAX_RATE_PCT = "anthropic", 6
"""Its bill is net; sales tax is on the invoice only."""
CREDITED_PROVIDER, CREDIT_CENTS = "openai", 125
"""A promotional credit on its latest invoice that no bill shows."""
PAYMENT_DAYS = 30
_COLUMNS = "provider billing_month invoice_id line_number charge_category description cents is_on_bill".split()
_DESCRIPTIONS = {"Usage": "API usage", "Credit": "Credits", "Purchase": "Support plan", "Tax": "Sales tax"}


def _cents(pico: int) -> int:
    return int(round_pico(np.array([pico], dtype=np.int64), 2)[0]) // 10**10


def invoices(charges: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Lines of the invoices of every month that ended before the company's last day.

    Columns: provider, billing_month (date), invoice_id, line_number, charge_category, description, cents,
    is_on_bill (whether the provider's bill has it too).
    """
    rows: list[dict[str, object]] = []
    ended = charges[[next_month(month) <= calendar.last for month in charges["billing_month"]]]
    grouped = ended.groupby(["provider", "billing_month", "category"], sort=True)["billed_pico"].sum()
    latest = max((month for provider, month, _ in grouped.index if provider == CREDITED_PROVIDER), default=None)
    for provider in BILLED_PROVIDERS:
        for month in sorted({month for other, month, _ in grouped.index if other == provider}):
            own = grouped[provider][month]
            lines = [
                (category, f"{_DESCRIPTIONS[category]} {month:%B %Y}", _cents(int(own[category])), True)
                for category in own.index
            ]
            if provider == TAXED_PROVIDER:
                tax = _cents(int(own.sum()) * TAX_RATE_PCT // 100)
                lines.append(("Tax", f"Sales tax {TAX_RATE_PCT}%", tax, False))
            if (provider, month) == (CREDITED_PROVIDER, latest):
                lines.append(("Credit", "Promotional credit", -CREDIT_CENTS, False))
            rows += [
                {
                    "provider": provider,
                    "billing_month": month,
                    "invoice_id": f"{provider}-{month:%Y-%m}",
                    "line_number": number,
                    "charge_category": category,
                    "description": description,
                    "cents": cents,
                    "is_on_bill": is_on_bill,
                }
                for number, (category, description, cents, is_on_bill) in enumerate(lines, start=1)
            ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def write_invoices(folder: Path, lines: pd.DataFrame) -> None:
    """One CSV per provider and month."""
    for invoice_id in sorted(set(lines["invoice_id"])):
        own: list[dict[str, Any]] = lines[lines["invoice_id"] == invoice_id].to_dict("records")
        month: date = own[0]["billing_month"]
        issued = next_month(month) + timedelta(days=2)
        path = folder / "invoices" / f"{own[0]['provider']}_{month:%Y-%m}.csv"
        write_csv(path, HEADER, [_row(line, month, issued) for line in own], issued)


def _row(line: dict[str, Any], month: date, issued: date) -> list[object]:
    provider = str(line["provider"])
    return [
        line["invoice_id"],
        ISSUERS[provider],
        ISSUERS[provider],
        billing_account(provider),
        month,
        next_month(month) - timedelta(days=1),
        issued,
        issued + timedelta(days=PAYMENT_DAYS),
        line["line_number"],
        line["description"],
        line["charge_category"],
        decimal_text(line["cents"], 2, strip=False),
        "USD",
    ]
