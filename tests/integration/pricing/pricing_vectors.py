"""Seeded random usage over every model, variant, context step, date and time of day that the price list knows.

Put here: making vectors and turning their disjoint quantities into the library's inclusive ones. Keep out: prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
)

from ingestion.sources.prices.flatten import model_contexts
from ingestion.vocabulary.meters import METERS

INPUT_METERS = tuple(meter.name for meter in METERS if meter.is_input_token)
OUTPUT_METERS = tuple(meter.name for meter in METERS if meter.is_token and not meter.is_input_token)
KEYS_OF_OTHER_METERS = {
    "web_search": "web_searches_kcount",
    "file_search": "storage_searches_kcount",
    "code_execution": "code_executions_kcount",
    "rerank_search": "rerank_searches_kcount",
    "text_message": "input_text_messages_kcount",
    "input_character": "input_mchars",
    "audio_millisecond": "audio_hours",
    "document_page": "input_document_kpages",
    "annotated_document_page": "input_annotated_document_kpages",
}
MICROSECOND = timedelta(microseconds=1)
LONG_AGO = datetime.fromisoformat("2019-01-01")


@dataclass(frozen=True)
class Vector:
    """One request: who serves it, in which context, when, and disjoint quantities per meter."""

    number: int
    provider: Provider
    model: ModelInfo
    context: Mapping[str, str]
    at: datetime
    quantities: Mapping[str, int]


@dataclass(frozen=True)
class Occasion:
    """The interesting instants and totals of one model: on and around everything that can change a price."""

    instants: list[datetime]
    totals: list[int]


def entry_vectors(snapshot: DataSnapshot, seed: int, per_context: int) -> Iterator[Vector]:
    """Vectors addressed to each entry of the list in each of its contexts; at least `per_context` for each."""
    random = Random(seed)
    number = 0
    for provider in snapshot.providers:
        for model in provider.models:
            occasion = occasion_of(model, random)
            keys = price_keys(model)
            for context in model_contexts(model):
                for at, total in _pairs(occasion, per_context, random):
                    yield Vector(number, provider, model, context, at, random_quantities(keys, total, random))
                    number += 1


def occasion_of(model: ModelInfo, random: Random) -> Occasion:
    """Instants at, just before and some time after every start date and time-of-day bound; totals around every step."""
    starts, bounds = {date(2025, 6, 1)}, set()
    for entry in [*(_conditional(model)), *(model.price_variants or ())]:
        if isinstance(entry.constraint, StartDateConstraint):
            starts.add(entry.constraint.start_date)
        if isinstance(entry.constraint, TimeOfDateConstraint):
            bounds |= {entry.constraint.start_time, entry.constraint.end_time}
    days = [datetime.combine(start, datetime.min.time()) for start in sorted(starts)]
    instants = [day + offset for day in days for offset in (-MICROSECOND, timedelta(0), MICROSECOND)]
    instants += [day + timedelta(seconds=random.randrange(90 * 86_400)) for day in days]
    instants += [LONG_AGO + timedelta(seconds=random.randrange(9 * 365 * 86_400)) for _ in range(8)]
    for bound in sorted(bounds):
        for day in days:
            at = datetime.combine(day.date(), bound).astimezone(UTC).replace(tzinfo=None)
            instants += [at - MICROSECOND, at, at + timedelta(seconds=1)]
    totals = [0, 1, *(step + offset for step in sorted(steps_of(model)) for offset in (-1, 0, 1))]
    totals += [random.randrange(1, 2_000_000) for _ in range(6)]
    return Occasion(instants, totals)


def _conditional(model: ModelInfo) -> list[ConditionalPrice]:
    return [] if isinstance(model.prices, ModelPrice) else model.prices


def price_sets(model: ModelInfo) -> list[ModelPrice]:
    """Every set of prices of a model, of all dates and variants."""
    standard = [model.prices] if isinstance(model.prices, ModelPrice) else [entry.prices for entry in model.prices]
    return [*standard, *(variant.prices for variant in model.price_variants or ())]


def price_keys(model: ModelInfo) -> set[str]:
    """Every price key the model has at some time in some variant."""
    return {key for prices in price_sets(model) for key, value in vars(prices).items() if value is not None}


def steps_of(model: ModelInfo) -> set[int]:
    """Every context step of the model."""
    return {
        tier.start
        for prices in price_sets(model)
        for value in vars(prices).values()
        if isinstance(value, TieredPrices)
        for tier in value.tiers
    }


def _pairs(occasion: Occasion, at_least: int, random: Random) -> Iterator[tuple[datetime, int]]:
    """Every instant and every total at least once, in random company."""
    instants, totals = list(occasion.instants), list(occasion.totals)
    random.shuffle(instants)
    random.shuffle(totals)
    count = max(len(instants), len(totals), at_least)
    pairs = zip(cycle(instants), cycle(totals), strict=False)
    for _, (at, total) in zip(range(count), pairs, strict=False):
        yield at, total
        if len(instants) == len(totals):
            totals.append(random.randrange(2_000_000))


def random_quantities(keys: set[str], total_input_tokens: int, random: Random) -> dict[str, int]:
    """Disjoint quantities whose input tokens add up to the total; one in ten uses what the model may not price."""
    is_stray = random.random() < 0.1
    quantities: dict[str, int] = {}
    if "input_mtok" in keys or is_stray:
        chosen = random.sample(INPUT_METERS, random.choice((1, 1, 2, 3, 5)))
        cuts = sorted(random.randint(0, total_input_tokens) for _ in chosen[1:])
        for meter, low, high in zip(chosen, [0, *cuts], [*cuts, total_input_tokens], strict=True):
            quantities[meter] = high - low
    if "output_mtok" in keys or is_stray:
        for meter in random.sample(OUTPUT_METERS, random.choice((0, 1, 1, 2))):
            quantities[meter] = random.randrange(100_000)
        output = quantities.get("output", 0)
        if output and random.random() < (0.9 if "output_reasoning_mtok" in keys else 0.3):
            quantities["reasoning_surcharge"] = random.randint(0, output)
            rest = output - quantities["reasoning_surcharge"]
            quantities["citation_surcharge"] = random.randint(0, rest if random.random() < 0.6 else 2 * output)
    for meter, key in KEYS_OF_OTHER_METERS.items():
        if (key in keys and random.random() < 0.6) or (is_stray and random.random() < 0.1):
            quantities[meter] = random.choice((0, 1, random.randrange(20_000), random.randrange(5_000_000)))
    return quantities


def as_usage(quantities: Mapping[str, int]) -> Usage:
    """The library's usage for the same request: its counts include one another, ours do not."""

    def total(*meters: str) -> int:
        return sum(quantities.get(meter, 0) for meter in meters)

    seconds = Decimal(total("audio_millisecond")) / 1000
    return Usage(
        input_tokens=total(*INPUT_METERS),
        cache_read_tokens=total("cache_read", "audio_cache_read", "image_cache_read"),
        cache_write_tokens=total("cache_write", "cache_write_5m", "cache_write_1h"),
        cache_write_5m_tokens=total("cache_write_5m"),
        cache_write_1h_tokens=total("cache_write_1h"),
        input_audio_tokens=total("audio_input", "audio_cache_read"),
        cache_audio_read_tokens=total("audio_cache_read"),
        input_image_tokens=total("image_input", "image_cache_read"),
        cache_image_read_tokens=total("image_cache_read"),
        input_video_tokens=total("video_input"),
        output_tokens=total(*OUTPUT_METERS),
        output_audio_tokens=total("audio_output"),
        output_image_tokens=total("image_output"),
        output_video_tokens=total("video_output"),
        output_reasoning_tokens=total("reasoning_surcharge"),
        output_citation_tokens=total("citation_surcharge"),
        web_searches=total("web_search"),
        storage_searches=total("file_search"),
        code_executions=total("code_execution"),
        rerank_searches=total("rerank_search"),
        input_text_messages=total("text_message"),
        input_characters=total("input_character"),
        audio_seconds=seconds,
        input_audio_seconds=seconds,
        input_document_pages=total("document_page", "annotated_document_page"),
        input_annotated_document_pages=total("annotated_document_page"),
    )
