"""Whether a recorded cost is what counts come to at the list prices of the day: evidence between two readings.

Put here: that comparison. Keep out: pricing of usage, which dbt does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import lru_cache
from typing import Any

from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.relations import CostFits
from ingestion.sources.events.usage_shapes.values import BadValue, dollars
from ingestion.vocabulary.meters import METERS

TOLERANCE = Fraction(1, 200)
_TOKEN_METERS = tuple(meter for meter in METERS if meter.is_token)


def recorded_cost_fits(cost: Any, provider: str | None, model: str | None, at: datetime) -> CostFits | None:
    """A test of readings by what was paid; None where nothing positive was recorded or the list lacks the model."""
    try:
        paid = dollars(cost, "spend")
    except BadValue:
        return None
    if not paid or paid < 0 or not model:
        return None
    exact = Fraction(paid)

    def fits(counts: Counts) -> bool:
        size = sum(counts.get(meter.raw_column or "") or 0 for meter in _TOKEN_METERS if meter.is_input_token)
        prices = _prices(provider or "", model, at.date(), size > _LONG)
        if prices is None:
            return False
        total = Fraction(0)
        for meter in _TOKEN_METERS:
            number = counts.get(meter.raw_column or "")
            if number:
                if meter.name not in prices:
                    return False
                total += number * prices[meter.name]
        return abs(total - exact) <= exact * TOLERANCE

    return fits


_LONG = 200_000
"""Beyond it list prices may step up; both sides of it are looked up on their own."""


@lru_cache(maxsize=4096)
def _prices(provider: str, model: str, day: date, is_long: bool) -> dict[str, Fraction] | None:
    from ingestion.sources.prices.aliases import Match
    from ingestion.sources.prices.units import InvalidPriceList, prices_by_meter

    found = _resolver().resolve(provider, model)
    if not isinstance(found, Match):
        return None
    try:
        listed = found.model.get_prices(datetime.combine(day, time(12), UTC), {})
        return {name: price.usd for name, price in prices_by_meter(listed, 1_000_000 if is_long else 1).items()}
    except (InvalidPriceList, LookupError, ValueError):
        return None


@lru_cache(maxsize=1)
def _resolver() -> Any:
    from ingestion.sources.prices.aliases import NameResolver

    return NameResolver(get_snapshot(), max_names_compared=0)


def clear_caches() -> None:
    """Forget prices, for a list that changed in this process."""
    _prices.cache_clear()
    _resolver.cache_clear()
