"""What a negotiated price must satisfy: a discount or a price, a known meter, bands of units that do not overlap.

Put here: rules of `negotiated_prices.csv`. Keep out: types, and which offer wins.
"""

from __future__ import annotations

from collections import defaultdict

from ingestion.landing.notes import Note
from ingestion.sources.org.model import OrgTable, Row
from ingestion.sources.org.spellings import word
from ingestion.vocabulary.meters import METERS, METERS_BY_NAME

_OTHER_METERS = {
    **dict.fromkeys(("input", "input_tokens", "prompt", "prompt_tokens", "uncached_input_tokens"), "uncached_input"),
    **dict.fromkeys(("cached_input", "cached_input_tokens", "cache_read_tokens", "cached", "cache_hit"), "cache_read"),
    **dict.fromkeys(("output_tokens", "completion", "completion_tokens"), "output"),
}
"""What price lists call them."""
_METER_NAMES = frozenset(meter.name for meter in METERS)


def complete_offer(row: Row) -> None:
    """Checks one row on its own."""
    values = row.values
    discount, price = values["discount_pct"], values["price_usd_per_million_units"]
    if (discount is None) == (price is None):
        both = "both are filled" if discount is not None else "neither is filled"
        row.reject("discount_pct", "discount_or_price", f"{both}; give discount_pct or price_usd_per_million_units")
    meter = word(values["meter"]) if values["meter"] else None
    values["meter"] = _OTHER_METERS.get(str(meter), meter)
    if values["meter"] and values["meter"] not in _METER_NAMES:
        alike = [meter.name for meter in METERS if values["meter"] in meter.name] or ["uncached_input", "output"]
        shown = ", ".join(alike[:4])
        message = f"{values['meter']!r} is no meter; write one as {shown} (dbt_project/seeds/meters.csv)"
        row.reject("meter", "unknown_value", message)
    start, stop = values["tier_from_units"], values["tier_to_units"]
    if stop is not None and stop <= (start or 0):
        row.reject("tier_to_units", "invalid_tier", f"{stop} is not above tier_from_units {start or 0}; correct one")


def bands_meet(one: Row, other: Row) -> bool:
    """Whether two rows for the same thing are for the same units of a month."""
    (one_from, one_to), (other_from, other_to) = _band(one), _band(other)
    return one_from < other_to and other_from < one_to


def _band(row: Row) -> tuple[float, float]:
    start, stop = row.values["tier_from_units"], row.values["tier_to_units"]
    return start or 0, float("inf") if stop is None else stop


def check_commitments(table: OrgTable) -> None:
    """The rows of a commitment are counted together, so they must count in one unit."""
    units: dict[tuple[str, str], str] = defaultdict(str)
    for row in table.good:
        commitment, meter = row.values["commitment_id"], row.values["meter"]
        if not commitment:
            continue
        unit = "token" if meter is None or METERS_BY_NAME[meter].is_token else meter
        first = units.setdefault((row.values["provider_name"].lower(), commitment), unit)
        if first != unit:
            row.reject(
                "commitment_id",
                "mixed_units",
                f"{commitment!r} counts {first} in an earlier row, {meter} here; give this row another commitment_id",
            )


def note_offers(table: OrgTable) -> None:
    """Name discounts that may be parts of one, and units between two bands that neither is for."""
    by_identity: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in table.good:
        by_identity[row.identity].append(row)
        discount = row.values["discount_pct"]
        if discount and discount < 1:
            said = f"{discount.normalize():f}"
            message = f"a discount_pct of {said} is {said} %; write {(100 * discount).normalize():f} if that is meant"
            table.notes.append(Note("part_or_percent", message, table.file.path, row.number, 1))
    for rows in by_identity.values():
        for row in rows:
            _, stop = _band(row)
            there = [each for each in rows if each.valid[0] < row.valid[1] and row.valid[0] < each.valid[1]]
            above = min((_band(each)[0] for each in there if _band(each)[0] > stop), default=None)
            if above is not None and not any(_band(each)[0] <= stop < _band(each)[1] for each in there):
                message = (
                    f"units {stop:,.0f} to {above:,.0f} of a month have no row and no offer: tier_to_units is "
                    f"exclusive. Write {above:.0f} if they belong to this row"
                )
                table.notes.append(Note("band_without_row", message, table.file.path, row.number, 1))
