"""How the organisation files spell a currency.

Put here: the code in a cell. Keep out: rates.
"""

from __future__ import annotations

import re

from ingestion.sources.org.model import Row

_CURRENCY = re.compile(r"[A-Z]{3}")


def currency_of(row: Row) -> str:
    """The three-letter code of a row in capitals, USD where it is empty; anything else is rejected."""
    currency: str = (row.values["currency"] or "USD").upper()
    if not _CURRENCY.fullmatch(currency):
        row.reject("currency", "invalid_currency", f"{row.values['currency']!r} is no currency; write it as USD or EUR")
    return currency
