"""The same request on many models, cheapest first.

Put here: ranking and the projection to a month. Keep out: which models are worth comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ml.quotes.prices import Customer, ListPrice, MeterKinds, NegotiatedPrice
from ml.quotes.quote import Quote, quote_usage

DAYS_PER_MONTH = Decimal("30.4375")
"""365.25 ÷ 12: the mean month, so that a projection does not depend on the month it is made in."""


@dataclass(frozen=True)
class ModelOffer:
    """A model that could serve the request, with all its price rows; `context_window` in tokens, None unknown."""

    provider_id: str
    model_id: str
    model_name: str
    context_window: int | None
    prices: Sequence[ListPrice]


@dataclass(frozen=True)
class RankedModel:
    """A model with its cost. `rank` is None where the request does not fit or has no price; costs in USD."""

    rank: int | None
    model: ModelOffer
    quote: Quote
    fits_window: bool | None
    cost_per_request: Decimal | None
    cost_per_month: Decimal | None
    times_cheapest: float | None


def compare_models(
    models: Iterable[ModelOffer],
    quantities: Mapping[str, int],
    *,
    requests_per_day: int,
    at: datetime,
    kinds: MeterKinds,
    offers: Sequence[NegotiatedPrice] = (),
    price_variant: str = "standard",
    account_id: str | None = None,
) -> list[RankedModel]:
    """Every model priced at contracted prices for `quantities` (disjoint units of one request), cheapest first.

    Those that cannot hold the request, then those without a price, come last and have no rank.
    """
    tokens = sum(quantity for meter, quantity in quantities.items() if meter in kinds.token)
    found = []
    for model in models:
        quote = quote_usage(
            model.prices,
            quantities,
            at=at,
            price_variant=price_variant,
            kinds=kinds,
            offers=offers,
            customer=Customer(model.provider_id, (model.model_id,), account_id),
        )
        fits = None if model.context_window is None else tokens <= model.context_window
        found.append((model, quote, fits))
    found.sort(key=lambda each: (*_order(each[1], each[2]), each[0].provider_id, each[0].model_id))
    priced = [q.contracted_cost for _, q, fits in found if q.contracted_cost is not None and fits is not False]
    cheapest = min(priced, default=None)
    ranked, rank = [], 0
    for model, quote, fits in found:
        cost = quote.contracted_cost
        is_ranked = cost is not None and fits is not False
        rank += is_ranked
        ranked.append(
            RankedModel(
                rank=rank if is_ranked else None,
                model=model,
                quote=quote,
                fits_window=fits,
                cost_per_request=cost,
                cost_per_month=None if cost is None else cost * requests_per_day * DAYS_PER_MONTH,
                times_cheapest=float(cost / cheapest) if is_ranked and cost is not None and cheapest else None,
            )
        )
    return ranked


def _order(quote: Quote, fits: bool | None) -> tuple[int, Decimal]:
    if quote.contracted_cost is None:
        return 2, Decimal(0)
    return (1 if fits is False else 0), quote.contracted_cost
