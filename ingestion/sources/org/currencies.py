"""How the organisation files spell a currency.

Put here: the code in a cell. Keep out: rates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingestion.sources.org.model import Row
from ingestion.vocabulary.currencies import CURRENCIES_OF_SIGNS, CURRENCY_CODES, CURRENCY_NAMES, SIGNS_WITH_LETTERS

_CODED = re.compile(r"([A-Z]{3})\s?[-+(]?[\d.].*|.*[\d.)]\s?([A-Z]{3})")


def code_of(text: str) -> str:
    """The code that a name or sign means (`Euro`, `€`); any other text in capitals."""
    return CURRENCY_NAMES.get(" ".join(text.lower().replace(".", "").split()), text.upper())


def told_by_amounts(row: Row, columns: Iterable[str]) -> None:
    """Fill in the currency of a row that states none where its amounts have the code or sign of one (`500 EUR`,
    `€500`). A dollar sign alone is that of the default."""
    if row.cells.get("currency"):
        return
    found = {code for column in columns if (code := _told(row.cells.get(column) or ""))}
    if len(found) == 1:
        row.cells["currency"] = found.pop()


def _told(amount: str) -> str:
    text = amount.strip()
    match = _CODED.fullmatch(text)
    if match:
        code = match[1] or match[2]
        return code if code in CURRENCY_CODES else ""
    letters = sorted((sign for sign in SIGNS_WITH_LETTERS if text.startswith(sign) or text.endswith(sign)), key=len)
    codes = SIGNS_WITH_LETTERS[letters[-1]] if letters else ()
    codes = codes or next((each for sign, each in CURRENCIES_OF_SIGNS.items() if sign in text), ())
    return codes[0] if len(codes) == 1 and any(map(str.isdigit, text)) else ""


def currency_of(row: Row) -> str:
    """The ISO 4217 code of a row in capitals, USD where it is empty; anything else is rejected."""
    currency = code_of(row.values["currency"] or "USD")
    if currency not in CURRENCY_CODES:
        row.reject(
            "currency", "invalid_currency", f"{row.values['currency']!r} is no ISO 4217 code; write it as USD or EUR"
        )
    return currency
