"""Amounts with a currency's sign or code, as spreadsheets save them, held against the currency that their row states.

`$10.00` or `10.00 USD` in a bill in euros is either in dollars or not an amount at all, so the row is set aside. A code
says its currency where the row does not; a sign is many currencies'. Put here: the comparison. Keep out: reading
numbers (`tabular.values`), amounts without a currency (`noticing`).
"""

from __future__ import annotations

import re
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.tabular.values import Unusable, by_distinct, by_distinct_pair
from ingestion.sources.billing.model import BillingFormat, Cells
from ingestion.sources.billing.noticing import CURRENCY_OF
from ingestion.vocabulary.currencies import CURRENCIES_OF_SIGNS, CURRENCY_CODES, CURRENCY_NAMES, SIGNS_WITH_LETTERS

_CODED = re.compile(
    r"(?P<before>[A-Za-z]{3})\s?(?P<first>[-+(]?[\d.].*)|(?P<last>.*[\d.][-)]?)\s?(?P<after>[A-Za-z]{3})"
)
_ODD = r"[^0-9.,eE+\-() '$€£¥]"
"""A character that no plain amount has."""
_SIGNS = "|".join(map(re.escape, sorted(SIGNS_WITH_LETTERS, key=len, reverse=True)))
_BESIDE = r"(?P<before>{0})\s?(?P<first>[-+(]?[\d.].*)|(?P<last>[-+(]?[\d.].*[\d.)-])\s?(?P<after>{0})"
_SIGNED = re.compile(_BESIDE.format(_SIGNS))
_ALONE = re.compile(_BESIDE.format("[€£]"))
"""Signs of one currency each, which say it where the row does not; a dollar sign is many currencies'."""
_ODD_OR_ALONE = f"{_ODD}|[€£]"


def read_currency_names(billing_format: BillingFormat, cells: Cells) -> None:
    """`US Dollar`, `€` and their like as the code of the currency; what is no known name stays as it is."""
    column = CURRENCY_OF.get(billing_format.name, ("",))[0]
    stated = cells.known.get(column)
    if stated is not None:
        cells.known[column] = by_distinct(stated, _code_of, pa.string()).values


def _code_of(text: str) -> str:
    return CURRENCY_NAMES.get(" ".join(text.lower().replace(".", "").split()), text)


def read_currency_codes(billing_format: BillingFormat, cells: Cells) -> dict[str, dict[int, Unusable]]:
    """Leave the number of `10.00 EUR` or `EUR 10.00` where the row is in that currency, or states none and the number
    is its amount. What contradicts the row, by column and position."""
    currency_column, amount, _ = CURRENCY_OF.get(billing_format.name, ("", "", None))
    money = [name for name in billing_format.text_copies if name in cells.known]
    if currency_column:
        _spell_signs(cells, money, currency_column)
    if not currency_column or not any(pc.any(_with_code(cells.known[name])).as_py() for name in money):
        return {}
    kinds = billing_format.columns
    found: dict[str, dict[int, Unusable]] = {}
    numbers = [name for name in cells.known if name in kinds and pa.types.is_decimal(kinds[name])]
    for column in sorted(numbers, key=lambda name: name != amount):
        texts = cells.known[column]
        coded = _with_code(texts)
        codes = by_distinct(pc.if_else(coded, texts, None), partial(_coded, place="code"), pa.string()).values
        bare = by_distinct(pc.if_else(coded, texts, None), partial(_coded, place="number"), pa.string()).values
        stated = cells.known.get(currency_column, pa.nulls(len(texts), pa.string()))
        stated = pc.if_else(pc.equal(pc.utf8_trim_whitespace(stated), ""), None, stated)
        if column == amount:
            stated = cells.known[currency_column] = pc.coalesce(stated, codes)
        agrees = pc.equal(pc.utf8_upper(pc.utf8_trim_whitespace(stated)), codes)
        cells.known[column] = pc.if_else(pc.fill_null(agrees, False), bare, texts)
        for position in pc.indices_nonzero(pc.fill_null(pc.invert(agrees), False)).to_pylist():
            remedy = f"the row is in {stated[position].as_py().strip().upper()}"
            remedy += "; write the amount in it without a code, or correct the currency"
            found.setdefault(column, {})[position] = Unusable("currency_sign", remedy)
    return found


def _spell_signs(cells: Cells, money: list[str], currency_column: str) -> None:
    """`R$ 10,00` as `BRL 10,00`; where a sign is several currencies', as the one of them that the row states."""
    for name in money:
        texts = cells.known[name]
        if not pc.any(pc.match_substring_regex(texts, _ODD_OR_ALONE)).as_py():
            continue
        stated = cells.known.get(currency_column, pa.nulls(len(texts), pa.string()))
        cells.known[name] = by_distinct_pair(texts, pc.fill_null(stated, ""), _spelled)


def _spelled(text: str, stated: str) -> str:
    match = _SIGNED.fullmatch(text.strip())
    if match is None and not stated.strip():
        match = _ALONE.fullmatch(text.strip())
    if match is None:
        return text
    sign = match["before"] or match["after"]
    codes = SIGNS_WITH_LETTERS.get(sign) or CURRENCIES_OF_SIGNS[sign]
    code = codes[0] if len(codes) == 1 else next((each for each in codes if each == stated.strip().upper()), None)
    return text if code is None else f"{code} {(match['first'] or match['last']).strip()}"


def _with_code(texts: pa.Array) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(texts, r"(^[A-Za-z]{3}\s?[^A-Za-z])|([^A-Za-z][A-Za-z]{3}$)"), False)


def _coded(text: str, place: str) -> str | None:
    """The currency code of an amount, or the number beside it; None for any other text."""
    match = _CODED.fullmatch(text.strip())
    code = (match["before"] or match["after"]).upper() if match else ""
    if match is None or code not in CURRENCY_CODES:
        return None
    return code if place == "code" else (match["first"] or match["last"]).strip()


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
