"""What an exchange rate must satisfy: a currency that exists, a rate above zero, one rate at a time.

A rate without an end holds until the next one of its currency. Put here: rules of `fx_rates.csv`. Keep out: types.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from ingestion.reading.tabular.other_dates import first_of_month
from ingestion.reading.tabular.values import to_money
from ingestion.sources.org.currencies import code_of
from ingestion.sources.org.model import OrgTable, Row
from ingestion.sources.org.spellings import word
from ingestion.vocabulary.currencies import CURRENCY_CODES

_PRECISE = Context(prec=60)
_LEAST_RATE = Decimal("0.00000001")
_AGREEING = Decimal("0.001")
"""So far from 1 may be the product of a rate and its inverse, both of which people round."""

_FROM = frozenset("from_currency base_currency source_currency base".split())
_TO = frozenset("to_currency quote_currency target_currency quote".split())
_RATES = frozenset("rate exchange_rate fx_rate conversion_rate".split())


@dataclass(frozen=True)
class PairSheet:
    """Rates by pair: how many units of one currency another one is."""

    base: int
    quote: int
    rate: int

    @property
    def places(self) -> set[int]:
        """The columns that are used."""
        return {self.base, self.quote, self.rate}

    @property
    def tells(self) -> set[str]:
        """The columns of the file that it has in its own way."""
        return {"currency", "usd_per_unit", "units_per_usd"}

    def fill(self, row: dict[str, str | None], cells: Mapping[int, str | None]) -> None:
        """Give a row the currency that is not the dollar, and the rate the way round it is told."""
        base, quote = (code_of(cells[place] or "") for place in (self.base, self.quote))
        is_of_dollars = base == "USD"
        row["currency"] = quote if is_of_dollars else base if quote == "USD" else f"{base}/{quote}"
        row["units_per_usd" if is_of_dollars else "usd_per_unit"] = cells[self.rate]

    def name(self, row: dict[str, str | None]) -> None:
        """Rates have no ids."""


def pair_sheet(others: Mapping[int, str], places: Mapping[str, int]) -> PairSheet | None:
    """The columns of a table of pairs; None where it has other ones."""
    if "currency" in places or "usd_per_unit" in places or "units_per_usd" in places:
        return None
    words = {place: word(header) for place, header in others.items()}
    found = [[place for place, said in words.items() if said in names] for names in (_FROM, _TO, _RATES)]
    return PairSheet(*(places[0] for places in found)) if all(len(places) == 1 for places in found) else None


def which_way_round(headers: Iterable[str]) -> str:
    """What to write where a column of rates does not say of what they are, or months are columns of their own."""
    headers = list(headers)
    months = [header for header in headers if first_of_month(header.strip())]
    if months:
        return (
            f". {', '.join(map(repr, months[:3]))} may be rates of months: write a row for each, with valid_from and "
            "usd_per_unit (1.08 for EUR) or units_per_usd (0.92)"
        )
    found = [header for header in headers if word(header) in _RATES]
    if not found:
        return ""
    return f". {found[0]!r} may be either way round: call it usd_per_unit (1.08 for EUR) or units_per_usd (0.92)"


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
