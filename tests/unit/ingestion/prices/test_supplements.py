"""What the package adds to the price list: places that cost more, tools without a list price, names of providers."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.events.usage_shapes.endpoints import read_endpoint
from ingestion.sources.prices.aliases import NameResolver, UsageContext, resolve_contexts
from ingestion.sources.prices.flatten import SHIPPED_PRICE_KEY, PriceRow, flatten
from ingestion.sources.prices.pipeline import priced_variants
from ingestion.sources.prices.regions import region_of
from ingestion.sources.prices.rows import model_prices_table
from ingestion.sources.prices.supplements import with_supplements
from ingestion.vocabulary.meters import METERS_BY_NAME

NOW = datetime.fromisoformat("2026-11-10")


@pytest.fixture(scope="module")
def listed() -> list[PriceRow]:
    return list(flatten(get_snapshot().providers))


@pytest.fixture(scope="module")
def rows(listed: list[PriceRow]) -> list[PriceRow]:
    return list(with_supplements(listed))


def test_no_row_of_the_list_is_changed_or_lost(listed: list[PriceRow], rows: list[PriceRow]) -> None:
    added = [
        row
        for row in rows
        if row.price.source_price_key == SHIPPED_PRICE_KEY
        or "region=" in row.variant
        or row.price.source_price_key.endswith("*0.5")
    ]
    assert len(rows) == len(listed) + len(added)
    assert set(listed) == set(rows) - set(added)


def test_a_shipped_price_stands_only_where_the_list_has_none(listed: list[PriceRow], rows: list[PriceRow]) -> None:
    known = {(row.provider_id, row.model_id, row.meter) for row in listed}
    shipped = {
        (row.provider_id, row.model_id, row.meter) for row in rows if row.price.source_price_key == SHIPPED_PRICE_KEY
    }
    assert shipped
    assert not shipped & known


def test_regional_prices_are_those_of_the_list_times_the_factor(rows: list[PriceRow]) -> None:
    at = datetime.fromisoformat("2026-11-10")
    held: dict[tuple[str, ...], dict[tuple[int, int], Fraction]] = defaultdict(dict)
    for row in rows:
        if row.valid_from <= at < row.valid_to:
            cell = (row.time_of_day_from_second, row.context_over_tokens)
            held[row.provider_id, row.model_id, row.meter, row.variant][cell] = row.price.usd
    compared = 0
    for (provider, model, meter, variant), prices in held.items():
        if "region=regional" not in variant:
            continue
        plain = ";".join(part for part in variant.split(";") if part != "region=regional") or "standard"
        by_token = METERS_BY_NAME[meter].is_token or METERS_BY_NAME[meter].is_surcharge
        factor = Fraction(11, 10) if by_token else 1
        assert prices == {cell: usd * factor for cell, usd in held[provider, model, meter, plain].items()}
        compared += len(prices)
    assert compared > 500


def test_prices_stay_one_for_each_cell(rows: list[PriceRow]) -> None:
    model_prices_table(rows, "test")


def test_every_shipped_line_names_its_source_and_date() -> None:
    folder = Path(__file__).parents[4] / "ingestion/sources/prices"
    for name in ("tool_prices.csv", "region_factors.csv", "batch_factors.csv"):
        with (folder / name).open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                assert row["source"], row
                assert datetime.fromisoformat(row["source_date"]), row


@pytest.mark.parametrize(
    ("provider", "model", "region", "expected"),
    [
        ("anthropic", "claude-opus-4-8", "us", "region=regional"),
        ("anthropic", "claude-opus-4-5", "us", "price_region_unknown"),
        ("anthropic", "claude-sonnet-5", "eu", "price_region_unknown"),
        ("anthropic", "claude-opus-4-8", "us-east-1", ""),
        ("openai", "gpt-5.4-mini", "eu", "region=regional"),
        ("openai", "gpt-4.1", "eu", ""),
        ("openai", "gpt-9", "us", "price_region_unknown"),
        ("google", "claude-sonnet-4-5", "europe-west1", "region=regional"),
        ("google", "gemini-3.5-flash", "us", "region=regional"),
        ("google", "gemini-2.5-flash", "us-central1", ""),
        ("aws", "regional.anthropic.claude-opus-4-8-v1:0", "us-east-1", ""),
    ],
)
def test_what_a_place_does_to_a_price(provider: str, model: str, region: str, expected: str) -> None:
    choice = region_of(provider, model, region)
    assert (choice.unresolved_reason or ";".join("=".join(pair) for pair in choice.context.items())) == expected


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://eu.api.openai.com/v1/responses", "eu"),
        ("us.api.openai.com", "us"),
        ("https://api.openai.com/v1/responses", None),
        ("https://aiplatform.us.rep.googleapis.com/v1/x", "us"),
        ("https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/x", "europe-west4"),
    ],
)
def test_places_of_addresses(url: str, region: str | None) -> None:
    assert read_endpoint(url).region == region


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("openai.responses", "openai"),
        ("openai.embedding", "openai"),
        ("anthropic.messages", "anthropic"),
        ("google.generative-ai", "google"),
        ("google.vertex.chat", "google"),
        ("vertex.anthropic.messages", "google"),
        ("amazon-bedrock", "aws"),
        ("azure-openai.responses", "azure"),
        ("xai.chat", "x-ai"),
        ("mistral.chat", "mistral"),
        ("together.ai", "together"),
        ("az.ai.openai", "azure"),
        ("google-vertex-anthropic", "google"),
        ("aws-bedrock", "aws"),
        ("gateway", None),
        ("litellm", None),
        ("acme", "acme"),
        ("ollama", "ollama"),
    ],
)
def test_one_resolver_names_the_provider(name: str, provider: str | None) -> None:
    assert NameResolver(get_snapshot(), max_names_compared=0).provider_id(name) == provider


def test_place_batch_and_speed_go_together(rows: list[PriceRow]) -> None:
    prices = model_prices_table(rows, "test")
    contexts = [
        UsageContext("anthropic", "claude-opus-4-8", True, "", "", "us"),
        UsageContext("anthropic", "claude-opus-4-8", False, "standard", "fast", "us"),
        UsageContext("openai", "gpt-5.4", False, "flex", "", "eu"),
    ]
    found = resolve_contexts(contexts, get_snapshot(), priced_variants(prices), NOW).to_pylist()
    variants = [row["price_variant"] for row in found]
    assert variants == [
        "processing=batch;region=regional",
        "region=regional;speed=fast",
        "region=regional;service_tier=flex",
    ]
    by_variant = {
        (row.model_id, row.variant): row.price.rounded_usd
        for row in rows
        if row.meter == "uncached_input" and row.valid_from <= NOW < row.valid_to and row.context_over_tokens < 0
    }
    assert by_variant["claude-opus-4-8", variants[0]] == Decimal("0.00000275")
    assert by_variant["claude-opus-4-8", variants[1]] == Decimal("0.000011")


@pytest.mark.parametrize(
    ("provider", "model", "meter", "per_million"),
    [
        ("openai", "text-embedding-3-small", "uncached_input", "0.01"),
        ("openai", "text-embedding-3-large", "uncached_input", "0.065"),
        ("aws", "anthropic.claude-haiku-4-5-20251001-v1:0", "output", "2.75"),
        ("google", "claude-sonnet-4-5", "output", "7.5"),
        ("google", "gemini-embedding-2", "uncached_input", "0.1"),
    ],
)
def test_a_batch_that_the_list_lacks_costs_its_published_share(
    rows: list[PriceRow], provider: str, model: str, meter: str, per_million: str
) -> None:
    """Per million tokens, as the providers' pages print the price of a batch."""
    match = NameResolver(get_snapshot()).resolve(provider, model)
    found = {
        row.price.usd * 1_000_000
        for row in rows
        if (row.provider_id, row.model_id, row.meter) == (provider, match.model.id, meter)
        and row.variant == "processing=batch"
        and row.context_over_tokens == -1
        and row.valid_from <= NOW < row.valid_to
    }
    assert found == {Fraction(per_million)}


def test_no_batch_is_made_up_for_a_model_without_one_and_none_of_the_list_is_changed(
    listed: list[PriceRow], rows: list[PriceRow]
) -> None:
    batches = {(row.provider_id, row.model_id) for row in rows if row.variant == "processing=batch"}
    own = {(row.provider_id, row.model_id) for row in listed if row.variant == "processing=batch"}
    assert own < batches
    assert ("google", "gemini-embedding-001") not in batches
    assert ("openai", "gpt-4o-transcribe") not in batches
