"""How the organisation files spell a currency.

Put here: the code in a cell. Keep out: rates.
"""

from __future__ import annotations

from ingestion.sources.org.model import Row
from ingestion.vocabulary.currencies import CURRENCY_CODES


def currency_of(row: Row) -> str:
    """The ISO 4217 code of a row in capitals, USD where it is empty; anything else is rejected."""
    currency: str = (row.values["currency"] or "USD").upper()
    if currency not in CURRENCY_CODES:
        row.reject(
            "currency", "invalid_currency", f"{row.values['currency']!r} is no ISO 4217 code; write it as USD or EUR"
        )
    return currency
