"""Usage in a place costs the library's price times the published factor, for every model that has one.

The oracle is the price library for tokens and tools, and a second reading of the published rules, by version number.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import duckdb
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import ModelInfo, Provider

from ingestion.raw_schemas import create_table_statements
from ingestion.sources.prices.aliases import UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import flatten, model_contexts
from ingestion.sources.prices.pipeline import priced_variants
from ingestion.sources.prices.rows import model_prices_table
from ingestion.sources.prices.supplements import with_supplements
from ingestion.vocabulary.meters import METERS_BY_NAME
from tests.integration.pricing.pricing_differences import is_listed, is_rounding, library_cost
from tests.integration.pricing.pricing_vectors import Vector, occasion_of, price_keys, random_quantities
from tests.integration.pricing.test_differential_genai_prices import priced

SEED = 20_261_128
PER_CONTEXT = int(os.environ.get("COSTOPS_TEST_PLACES_PER_CONTEXT", "2"))
PLACES = {"anthropic": ("us", "eu"), "openai": ("us", "eu"), "google": ("us-east5", "eu")}
JULY_2026 = datetime.fromisoformat("2026-07-01")


def published_factor(provider: str, model: str, place: str, at: datetime) -> Fraction | None:
    """What a token costs there against everywhere, read from the makers' pages; None where they do not say."""
    version = re.search(r"(\d+)(?:[.-](\d{1,2})(?!\d))?", model)
    number = (int(version[1]), int(version[2] or 0)) if version else (0, 0)
    is_claude = model.startswith("claude-")
    if is_claude and not re.match(r"claude-(opus|sonnet|haiku|fable|mythos)-", model):
        number = (3, 0)
    if re.match(r"claude-(fable|mythos)-", model):
        number = (99, 0)
    more = Fraction(11, 10)
    if provider == "anthropic":
        return more if place == "us" and number >= (4, 6) else None
    if provider == "google" and is_claude:
        return more if number >= (4, 5) else Fraction(1)
    if provider == "google":
        is_new = number >= (3, 5) or model.startswith(("gemini-3.1-flash-image", "gemini-3.1-flash-lite"))
        return more if model.startswith("gemini-") and is_new and at >= JULY_2026 else Fraction(1)
    if re.match(r"o[5-9]|gpt-([7-9]|\d\d)", model):
        return None
    is_new = (model.startswith("gpt-") and number >= (5, 4)) or model.startswith("gpt-realtime-2.1")
    return more if is_new and not re.match(r"gpt-(realtime-[013-9]|image|audio|oss|4o)", model) else Fraction(1)


def vectors_of(snapshot: DataSnapshot) -> Iterator[tuple[Vector, str]]:
    random = Random(SEED)
    number = 0
    for provider in snapshot.providers:
        for model in provider.models if provider.id in PLACES else ():
            for place, context in ((p, c) for p in PLACES[provider.id] for c in model_contexts(model)):
                occasion = occasion_of(model, random)
                for _ in range(PER_CONTEXT):
                    at, total = random.choice(occasion.instants), random.choice(occasion.totals)
                    quantities = random_quantities(price_keys(model), total, random)
                    yield Vector(number, provider, model, context, at, quantities), place
                    number += 1


def usage_context(provider: Provider, model: ModelInfo, context: dict[str, str], place: str) -> UsageContext:
    tier, speed = context.get("service_tier", ""), context.get("speed", "")
    return UsageContext(provider.id, model.id, context.get("processing") == "batch", tier, speed, place)


def expected(vector: Vector, factor: Fraction) -> Fraction | None:
    """Tokens at the library's price times the factor, and everything else at its price."""
    is_token = {name: METERS_BY_NAME[name].is_token or METERS_BY_NAME[name].is_surcharge for name in vector.quantities}
    whole = library_cost(vector)
    others = {name: 0 if is_token[name] else quantity for name, quantity in vector.quantities.items()}
    tools = library_cost(replace(vector, quantities=others))
    if whole is None or tools is None:
        return None
    return Fraction(tools) + (Fraction(whole) - Fraction(tools)) * factor


@pytest.fixture(scope="module")
def shipped_prices(snapshot: DataSnapshot) -> pa.Table:
    return model_prices_table(with_supplements(flatten(snapshot.providers)), "test")


def test_places_cost_the_librarys_price_times_the_published_factor(
    snapshot: DataSnapshot, shipped_prices: pa.Table, capsys: pytest.CaptureFixture[str]
) -> None:
    given = list(vectors_of(snapshot))
    contexts = [usage_context(v.provider, v.model, dict(v.context), place) for v, place in given]
    aliases = resolve_contexts(contexts, snapshot, priced_variants(shipped_prices), JULY_2026).to_pylist()
    with duckdb.connect() as connection:
        for statement in create_table_statements():
            connection.execute(statement)
        connection.register("price_list", shipped_prices)
        names = "select * exclude (price_row_hash) from price_list where price_source = 'genai-prices'"
        connection.execute(f"insert into raw_prices.model_prices by name {names}")
        entries = [(row["price_provider_id"], row["price_model_id"], row["price_variant"]) for row in aliases]
        ours = priced(connection, [vector for vector, _ in given], entries)
    classes: Counter[str] = Counter()
    unexplained = []
    for (vector, place), alias in zip(given, aliases, strict=True):
        name = _class(vector, place, alias, ours[vector.number])
        classes[name or "unexplained"] += 1
        if name is None:
            unexplained.append((vector.provider.id, place, alias, vector.at, ours[vector.number].cost))
    with capsys.disabled():
        print(f"\nplaces: {classes.total():,} vectors")
        for name, count in classes.most_common():
            print(f"  {count:>9,}  {name}")
    assert unexplained == []
    assert min(classes[name] for name in ("dearer", "as everywhere", "unknown place")) > 100


def _class(vector: Vector, place: str, alias: dict[str, object], ours) -> str | None:
    if not any(vector.quantities.values()):
        return "nothing used"
    entry = str(alias["price_model_id"] or "")
    if (alias["price_provider_id"], entry) != (vector.provider.id, vector.model.id):
        return "another entry of that name" if alias["match_method"] != "exact" else None
    factor = published_factor(vector.provider.id, entry, place, vector.at)
    if alias["unresolved_reason"] == "no_price_listed":
        return "no price at all"
    if factor is None:
        return "unknown place" if alias["unresolved_reason"] == "price_region_unknown" and ours.cost is None else None
    if alias["unresolved_reason"] is not None:
        return None
    if ours.cost is None:
        return "not priced everywhere either" if ours.unpriced_meters or not is_listed(vector) else None
    wanted = expected(vector, factor)
    if wanted is None:
        return "refused by the library"
    is_equal = Fraction(ours.cost) == wanted or is_rounding(ours.lines, ours.cost, Decimal(0) + _decimal(wanted))
    return ("dearer" if factor > 1 and vector.quantities else "as everywhere") if is_equal else None


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
