"""What a token mix would cost at another model's prices, exactly, in decimals.

Put here: choosing the price of a meter and multiplying. Keep out: which swap is sensible.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from ml.money import to_decimal

UNCHARGED_METERS = frozenset({"request", "reasoning_surcharge", "citation_surcharge"})
"""Meters that most price lists do not charge: without a price they cost nothing, by definition of the meter."""

Mix = dict[tuple[str, str], int]
"""(meter, price variant) → quantity."""


@dataclass(frozen=True)
class PriceCard:
    """One model's prices. `steps`: (meter, variant) → [(context_over_tokens, USD per unit)]."""

    provider_id: str
    model_id: str
    capability_class: str | None
    context_window_tokens: int | None
    is_deprecated: bool
    steps: dict[tuple[str, str], list[tuple[int, Decimal]]]

    def price(self, meter: str, variant: str, max_input_tokens: int | None) -> Decimal | None:
        """The dearest price that a request of at most `max_input_tokens` can meet; None when the meter has no price.

        With an unknown size every context step counts, so a saving is never promised on a step that may not hold.
        """
        prices = [
            price
            for over, price in self.steps.get((meter, variant), [])
            if max_input_tokens is None or over < max_input_tokens
        ]
        if prices:
            return max(prices)
        return Decimal(0) if meter in UNCHARGED_METERS else None

    def cost(self, mix: Mix, max_input_tokens: int | None) -> Decimal | None:
        """USD for the whole mix; None as soon as one used meter has no price."""
        total = Decimal(0)
        for (meter, variant), quantity in mix.items():
            price = self.price(meter, variant, max_input_tokens)
            if price is None:
                return None
            total += quantity * price
        return to_decimal(total)


def price_cards(prices: pd.DataFrame) -> list[PriceCard]:
    """Cards from rows `provider_id, model_id, meter, price_usd_per_unit`.

    Optional columns: `price_variant` ('standard'), `context_over_tokens` (-1), `context_window`, `is_deprecated`,
    `capability_class`. Several rows for one meter (context steps, times of day) are all kept.
    """
    cards = []
    for (provider_id, model_id), rows in prices.groupby(["provider_id", "model_id"], sort=True):
        steps: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
        for row in rows.to_dict("records"):
            price = to_decimal(row["price_usd_per_unit"])
            if price is not None and not pd.isna(row["price_usd_per_unit"]):
                key = (str(row["meter"]), str(row.get("price_variant") or "standard"))
                steps.setdefault(key, []).append((_integer(row.get("context_over_tokens"), -1) or -1, price))
        first = rows.iloc[0]
        cards.append(
            PriceCard(
                provider_id=str(provider_id),
                model_id=str(model_id),
                capability_class=_text(first.get("capability_class")),
                context_window_tokens=_integer(first.get("context_window"), None),
                is_deprecated=bool(first.get("is_deprecated")) if not pd.isna(first.get("is_deprecated")) else False,
                steps=steps,
            )
        )
    return cards


def _integer(value: object, default: int | None) -> int | None:
    return default if value is None or pd.isna(value) else int(value)  # type: ignore[call-overload]


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
