"""What a token mix would cost at another model's prices, exactly, in decimals.

Put here: choosing the price of a meter and multiplying. Keep out: which swap is sensible.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.money import to_decimal

if TYPE_CHECKING:
    import pandas as pd

UNCHARGED_METERS = frozenset({"request", "reasoning_surcharge", "citation_surcharge"})
"""Meters that most price lists do not charge: without a price they cost nothing, by definition of the meter."""

Mix = dict[tuple[str, str], int]
"""(meter, price variant) → quantity."""

PRICES_FROM_NOW = """
with offers as (
    select *
    from intermediate.int_negotiated_prices
    where not is_conditional and valid_from_utc <= $as_of and valid_to_utc >= $as_of + interval 30 day
)
select
    prices.provider_id,
    prices.model_id,
    prices.meter,
    prices.price_variant,
    prices.context_over_tokens,
    prices.list_price_usd_per_unit as price_usd_per_unit,
    cast(
        case
            when offers.price_usd_per_million_units is not null
                then cast(offers.price_usd_per_million_units as decimal(24, 12)) * cast(0.000001 as decimal(6, 6))
            when offers.discount_pct is not null
                then cast(prices.list_price_usd_per_unit as decimal(18, 12))
                    * cast(100 - offers.discount_pct as decimal(11, 6)) * cast(0.01 as decimal(2, 2))
        end as decimal(38, 12)
    ) as agreed_price_usd_per_unit,
    models.context_window,
    models.is_deprecated
from marts.dim_prices_current as prices
left join marts.dim_models as models
    on models.provider_id = prices.provider_id and models.model_id = prices.model_id
left join seeds.meters as meters on meters.meter = prices.meter
left join offers
    on offers.provider_id = prices.provider_id
    and (offers.model is null or lower(offers.model) = lower(prices.model_id))
    and (offers.variant is null or offers.variant = prices.price_variant)
    and coalesce(offers.meter = prices.meter, offers.discount_pct is not null or meters.is_token)
where prices.valid_from_utc <= $as_of + interval 30 day and prices.valid_to_utc > $as_of
    and prices.provider_id in (select distinct provider_id from intermediate.int_model_mix_daily)
qualify row_number() over (
    partition by prices.provider_id, prices.model_id, prices.meter, prices.price_variant, prices.context_over_tokens,
        prices.time_of_day_from_second, prices.valid_from_utc
    order by offers.specificity desc nulls last, offers.valid_from_utc desc, offers.price_usd_per_million_units,
        offers.discount_pct desc
) = 1
order by all
"""
"""Prices in force on the day of the run or known to begin within 30 days, of the providers in use.

`agreed_price_usd_per_unit` is what a contract makes of them for the next 30 days, by the rules of `docs/pricing.md`;
NULL without one. Agreements by account or by the quantity of a month are not in it.
"""


@dataclass(frozen=True)
class PriceCard:
    """One model's prices: (meter, variant) → [(context_over_tokens, USD per unit)]: `steps` of the list, `agreed` paid.

    What is agreed is the list price where there is no contract.
    """

    provider_id: str
    model_id: str
    capability_class: str | None
    context_window_tokens: int | None
    is_deprecated: bool
    steps: dict[tuple[str, str], list[tuple[int, Decimal]]]
    agreed: dict[tuple[str, str], list[tuple[int, Decimal]]]

    def price(self, meter: str, variant: str, max_input_tokens: int | None) -> Decimal | None:
        """The dearest price paid that a request of at most `max_input_tokens` can meet; None where the meter has none.

        With an unknown size every context step counts, so a saving is never promised on a step that may not hold.
        """
        prices = [
            price
            for over, price in self.agreed.get((meter, variant), [])
            if max_input_tokens is None or over < max_input_tokens
        ]
        if prices:
            return max(prices)
        return Decimal(0) if meter in UNCHARGED_METERS else None

    def price_from_now(self, meter: str, variant: str, context_tier: str | None) -> Decimal | None:
        """The cheapest list price that usage of this kind will meet: of its own context step where that is known.

        The cheapest, as a cut that is in force or announced must not be promised as a saving.
        """
        rows = self.steps.get((meter, variant), [])
        over = _context_over(context_tier)
        own = [price for step, price in rows if step == over] if over is not None else []
        return min(own or [price for _, price in rows], default=None)

    def cost(self, mix: Mix, max_input_tokens: int | None) -> Decimal | None:
        """USD for the whole mix; None as soon as one used meter has no price."""
        total = Decimal(0)
        for (meter, variant), quantity in mix.items():
            price = self.price(meter, variant, max_input_tokens)
            if price is None:
                return None
            total += quantity * price
        return to_decimal(total)


def _context_over(context_tier: str | None) -> int | None:
    """`base` is -1, `over_200000_tokens` is 200000."""
    if context_tier is None:
        return None
    if context_tier == "base":
        return -1
    digits = context_tier.removeprefix("over_").removesuffix("_tokens")
    return int(digits) if digits.isdigit() else None


def price_cards(prices: pd.DataFrame) -> list[PriceCard]:
    """Cards from rows `provider_id, model_id, meter, price_usd_per_unit`.

    Optional columns: `price_variant` ('standard'), `context_over_tokens` (-1), `context_window`, `is_deprecated`,
    `capability_class`, `agreed_price_usd_per_unit` (what a contract makes of the price). Several rows for one meter
    (context steps, times of day, prices to come) are all kept.
    """
    cards: dict[tuple[str, str], PriceCard] = {}
    for row in prices.to_dict("records"):
        key = (str(row["provider_id"]), str(row["model_id"]))
        card = cards.get(key)
        if card is None:
            deprecated = row.get("is_deprecated")
            card = cards[key] = PriceCard(
                provider_id=key[0],
                model_id=key[1],
                capability_class=_text(row.get("capability_class")),
                context_window_tokens=_integer(row.get("context_window")),
                is_deprecated=bool(deprecated) if not _is_missing(deprecated) else False,
                steps={},
                agreed={},
            )
        price = None if _is_missing(row["price_usd_per_unit"]) else to_decimal(row["price_usd_per_unit"])
        if price is not None:
            over = _integer(row.get("context_over_tokens"))
            step = (str(row["meter"]), _text(row.get("price_variant")) or "standard")
            agreed = None if _is_missing(said := row.get("agreed_price_usd_per_unit")) else to_decimal(said)
            at = -1 if over is None else over
            card.steps.setdefault(step, []).append((at, price))
            card.agreed.setdefault(step, []).append((at, price if agreed is None else agreed))
    return [cards[key] for key in sorted(cards)]


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _integer(value: object) -> int | None:
    return None if _is_missing(value) else int(value)  # type: ignore[call-overload]


def _text(value: object) -> str | None:
    return None if _is_missing(value) else str(value)
