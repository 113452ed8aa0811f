"""What an exchange rate must satisfy: a currency that exists, a rate above zero, one rate at a time.

A rate without an end holds until the next one of its currency. Put here: rules of `fx_rates.csv`. Keep out: types.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Context, Decimal

from ingestion.reading.tabular.values import to_money
from ingestion.sources.org.currencies import code_of
from ingestion.sources.org.model import OrgTable, Row
from ingestion.vocabulary.currencies import CURRENCY_CODES

_PRECISE = Context(prec=60)
_LEAST_RATE = Decimal("0.00000001")
_AGREEING = Decimal("0.001")
"""So far from 1 may be the product of a rate and its inverse, both of which people round."""


def complete_rate(row: Row) -> None:
    """Checks one rate, told either way round or both, and adds its inverse rounded half-even to 12 decimals."""
    currency, rate = code_of(row.values["currency"] or ""), row.values["usd_per_unit"]
    units = row.values["units_per_usd"]
    if rate is None and units:
        rate = row.values["usd_per_unit"] = to_money(_PRECISE.divide(Decimal(1), units))
    elif rate is None and units is not None:
        row.reject("units_per_usd", "amount_out_of_range", "give units of the currency per US dollar, more than 0")
    elif rate and units is not None and abs(rate * units - 1) > _AGREEING:
        message = f"{units} units per dollar are not {rate} dollars per unit; keep the one that is right"
        row.reject("units_per_usd", "more_than_one_value", message)
    row.values["currency"] = currency
    if currency == "USD":
        row.reject(
            "currency", "unexpected_currency", "amounts are in USD as they are, no rate is needed; remove the row"
        )
    elif currency not in CURRENCY_CODES:
        row.reject("currency", "unknown_value", f"{currency!r} is no ISO 4217 code; write it as in EUR")
    if rate is not None and rate < _LEAST_RATE:
        least = f"{_LEAST_RATE:f}"
        row.reject("usd_per_unit", "amount_out_of_range", f"give US dollars per unit of the currency, {least} or more")
    elif rate is not None and not units:
        row.values["units_per_usd"] = to_money(_PRECISE.divide(Decimal(1), rate))


def end_open_rates(table: OrgTable) -> None:
    """Lets each rate without `valid_to` end where the next one of its currency begins."""
    starts: dict[str, set[object]] = defaultdict(set)
    for row in table.good:
        starts[row.values["currency"]].add(row.valid[0])
    for row in table.good:
        if not row.cells.get("valid_to"):
            later = [start for start in starts[row.values["currency"]] if start > row.valid[0]]  # type: ignore[operator]
            row.values["valid_to_utc"] = min(later, default=row.valid[1])  # type: ignore[type-var]
