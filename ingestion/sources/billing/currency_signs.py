"""Amounts with a currency sign, as spreadsheets save them, held against the currency that their row states.

`$10.00` in a bill in euros is either in dollars or not an amount at all, so the row is set aside. Put here: the
comparison. Keep out: reading numbers (`tabular.values`), amounts without a currency (`noticing`).
"""

from __future__ import annotations

import pyarrow.compute as pc

from ingestion.reading.tabular.values import Unusable
from ingestion.sources.billing.model import BillingFormat, Cells
from ingestion.sources.billing.noticing import CURRENCY_OF
from ingestion.vocabulary.currencies import CURRENCIES_OF_SIGNS


def contradicting_signs(billing_format: BillingFormat, cells: Cells, column: str) -> dict[int, Unusable]:
    """The positions whose amount has the sign of another currency than the row's."""
    texts, currencies = cells.known[column], cells.known.get(CURRENCY_OF.get(billing_format.name, ("",))[0])
    if currencies is None:
        return {}
    found = {}
    signed = pc.fill_null(pc.match_substring_regex(texts, f"[{''.join(CURRENCIES_OF_SIGNS)}]"), False)
    for position in pc.indices_nonzero(signed).to_pylist():
        text, currency = texts[position].as_py(), (currencies[position].as_py() or "").strip().upper()
        sign = next(each for each in CURRENCIES_OF_SIGNS if each in text)
        if currency and currency not in CURRENCIES_OF_SIGNS[sign]:
            remedy = f"the row is in {currency}; write the amount in it without a sign, or correct the currency"
            found[position] = Unusable("currency_sign", remedy)
    return found
