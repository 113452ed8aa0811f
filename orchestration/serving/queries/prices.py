"""What a request would cost, at the prices of the publication.

Put here: one estimate. Keep out: the price book (`pricing`), arithmetic (`ml.quotes`).
"""

from __future__ import annotations

import threading
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.publications import DATABASE, Publication
from orchestration.serving.queries.answers import Answer

if TYPE_CHECKING:
    from ml.quotes import Quote, RankedModel
    from orchestration.pricing.price_book import PricedModel

LEAST_PLACES = 6
MOST_MODELS = 5_000
"""Names that are remembered; beyond that all are looked up anew."""


class Prices:
    """The price book of a publication, for many threads."""

    def __init__(self, publication: Publication, settings: Settings) -> None:
        from orchestration.pricing.price_book import PriceBook

        self._lock = threading.Lock()
        self._found: dict[tuple[Any, ...], tuple[PricedModel, list[str]]] = {}
        connection = publication.connection.cursor()
        connection.execute(f"use {DATABASE}.{MART_SCHEMA}")
        self._book = PriceBook(settings, published=connection)

    def find(
        self, model: str, provider: str = "", *, is_batch: bool = False, tier: str = ""
    ) -> tuple[PricedModel, list[str]]:
        """The entry of a model, and notes on how it was found.

        Raises:
            UnknownModelError: nothing answers to the name.
        """
        key = (model, provider, is_batch, tier)
        with self._lock:
            if key not in self._found:
                count = len(self._book.notes)
                found = self._book.find(model, provider=provider, is_batch=is_batch, tier=tier)
                if len(self._found) >= MOST_MODELS:
                    self._found.clear()
                self._found[key] = found, self._book.notes[count:]
                del self._book.notes[count:]
            return self._found[key]

    def quote(self, found: PricedModel, quantities: dict[str, int], at: datetime, account: str | None = None) -> Quote:
        """Quantities at the prices of an instant."""
        from ml.quotes import Customer, quote_usage
        from orchestration.pricing.price_book import METER_KINDS

        return quote_usage(
            found.offer.prices, quantities, at=at, price_variant=found.price_variant, kinds=METER_KINDS,
            offers=self._book.negotiated, customer=Customer(found.provider_id, found.names, account),
        )  # fmt: skip

    def ranking(self, quantities: dict[str, int], at: datetime) -> list[RankedModel]:
        """Models of the makers by what quantities cost at the prices of an instant."""
        from ingestion.vocabulary.makers import COMPARED_PROVIDERS
        from ml.quotes import compare_models
        from orchestration.pricing.price_book import METER_KINDS

        with self._lock:
            offers = list(self._book.models(COMPARED_PROVIDERS))
        return compare_models(
            offers, quantities, requests_per_day=1, at=at, kinds=METER_KINDS, offers=self._book.negotiated
        )


def prices_of(publication: Publication, settings: Settings) -> Prices:
    """The prices of a publication, read once."""
    return publication.kept("prices", lambda: Prices(publication, settings))


def estimate(
    prices: Prices, model: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0, provider: str = "",
    is_batch: bool = False, at: datetime | None = None,
) -> Answer:  # fmt: skip
    """Cost of so many tokens at contracted prices, the list price beside it; unknown stays unknown and says why.

    Raises:
        AskedWrongly: no entry of the price list answers to the model.
    """
    from orchestration.pricing.price_book import UnknownModelError
    from orchestration.pricing.quote_tables import unpriced_reason

    moment = at or utc_now()
    try:
        found, notes = prices.find(model, provider, is_batch=is_batch)
    except UnknownModelError as error:
        close = ", ".join(error.candidates)
        raise AskedWrongly(
            f"no entry of the price list is called {model[:80]!r} ({error.reason})",
            remedy=f"closest: {close}" if close else "costops compare-models lists known models", field="model",
        ) from None  # fmt: skip
    quantities = {"uncached_input": input_tokens, "cache_read": cached_tokens, "output": output_tokens}
    quote = prices.quote(found, quantities, moment)
    inputs = [line for line in quote.lines if line.meter != "output"]
    outputs = [line for line in quote.lines if line.meter == "output"]
    body = {
        "model": model, "input_tokens": input_tokens, "output_tokens": output_tokens, "cached_tokens": cached_tokens,
        "total_tokens": input_tokens + output_tokens + cached_tokens,
        "input_cost": _sum([line.contracted_cost for line in inputs]),
        "output_cost": _sum([line.contracted_cost for line in outputs]),
        "total_cost": _places(quote.contracted_cost), "list_cost": _places(quote.list_cost), "currency": "USD",
        "priced_model": found.offer.model_id, "provider": found.offer.provider_id, "priced_at_utc": moment,
        "unpriced_reason": unpriced_reason(found, quote, moment), "notes": notes,
    }  # fmt: skip
    return Answer(body, None, ("dim_prices_current",), {"model": found.offer.model_id})


def cheapest(prices: Prices, input_tokens: int, output_tokens: int, cached_tokens: int = 0, limit: int = 10) -> Answer:
    """What so many tokens cost by every model of the makers, cheapest first; the same tokens, whatever a model makes of
    them."""
    moment = utc_now()
    quantities = {"uncached_input": input_tokens, "cache_read": cached_tokens, "output": output_tokens}
    ranked = [each for each in prices.ranking(quantities, moment) if each.rank is not None]
    rows = [
        {"rank": each.rank, "model": each.model.model_id, "provider": each.model.provider_id,
         "total_cost": _places(each.cost_per_request), "context_window": each.model.context_window}
        for each in ranked[:limit]
    ]  # fmt: skip
    body = {
        "input_tokens": input_tokens, "output_tokens": output_tokens, "cached_tokens": cached_tokens,
        "currency": "USD", "priced_at_utc": moment, "ranked_model_count": len(ranked), "models": rows,
    }  # fmt: skip
    return Answer(body, "models", ("dim_prices_current",), {})


def _sum(costs: list[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return _places(sum(known, Decimal(0))) if len(known) == len(costs) else None


def _places(amount: Decimal | None) -> Decimal | None:
    """All its digits, six at least behind the point."""
    if amount is None:
        return None
    exponent = amount.normalize().as_tuple().exponent
    places = max(LEAST_PLACES, -exponent if isinstance(exponent, int) else LEAST_PLACES)
    return amount.quantize(Decimal(1).scaleb(-places))
