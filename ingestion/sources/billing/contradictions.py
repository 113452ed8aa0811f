"""Dollars of an Azure bill that contradict the exchange rate on the same row. The dollars count; a person is told.

Put here: comparing figures that one row states twice. Keep out: choosing between them, which is dbt's.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from ingestion.landing.counting import counted
from ingestion.landing.notes import Note
from ingestion.sources.billing.model import squash

RATES = ("exchangeratepricingtobilling", "exchangerate")
CURRENCIES = ("pricingcurrency", "pricingcurrencycode")
CENT = Decimal("0.01")
SHARE = Decimal("0.001")
"""What rounding explains: a cent, or a thousandth, because rates are printed with as few as four digits."""


class Contradictions:
    """Gathers over the batches of one file."""

    def __init__(self) -> None:
        self.count = 0
        self.difference = Decimal(0)
        self.first_row: int | None = None

    def look(self, table: pa.Table) -> None:
        """Compare the dollars of each row with its cost at its own rate."""
        wanted = ["billing_currency", "cost_in_billing_currency", "cost_in_usd", "extra_columns", "_source_row"]
        if not set(wanted) <= set(table.column_names):
            return
        for currency, cost, dollars, extra, row in zip(*(table[name].to_pylist() for name in wanted), strict=True):
            if cost is None or dollars is None or not extra or currency == "USD":
                continue
            rate = _rate(extra)
            if rate is None:
                continue
            difference = dollars - cost / rate
            if abs(difference) > max(CENT, abs(dollars) * SHARE):
                self.count += 1
                self.difference += difference
                self.first_row = self.first_row or row

    def notes(self) -> list[Note]:
        """One note for the file, if any row contradicts itself."""
        if not self.count:
            return []
        difference = self.difference.quantize(CENT)
        message = (
            f"{counted(self.count, 'row states', 'rows state')} dollars that the stated exchange rate does not "
            f"give, {difference:+,} USD in all; "
            "the stated dollars count"
        )
        return [
            Note("rate_contradicted", message, row=self.first_row, count=self.count, amount=difference, currency="USD")
        ]


def _rate(extra: str) -> Decimal | None:
    """Billing currency for one dollar, where the row is priced in dollars and says its rate."""
    cells: dict[str, Any] = {squash(name): value for name, value in json.loads(extra).items()}
    currency = next((str(cells[name]) for name in CURRENCIES if cells.get(name)), "")
    stated = next((str(cells[name]) for name in RATES if cells.get(name)), "")
    try:
        rate = Decimal(stated)
    except InvalidOperation:
        return None
    return rate if currency.strip().upper() == "USD" and rate.is_finite() and rate > 0 else None
