"""What the requests served since a change would have cost at the prices of before: exact, in decimals.

Put here: repricing by lever. Keep out: changes of volume (`counterfactual`), what follows from it (`lifecycle`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ml.money import to_decimal
from ml.optimization.price_cards import UNCHARGED_METERS
from ml.optimization.requests import INPUT_METERS

DAYS_BEFORE = 28
"""So many days before the change say how it was: shares, discounts, use of the new model."""
Row = Mapping[str, Any]


@dataclass
class Repriced:
    """By day: what the same would have cost, and what it cost. `why_not` where it cannot be said."""

    days: dict[date, tuple[Decimal, Decimal]] = field(default_factory=dict)
    why_not: str | None = None
    remark: str = ""

    def add(self, day: date, before: Decimal, actual: Decimal) -> None:
        """Add to a day."""
        old = self.days.get(day, (Decimal(0), Decimal(0)))
        self.days[day] = (old[0] + before, old[1] + actual)


class DatedPrices:
    """List prices by day."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[tuple[str, str, str, str], list[Row]] = {}
        for row in rows:
            key = (str(row["provider_id"]), str(row["model_id"]), str(row["meter"]), str(row["price_variant"]))
            self._rows.setdefault(key, []).append(row)

    def on(self, day: date, provider_id: str, model_id: str, meter: str, variant: str) -> Decimal | None:
        """The price of a day; of several (context steps, hours) the lowest, so that no saving is claimed on a guess."""
        prices = [
            Decimal(row["price_usd_per_unit"])
            for row in self._rows.get((provider_id, model_id, meter, variant), [])
            if row["valid_from_utc"].date() <= day < row["valid_to_utc"].date()
        ]
        return min(prices) if prices else Decimal(0) if meter in UNCHARGED_METERS else None


def reprice_model(
    rows: Sequence[Row], prices: DatedPrices, since: date, old: tuple[str, str], new: tuple[str, str]
) -> Repriced:
    """Requests served by the new model since, at the old one's prices. What it served before is not counted."""
    served = _of(rows, new, lambda row: row["usage_date"] >= since)
    discount = _discount(_of(rows, old, lambda row: row["usage_date"] < since))
    moved, remark = _moved_share(rows, since, lambda row: (row["provider_id"], row["model_id"]) == new)
    return _repriced(
        served, moved, remark, lambda row: _old_price(prices, row, *old, str(row["price_variant"]), discount)
    )


def reprice_tier(rows: Sequence[Row], prices: DatedPrices, since: date, model: tuple[str, str], part: str) -> Repriced:
    """Requests served in the tier `part` (`processing=batch`) since, at the prices without it."""
    served = _of(rows, model, lambda row: row["usage_date"] >= since and part in str(row["price_variant"]))
    before = _of(rows, model, lambda row: row["usage_date"] < since and part not in str(row["price_variant"]))
    moved, remark = _moved_share(
        rows,
        since,
        lambda row: (row["provider_id"], row["model_id"]) == model and part in str(row["price_variant"]),
    )

    def price(row: Row) -> Decimal | None:
        variant = ";".join(p for p in str(row["price_variant"]).split(";") if p != part) or "standard"
        return _old_price(prices, row, *model, variant, _discount(before))

    return _repriced(served, moved, remark, price)


def reprice_cache(rows: Sequence[Row], prices: DatedPrices, since: date, model: tuple[str, str]) -> Repriced:
    """The input served since, had as much of it come from the cache as in the days before."""
    inputs = _of(rows, model, lambda row: row["meter"] in INPUT_METERS)
    before = [row for row in inputs if since - timedelta(days=DAYS_BEFORE) <= row["usage_date"] < since]
    total = sum(int(row["quantity"]) for row in before)
    if not total:
        return Repriced(why_not=f"no input in the {DAYS_BEFORE} days before: how much was cached is not known")
    share = {
        meter: Decimal(sum(int(row["quantity"]) for row in before if row["meter"] == meter)) / total
        for meter in INPUT_METERS
    }
    discount = _discount(before)
    result = Repriced(remark=f"{share['cache_read']:.1%} of the input was read from the cache before")
    by_group: dict[tuple[date, str], list[Row]] = {}
    for row in inputs:
        if row["usage_date"] >= since:
            by_group.setdefault((row["usage_date"], str(row["price_variant"])), []).append(row)
    for (day, variant), group in sorted(by_group.items()):
        quantity = sum(int(row["quantity"]) for row in group)
        cost = Decimal(0)
        for meter, part in share.items():
            own = next((row for row in group if row["meter"] == meter and row["quantity"]), None)
            if own is not None and own["cost_usd"] is not None:
                price: Decimal | None = Decimal(own["cost_usd"]) / int(own["quantity"])
            else:
                listed = prices.on(day, *model, meter, variant)
                price = None if listed is None else listed * discount.get(meter, Decimal(1))
            if part and price is None:
                return Repriced(why_not=f"the price list has no {meter} of {model[1]} on {day}")
            cost += quantity * part * (price or Decimal(0))
        if any(row["cost_usd"] is None for row in group):
            return Repriced(why_not=f"the cost of {model[1]} on {day} is not known")
        result.add(day, cost, sum((Decimal(row["cost_usd"]) for row in group), Decimal(0)))
    return result


