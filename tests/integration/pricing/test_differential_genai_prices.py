"""Every cost of the warehouse equals the price library's, or differs for a reason that a formula proves.

More than 100,000 seeded vectors over all providers, models, variants, context steps, dates and times of day;
`COSTOPS_PRICING_VECTORS=300000` asks for as many.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import duckdb
import genai_prices
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import Provider, StartDateConstraint, TimeOfDateConstraint

from ingestion.sources.prices.aliases import UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import variant_name
from ingestion.sources.prices.pipeline import priced_variants
from tests.integration.pricing.pricing_differences import (
    EQUAL,
    FALLBACK,
    NO_VARIANT,
    NOT_LISTED,
    REFUSED,
    ROUNDED,
    UNPRICED,
    Line,
    Priced,
    explain,
    library_cost,
)
from tests.integration.pricing.pricing_sql import price_vectors, vectors_table
from tests.integration.pricing.pricing_vectors import (
    Vector,
    as_usage,
    entry_vectors,
    price_keys,
    random_quantities,
    steps_of,
)

SEED = 20_261_122
WANTED = int(os.environ.get("COSTOPS_PRICING_VECTORS", "50000"))
VECTORS_PER_CONTEXT = 45 * WANTED // 100_000
TIMES_PER_NAME = 4 * WANTED // 100_000
AT_A_TIME = 50_000
"""Vectors whose lines are in memory together."""
AROUND_THE_FIRST_VARIANTS = datetime.fromisoformat("2026-10-13")
SHARE_SHOWN_TO_BE_EQUAL = 0.9

REPORTED_AS = {
    "aws": ("aws.bedrock", "bedrock", "aws"),
    "azure": ("azure.ai.openai", "az.ai.openai", "azure"),
    "fireworks": ("fireworks_ai", "fireworks"),
    "google": ("gcp.vertex_ai", "vertex_ai", "gemini", "gcp.gemini"),
    "mistral": ("mistral_ai", "mistral"),
    "together": ("together_ai", "together"),
    "x-ai": ("x_ai", "xai"),
}
FALLBACKS = {"azure": ("openai", "anthropic", "deepseek", "x-ai", "moonshotai"), "google": ("anthropic",)}


def test_entries_of_the_list_cost_what_the_library_says(
    snapshot: DataSnapshot, connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = list(entry_vectors(snapshot, SEED, VECTORS_PER_CONTEXT))
    assert len(vectors) >= WANTED
    assert_everything_was_visited(snapshot, vectors)
    classes: Counter[str] = Counter()
    unexplained = []
    for start in range(0, len(vectors), AT_A_TIME):
        some = vectors[start : start + AT_A_TIME]
        ours = priced(connection, some, [(v.provider.id, v.model.id, variant_name(v.context)) for v in some])
        for vector in some:
            library = library_cost(vector)
            name = explain(vector, ours[vector.number], library)
            classes[name or "unexplained"] += 1
            if name is None:
                unexplained.append((vector, ours[vector.number], library))
    report(capsys, "entries of the list", classes)
    assert unexplained == []
    assert set(classes) == {EQUAL, ROUNDED, UNPRICED, NOT_LISTED, REFUSED}
    assert classes[EQUAL] >= SHARE_SHOWN_TO_BE_EQUAL * (len(vectors) - classes[NOT_LISTED])


def test_reported_names_cost_what_the_library_says(
    snapshot: DataSnapshot,
    prices: pa.Table,
    connection: duckdb.DuckDBPyConnection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    random = Random(SEED)
    references, contexts, vectors = [], [], []
    for provider, reported, name, reference in reported_names(snapshot, random):
        context, usage_context = random_context(reported, name, random)
        _, model = snapshot.find_provider_model(reference, provider, None, None)
        at = AROUND_THE_FIRST_VARIANTS + timedelta(hours=random.randrange(-1500, 1500))
        quantities = random_quantities(price_keys(model), random.randrange(400_000), random)
        vectors.append(Vector(len(vectors), provider, model, context, at, quantities))
        contexts.append(usage_context)
        references.append(reference)
    aliases = resolve_contexts(contexts, snapshot, priced_variants(prices), AROUND_THE_FIRST_VARIANTS).to_pylist()
    entries = [(row["price_provider_id"], row["price_model_id"], row["price_variant"]) for row in aliases]
    ours = priced(connection, vectors, entries)
    classes: Counter[str] = Counter()
    unexplained = []
    for vector, alias, reference in zip(vectors, aliases, references, strict=True):
        library = whole_library_cost(vector, reference)
        name = explain(vector, ours[vector.number], library, alias["unresolved_reason"])
        classes[name or "unexplained"] += 1
        if name is None:
            unexplained.append((alias, ours[vector.number], library))
    report(capsys, "names as reported", classes)
    assert unexplained == []
    assert set(classes) <= {EQUAL, ROUNDED, UNPRICED, NOT_LISTED, NO_VARIANT, FALLBACK, REFUSED}
    assert min(classes[EQUAL], classes[NO_VARIANT], classes[FALLBACK]) > 100


def reported_names(snapshot: DataSnapshot, random: Random) -> Iterator[tuple[Provider, str, str, str]]:
    """Provider, its name in events, a model name in events, and the same name as the library takes it."""
    by_id = {provider.id: provider for provider in snapshot.providers}
    for provider in snapshot.providers:
        models = [(provider, model) for model in provider.models]
        listed = {model.id for model in provider.models}
        models += [(by_id[other], model) for other in FALLBACKS.get(provider.id, ()) for model in by_id[other].models]
        for _, model in models:
            try:
                snapshot.find_provider_model(model.id, provider, None, None)
            except LookupError:
                continue
            for _ in range(TIMES_PER_NAME):
                reported = random.choice(REPORTED_AS.get(provider.id, (provider.id,)))
                prefix = random.choice(("", "", f"{reported}/"))
                name = prefix + model.id
                # A few entries have their provider in their own name: perplexity/sonar is another model than sonar.
                yield provider, reported, name, name if name in listed else model.id


def random_context(reported: str, name: str, random: Random) -> tuple[dict[str, str], UsageContext]:
    """A price context for the library and the same thing as events say it."""
    is_batch = random.random() < 0.15
    words = ("", "", "", "", "", "standard", "auto", "on_demand", "default", "flex", "priority", "turbo")
    tier = random.choice(words)
    speed = random.choice(("", "", "", "", "", "", "standard", "fast"))
    context = {"processing": "batch"} if is_batch else {}
    if tier in ("flex", "priority", "turbo"):
        context["service_tier"] = tier
    if speed == "fast":
        context["speed"] = speed
    return context, UsageContext(reported, name, is_batch, tier, speed)


def whole_library_cost(vector: Vector, reference: str) -> Decimal | None:
    """The total of `genai_prices.calc_price`, which looks the provider and model up itself."""
    try:
        return genai_prices.calc_price(
            as_usage(vector.quantities),
            reference,
            provider_id=vector.provider.id,
            genai_request_timestamp=vector.at,
            price_context=vector.context,
        ).total_price
    except ValueError:
        return None


def priced(
    connection: duckdb.DuckDBPyConnection, vectors: Iterable[Vector], entries: Iterable[tuple[str | None, ...]]
) -> dict[int, Priced]:
    """What SQL makes of vectors addressed to (provider, model, variant) entries of the list."""
    rows = (
        dict(zip(("price_provider_id", "price_model_id", "price_variant"), entry, strict=True))
        | {"vector": vector.number, "requested_at_utc": vector.at}
        | dict(vector.quantities)
        for vector, entry in zip(vectors, entries, strict=True)
    )
    connection.register("vectors", vectors_table(rows))
    relation = price_vectors(connection, "vectors")
    lines = defaultdict(list)
    for vector, meter, quantity, price, text in connection.execute(
        "select vector, meter, quantity, price_usd_per_unit, price_text from vector_lines"
    ).fetchall():
        lines[vector].append(Line(meter, quantity, price, None if text is None else Fraction(text)))
    return {
        vector: Priced(cost, priced_cost, unpriced or (), lines[vector])
        for vector, cost, priced_cost, unpriced in relation.fetchall()
    }


def assert_everything_was_visited(snapshot: DataSnapshot, vectors: list[Vector]) -> None:
    """Every variant, both sides of every start date and context step, every time-of-day bound, of every model."""
    seen = defaultdict(list)
    for vector in vectors:
        seen[id(vector.model)].append(vector)
    for provider in snapshot.providers:
        for model in provider.models:
            at = {vector.at for vector in seen[id(model)]}
            totals = {as_total(vector) for vector in seen[id(model)]}
            entries = [*(model.prices if isinstance(model.prices, list) else ()), *(model.price_variants or ())]
            for constraint in (entry.constraint for entry in entries):
                if isinstance(constraint, StartDateConstraint):
                    start = datetime.combine(constraint.start_date, datetime.min.time())
                    assert start in at, model.id
                    assert any(start > moment for moment in at), model.id
                if isinstance(constraint, TimeOfDateConstraint):
                    seconds = {moment.time() for moment in at}
                    assert {
                        constraint.start_time.replace(tzinfo=None),
                        constraint.end_time.replace(tzinfo=None),
                    } <= seconds
            if "input_mtok" in price_keys(model):
                assert {step + offset for step in steps_of(model) for offset in (0, 1)} <= totals, model.id
    assert {(p.id, m.id) for p in snapshot.providers for m in p.models} == {
        (v.provider.id, v.model.id) for v in vectors
    }


def as_total(vector: Vector) -> int:
    return int(as_usage(vector.quantities).input_tokens)


def report(capsys: pytest.CaptureFixture[str], title: str, classes: Counter[str]) -> None:
    with capsys.disabled():
        print(f"\n{title}: {classes.total():,} vectors against genai-prices {genai_prices.__version__}")
        for name, count in classes.most_common():
            print(f"  {count:>9,}  {name}")
