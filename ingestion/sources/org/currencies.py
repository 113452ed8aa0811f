"""How the organisation files spell a currency.

Put here: the code in a cell. Keep out: rates.
"""

from __future__ import annotations

from ingestion.sources.org.model import Row
from ingestion.vocabulary.currencies import CURRENCY_CODES, CURRENCY_NAMES


def code_of(text: str) -> str:
    """The code that a name or sign means (`Euro`, `€`); any other text in capitals."""
    return CURRENCY_NAMES.get(" ".join(text.lower().replace(".", "").split()), text.upper())


def currency_of(row: Row) -> str:
    """The ISO 4217 code of a row in capitals, USD where it is empty; anything else is rejected."""
    currency = code_of(row.values["currency"] or "USD")
    if currency not in CURRENCY_CODES:
        row.reject(
            "currency", "invalid_currency", f"{row.values['currency']!r} is no ISO 4217 code; write it as USD or EUR"
        )
    return currency
