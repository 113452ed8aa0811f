"""Quotes of the command line equal the price library's own calculation, or differ by a formula that the test proves."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import Provider

from ingestion.sources.prices.flatten import PriceRow, flatten_model, model_contexts, variant_name
from ml.quotes import ListPrice, quote_usage
from orchestration.pricing.price_book import METER_KINDS
from tests.integration.pricing.pricing_differences import (
    EQUAL,
    NOT_LISTED,
    UNPRICED,
    Line,
    Priced,
    explain,
    library_cost,
)
from tests.integration.pricing.pricing_vectors import Vector, occasion_of, price_keys, random_quantities

SEED = 20_261_101
MODELS = 500
VECTORS_PER_CONTEXT = 6


def test_quotes_equal_the_library(snapshot: DataSnapshot) -> None:
    random = Random(SEED)
    entries = [(provider, model) for provider in snapshot.providers for model in provider.models]
    classes: Counter[str | None] = Counter()
    for provider, model in random.sample(entries, MODELS):
        rows = list(flatten_model(provider, model))
        occasion, keys = occasion_of(model, random), price_keys(model)
        for context in model_contexts(model):
            for number in range(VECTORS_PER_CONTEXT):
                at, total = random.choice(occasion.instants), random.choice(occasion.totals)
                vector = Vector(number, provider, model, context, at, random_quantities(keys, total, random))
                classes[explain(vector, quoted(provider, rows, vector), library_cost(vector))] += 1
    assert classes[None] == 0, classes
    assert classes.total() >= 3_000
    assert classes[EQUAL] > 0.8 * classes.total()
    assert classes[NOT_LISTED] > 0
    assert classes[UNPRICED] > 0


def quoted(provider: Provider, rows: list[PriceRow], vector: Vector) -> Priced:
    listed = {list_price(row): row for row in rows}
    quote = quote_usage(
        list(listed),
        vector.quantities,
        at=vector.at,
        price_variant=variant_name(vector.context),
        kinds=METER_KINDS,
    )
    return Priced(
        cost=quote.list_cost,
        priced_cost=sum((line.list_cost for line in quote.lines if line.list_cost is not None), Decimal(0)),
        unpriced_meters=quote.unpriced_meters,
        lines=[
            Line(line.meter, line.billed_quantity, line.list_price, listed[line.row].price.usd if line.row else None)
            for line in quote.lines
        ],
    )


def list_price(row: PriceRow) -> ListPrice:
    return ListPrice(
        row.provider_id,
        row.model_id,
        row.meter,
        row.variant,
        row.valid_from,
        row.valid_to,
        row.time_of_day_from_second,
        row.time_of_day_to_second,
        row.context_over_tokens,
        row.context_up_to_tokens,
        row.price.rounded_usd,
        row.minimum_quantity,
        "genai-prices",
        "test",
    )
