"""A currency's code in the header of an amount: `Amount (EUR)`, `Betrag EUR`, `Total in CHF`.

Put here: the code behind a header, and putting it beside the amounts of its column. Keep out: what a code beside an
amount means (`currency_signs`).
"""

from __future__ import annotations

import re

import pyarrow as pa

from ingestion.reading.tabular.values import by_distinct, plain_number
from ingestion.vocabulary.currencies import CURRENCY_CODES

_BEHIND = re.compile(r".*[\s_(\[,/-]([A-Za-z]{3})[)\]]?\s*")
_CODED = re.compile(r"[A-Za-z$€£¥]")
_CREDIT_OR_DEBIT = re.compile("cr|dr", re.IGNORECASE)


def currency_behind(header: str) -> str | None:
    """The code at the end of a header."""
    found = _BEHIND.fullmatch(header)
    code = found[1].upper() if found else ""
    return code if code in CURRENCY_CODES else None


def with_code(amounts: pa.Array, code: str) -> pa.Array:
    """Amounts with the code before them; what has letters or a sign of its own stays."""

    def coded(text: str) -> str:
        is_coded = _CODED.search(_CREDIT_OR_DEBIT.sub("", text))
        return text if is_coded else f"{code} {plain_number(text)}"

    return by_distinct(amounts, coded, pa.string()).values