def reprice_gpus(rows: Sequence[Row], since: date, host: str, usd_per_hour: Decimal) -> Repriced:
    """Hours of a host's GPUs since, at the rate of before."""
    result = Repriced()
    for row in rows:
        if row["host"] == host and row["usage_date"] >= since:
            if row["cost_usd"] is None:
                return Repriced(
                    why_not=f"no rate is known for {host} on {row['usage_date']}: complete infrastructure_rates.csv"
                )
            result.add(row["usage_date"], Decimal(row["seconds"]) * usd_per_hour / 3600, Decimal(row["cost_usd"]))
    if result.days and all(before == actual for before, actual in result.days.values()):
        result.why_not = (
            f"the rate list still says {usd_per_hour} USD an hour: put what is paid now into infrastructure_rates.csv, "
            "from the day on which it holds"
        )
    return result


def _of(rows: Sequence[Row], model: tuple[str, str], wanted: Callable[[Row], bool]) -> list[Row]:
    return [row for row in rows if (row["provider_id"], row["model_id"]) == model and wanted(row)]


def _discount(rows: Iterable[Row]) -> dict[str, Decimal]:
    """By meter: what was paid of the list price."""
    paid: dict[str, Decimal] = {}
    listed: dict[str, Decimal] = {}
    for row in rows:
        if row["cost_usd"] is not None and row["list_price_usd_per_unit"]:
            meter = str(row["meter"])
            paid[meter] = paid.get(meter, Decimal(0)) + Decimal(row["cost_usd"])
            listed[meter] = listed.get(meter, Decimal(0)) + int(row["quantity"]) * Decimal(
                row["list_price_usd_per_unit"]
            )
    return {meter: paid[meter] / listed[meter] for meter in paid if listed[meter]}


def _old_price(
    prices: DatedPrices, row: Row, provider_id: str, model_id: str, variant: str, discount: Mapping[str, Decimal]
) -> Decimal | None:
    price = prices.on(row["usage_date"], provider_id, model_id, str(row["meter"]), variant)
    return None if price is None else price * discount.get(str(row["meter"]), Decimal(1))


def _moved_share(rows: Sequence[Row], since: date, is_new: Callable[[Row], bool]) -> tuple[Decimal, str]:
    """The part of what is served now that was not served so before: units a day, before and since."""
    before = [row for row in rows if is_new(row) and since - timedelta(days=DAYS_BEFORE) <= row["usage_date"] < since]
    after = [row for row in rows if is_new(row) and row["usage_date"] >= since]
    if not before or not after:
        return Decimal(1), ""
    days = (max(row["usage_date"] for row in after) - since).days + 1
    had = Decimal(sum(int(row["quantity"]) for row in before)) / DAYS_BEFORE
    has = Decimal(sum(int(row["quantity"]) for row in after)) / days
    moved = max(1 - had / has, Decimal(0)) if has else Decimal(0)
    return moved, f"{1 - moved:.0%} of it was served so before, and is not counted"


def _repriced(
    served: Sequence[Row], moved: Decimal, remark: str, price_of: Callable[[Row], Decimal | None]
) -> Repriced:
    result = Repriced(remark=remark)
    for row in served:
        price = price_of(row)
        if price is None:
            return Repriced(why_not=f"the old prices have no {row['meter']} on {row['usage_date']}")
        if row["cost_usd"] is None and row["meter"] not in UNCHARGED_METERS:
            return Repriced(why_not=f"the cost of {row['model_id']} on {row['usage_date']} is not known")
        result.add(
            row["usage_date"], moved * int(row["quantity"]) * price, moved * Decimal(row["cost_usd"] or Decimal(0))
        )
    result.days = {
        day: (to_decimal(before) or Decimal(0), to_decimal(actual) or Decimal(0))
        for day, (before, actual) in result.days.items()
    }
    return result
