"""Price rows and negotiated offers, as the warehouse has them, and the choice between offers.

Put here: what a row says and when it applies. Keep out: quantities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ml.money import USD_QUANTUM

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class MeterKinds:
    """What the caller's meters are: all tokens, input tokens (they pick the context step), those that cost nothing
    without a price (always, or where the model is priced by token), and the one that counts requests."""

    token: frozenset[str]
    input_token: frozenset[str]
    free_without_price: frozenset[str]
    free_beside_tokens: frozenset[str]
    request: str = "request"


@dataclass(frozen=True)
class ListPrice:
    """One row of `dim_prices`: half-open in date (naive UTC) and time of day; input tokens in `(over, up_to]`."""

    provider_id: str
    model_id: str
    meter: str
    price_variant: str
    valid_from_utc: datetime
    valid_to_utc: datetime
    time_of_day_from_second: int
    time_of_day_to_second: int
    context_over_tokens: int
    context_up_to_tokens: int
    usd_per_unit: Decimal
    minimum_quantity: int | None
    price_source: str
    price_source_version: str

    def applies(self, at: datetime, total_input_tokens: int) -> bool:
        """Whether a request at this instant (naive UTC) with this many input tokens is charged by this row."""
        second = at.hour * 3600 + at.minute * 60 + at.second
        return (
            self.valid_from_utc <= at < self.valid_to_utc
            and self.time_of_day_from_second <= second < self.time_of_day_to_second
            and self.context_over_tokens < total_input_tokens <= self.context_up_to_tokens
        )


@dataclass(frozen=True)
class Customer:
    """Whose offers count: the provider that is paid, the account if known, the names offers may call the model."""

    provider_id: str
    model_names: tuple[str, ...]
    account_id: str | None = None


@dataclass(frozen=True)
class NegotiatedPrice:
    """An offer of a provider: a discount, or a price per million units; None: any account, model, variant, meter."""

    provider_id: str
    model: str | None
    meter: str | None
    discount_pct: Decimal | None
    price_usd_per_million_units: Decimal | None
    valid_from_utc: datetime
    valid_to_utc: datetime
    account_id: str | None = None
    price_variant: str | None = None

    def covers(self, customer: Customer, meter: str, is_token: bool, price_variant: str | None, at: datetime) -> bool:
        """Whether the offer is for this meter of a model by any of its names; one price for all means tokens."""
        return (
            self.provider_id == customer.provider_id
            and self.account_id in (None, customer.account_id)
            and (self.model is None or self.model.lower() in {name.lower() for name in customer.model_names})
            and self.price_variant in (None, price_variant)
            and (self.meter == meter or (self.meter is None and (self.discount_pct is not None or is_token)))
            and self.valid_from_utc <= at < self.valid_to_utc
        )

    @property
    def specificity(self) -> int:
        """Account, then model, then variant, then meter: the most specific offer wins."""
        named = (self.account_id, self.model, self.price_variant, self.meter)
        return sum(weight for weight, name in zip((8, 4, 2, 1), named, strict=True) if name is not None)

    def price(self, listed: Decimal | None) -> Decimal | None:
        """USD per unit to 12 places; None for a discount on nothing."""
        if self.price_usd_per_million_units is not None:
            return (self.price_usd_per_million_units / _MILLION).quantize(USD_QUANTUM)
        if listed is None or self.discount_pct is None:
            return None
        return (listed * (100 - self.discount_pct) / 100).quantize(USD_QUANTUM)


def best_offer(offers: Iterable[NegotiatedPrice]) -> NegotiatedPrice | None:
    """The offer that wins: most specific, then newest, then a fixed price before a discount, then the largest one."""
    ranked = sorted(
        offers,
        key=lambda offer: (
            -offer.specificity,
            -offer.valid_from_utc.toordinal(),
            offer.price_usd_per_million_units is None,
            offer.price_usd_per_million_units or Decimal(0),
            -(offer.discount_pct or Decimal(0)),
        ),
    )
    return ranked[0] if ranked else None
