"""What a request of the sample company costs: public price of its day, and the company's contracts.

Put here: prices as exact integers and the arithmetic on them. Keep out: who made the request.

Money is counted in picodollars (1e-12 USD, the last digit of `decimal(38,12)`) as 64-bit integers, so sums
are exact and vectorised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from genai_prices.data_snapshot import get_snapshot

from ingestion.demo.company.models import MODELS, Model

PICO_PER_USD = 10**12
Integers = npt.NDArray[np.int64]

METERS: tuple[str, ...] = (
    "uncached_input",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "web_search",
)
"""The meters the sample company uses."""
INPUT_METERS = METERS[:5]
COLUMN_OF_METER = {meter: "web_searches" if meter == "web_search" else f"{meter}_tokens" for meter in METERS}

_PRICE_KEYS: dict[str, tuple[str, ...]] = {
    "uncached_input": ("input_mtok",),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write": ("cache_write_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_mtok",),
    "web_search": ("web_searches_kcount",),
}
"""Names in the price list, nearest first."""

VARIANTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("standard", {}),
    ("processing=batch", {"processing": "batch"}),
    ("service_tier=flex", {"service_tier": "flex"}),
    ("service_tier=priority", {"service_tier": "priority"}),
    ("unknown tier", {}),
)
VARIANT_NUMBER = {name: number for number, (name, _) in enumerate(VARIANTS)}
UNKNOWN_TIER = "scale"
"""A tier OpenAI sells by contract: no public price says what it costs."""


@dataclass(frozen=True)
class Rates:
    """Picodollars per unit of each meter on one day: `base`, and `above` for requests over `threshold`."""

    base: tuple[int | None, ...]
    above: tuple[int | None, ...]
    threshold: int


def _pico_per_unit(price: Decimal, per: int) -> int:
    exact = price * PICO_PER_USD / per
    if exact != exact.to_integral_value():
        raise ValueError(f"{price} per {per} is finer than a picodollar")
    return int(exact)


def _rates(prices: Any) -> Rates:
    base: list[int | None] = []
    above: list[int | None] = []
    thresholds: set[int] = set()
    for meter, keys in _PRICE_KEYS.items():
        per = 1_000 if meter == "web_search" else 1_000_000
        found: Any = next((price for key in keys if (price := getattr(prices, key, None)) is not None), None)
        tiers = getattr(found, "tiers", None)
        if tiers:
            thresholds.update(tier.start for tier in tiers)
            base.append(_pico_per_unit(found.base, per))
            above.append(_pico_per_unit(tiers[-1].price, per))
        else:
            whole = None if found is None else _pico_per_unit(found, per)
            base.append(whole)
            above.append(whole)
    if len(thresholds) > 1:
        raise ValueError("the sample company's models have at most one context step")
    return Rates(tuple(base), tuple(above), thresholds.pop() if thresholds else np.iinfo(np.int64).max)


def _price_id(model: Model) -> Callable[[date, Mapping[str, str]], Any]:
    provider, found = get_snapshot().find_provider_model(model.raw_name, None, model.provider, None)
    if found.id != model.price_model_id:
        raise LookupError(f"{model.raw_name} is {found.id} in the price list, expected {model.price_model_id}")
    own = any(found is one for one in provider.models)

    def prices_of(day: date, context: Mapping[str, str]) -> Any:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return found.get_prices(noon, dict(context) if own else None)

    return prices_of


class PriceBook:
    """Public prices of all models on every day of a window, as arrays to look up in.

    `base[model, variant, day, meter]` and `above[...]` hold picodollars, -1 where there is no price.
    """

    def __init__(self, first: date, days: int) -> None:
        shape = (len(MODELS), len(VARIANTS), days, len(METERS))
        self.first = first
        self.base: Integers = np.full(shape, -1, dtype=np.int64)
        self.above: Integers = np.full(shape, -1, dtype=np.int64)
        self.threshold: Integers = np.full(shape[:3], np.iinfo(np.int64).max, dtype=np.int64)
        for number, model in enumerate(MODELS):
            if model.price_model_id is None:
                continue
            prices_of = _price_id(model)
            for variant, (name, context) in enumerate(VARIANTS):
                if name != "unknown tier":
                    self._fill(number, variant, prices_of, context, days)

    def _fill(
        self,
        model: int,
        variant: int,
        prices_of: Callable[[date, Mapping[str, str]], Any],
        context: Mapping[str, str],
        days: int,
    ) -> None:
        seen: dict[str, Rates] = {}
        for day in range(days):
            prices = prices_of(self.first + timedelta(days=day), context)
            text = repr(prices)
            if text not in seen:
                seen[text] = _rates(prices)
            rates = seen[text]
            self.base[model, variant, day] = [-1 if pico is None else pico for pico in rates.base]
            self.above[model, variant, day] = [-1 if pico is None else pico for pico in rates.above]
            self.threshold[model, variant, day] = rates.threshold

    def unit_prices(self, model: Integers, variant: Integers, day: Integers, total_input: Integers) -> Integers:
        """Picodollars per unit, one row per request and one column per meter."""
        over = total_input > self.threshold[model, variant, day]
        return np.where(over[:, None], self.above[model, variant, day], self.base[model, variant, day])


@dataclass(frozen=True)
class NegotiatedPrice:
    """A line of the company's contracts: a discount, or a price for one meter of one model."""

    provider: str
    price_model_id: str | None
    meter: str | None
    discount_pct: int | None
    price_usd_per_million_units: Decimal | None
    valid_from: date
    valid_to: date | None


def contracts(first: date, renewal: date) -> tuple[NegotiatedPrice, ...]:
    """The contracts in force: OpenAI in two steps, Groq, and one Anthropic output price."""
    start = first.replace(day=1)
    return (
        NegotiatedPrice("openai", None, None, 5, None, start, renewal),
        NegotiatedPrice("openai", None, None, 8, None, renewal, None),
        NegotiatedPrice("groq", None, None, 10, None, start, None),
        NegotiatedPrice("anthropic", "claude-haiku-4-5", "output", None, Decimal("4.5"), start, None),
    )


def contracted_unit_prices(
    list_prices: Integers, model: Integers, day: npt.NDArray[Any], lines: tuple[NegotiatedPrice, ...]
) -> Integers:
    """List prices per request and meter after the contracts valid on `day` (datetime64[D])."""
    result = list_prices.copy()
    provider = np.array([one.provider for one in MODELS])[model]
    for line in lines:
        rows = (provider == line.provider) & (day >= np.datetime64(line.valid_from))
        if line.valid_to is not None:
            rows &= day < np.datetime64(line.valid_to)
        if line.price_model_id is not None:
            rows &= np.array([one.price_model_id == line.price_model_id for one in MODELS])[model]
        columns = [METERS.index(line.meter)] if line.meter else list(range(len(METERS)))
        cells = np.ix_(rows, np.isin(np.arange(len(METERS)), columns))
        known = list_prices[cells]
        if line.discount_pct is not None:
            kept = known * (100 - line.discount_pct)
            if (kept[known >= 0] % 100).any():
                raise ValueError("a discounted price is finer than a picodollar")
            new = kept // 100
        else:
            assert line.price_usd_per_million_units is not None
            new = np.full_like(known, _pico_per_unit(line.price_usd_per_million_units, 1_000_000))
        result[cells] = np.where(known >= 0, new, -1)
    return result
