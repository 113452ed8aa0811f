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


def complete_rate(row: Row) -> None:
    """Checks one rate and adds `units_per_usd`, its inverse rounded half-even to 12 decimals."""
    currency, rate = code_of(row.values["currency"] or ""), row.values["usd_per_unit"]
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
    elif rate is not None:
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
