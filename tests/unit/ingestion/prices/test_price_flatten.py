"""The flattened list against the library, against hand-worked prices and against what providers publish."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.sources.prices.flatten import (
    PriceRow,
    flatten,
    flatten_model,
    is_context_listed,
    model_contexts,
    variant_name,
)
from ingestion.sources.prices.units import InvalidPriceList

NOW = datetime.fromisoformat("2026-11-22T12:00:00")


def provider_of(*models: ModelInfo) -> Provider:
    return Provider(id="acme", name="Acme", api_pattern="acme", models=list(models))


def model_of(prices: object, variants: list[PriceVariant] | None = None, name: str = "m1") -> ModelInfo:
    return ModelInfo(id=name, match=ClauseEquals(name), prices=prices, price_variants=variants)


def listed(provider_id: str, model_id: str) -> list[PriceRow]:
    provider = next(provider for provider in get_snapshot().providers if provider.id == provider_id)
    return list(flatten_model(provider, next(model for model in provider.models if model.id == model_id)))


def in_force(
    rows: list[PriceRow], meter: str, at: datetime = NOW, variant: str = "standard", tokens: int = 1
) -> list[PriceRow]:
    second = at.hour * 3600 + at.minute * 60 + at.second
    return [
        row
        for row in rows
        if (row.meter, row.variant) == (meter, variant)
        and row.valid_from <= at < row.valid_to
        and row.time_of_day_from_second <= second < row.time_of_day_to_second
        and row.context_over_tokens < tokens <= row.context_up_to_tokens
    ]


def price(rows: list[PriceRow], meter: str, **when: object) -> Decimal | None:
    """USD per million units, None where there is no row; two rows would be a mistake."""
    found = in_force(rows, meter, **when)
    assert len(found) <= 1
    return found[0].price.rounded_usd * 1_000_000 if found else None


def test_anthropic_cache_prices_are_the_published_multiples_of_input() -> None:
    """Published: a five-minute write costs 1.25 times the input price, a one-hour write 2 times, a read a tenth."""
    rows = listed("anthropic", "claude-opus-4-8")
    base = price(rows, "uncached_input")
    assert base == 5
    assert price(rows, "cache_write_5m") == base * Decimal("1.25")
    assert price(rows, "cache_write_1h") == base * 2
    assert price(rows, "cache_read") == base * Decimal("0.1")


def test_batch_costs_half_from_the_day_the_list_knows_it_and_nothing_is_said_before() -> None:
    rows = listed("openai", "gpt-4.1")
    start = datetime.fromisoformat("2026-10-14")
    assert (price(rows, "uncached_input"), price(rows, "output")) == (2, 8)
    assert (
        price(rows, "uncached_input", variant="processing=batch", at=start),
        price(rows, "output", variant="processing=batch", at=start),
    ) == (1, 4)
    assert price(rows, "uncached_input", variant="processing=batch", at=start - timedelta(microseconds=1)) is None


def test_meter_that_a_variant_does_not_mention_keeps_its_standard_price() -> None:
    rows = listed("openai", "gpt-4.1")
    assert price(rows, "web_search", variant="processing=batch") == price(rows, "web_search") == 10_000


def test_long_context_step_of_gemini_pro_lies_just_above_200000_tokens() -> None:
    rows = listed("google", "gemini-2.5-pro")
    assert price(rows, "uncached_input", tokens=200_000) == Decimal("1.25")
    assert price(rows, "uncached_input", tokens=200_001) == Decimal("2.5")
    assert price(rows, "output", tokens=200_000) == 10
    assert price(rows, "output", tokens=200_001) == 15


def test_deepseek_is_cheaper_off_peak() -> None:
    """Published: from 16:30 to 00:30 UTC half the price; both ends belong to the span that begins there."""
    rows = listed("deepseek", "deepseek-chat")

    def at(clock: str) -> Decimal | None:
        return price(rows, "output", at=datetime.fromisoformat(f"2025-06-01T{clock}"))

    peak, off_peak = at("12:00:00"), at("20:00:00")
    assert peak == 2 * off_peak
    assert [at("00:29:59"), at("00:30:00"), at("16:29:59"), at("16:30:00")] == [off_peak, peak, peak, off_peak]


def test_groq_bills_ten_seconds_of_audio_at_least() -> None:
    rows = in_force(listed("groq", "whisper-large-v3"), "audio_millisecond")
    assert [row.minimum_quantity for row in rows] == [10_000]
    assert {row.minimum_quantity for row in listed("openai", "whisper-1")} == {None}


def test_price_per_request_is_a_meter_of_its_own() -> None:
    assert price(listed("perplexity", "sonar"), "request") == 12_000


def test_time_of_day_over_midnight_becomes_two_spans() -> None:
    night = TimeOfDateConstraint(time(22), time(2))
    rows = list(
        flatten_model(
            provider_of(),
            model_of(
                [
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal(4))),
                    ConditionalPrice(night, prices=ModelPrice(input_mtok=Decimal(1))),
                ]
            ),
        )
    )
    spans = {
        (row.time_of_day_from_second, row.time_of_day_to_second): row.price.text
        for row in rows
        if row.meter == "uncached_input"
    }
    assert spans == {(0, 7200): "0.000001", (7200, 79200): "0.000004", (79200, 86400): "0.000001"}


def test_first_variant_wins_per_price_when_two_apply() -> None:
    variants = [
        PriceVariant({"service_tier": "flex"}, ModelPrice(input_mtok=Decimal(2))),
        PriceVariant({"processing": "batch"}, ModelPrice(input_mtok=Decimal(3), output_mtok=Decimal(5))),
    ]
    model = model_of(ModelPrice(input_mtok=Decimal(4), output_mtok=Decimal(8)), variants)
    rows = list(flatten_model(provider_of(), model))
    both = "processing=batch;service_tier=flex"
    assert {row.variant for row in rows} == {"standard", "service_tier=flex", "processing=batch", both}
    assert (price(rows, "uncached_input", variant=both), price(rows, "output", variant=both)) == (2, 5)


def test_a_list_with_the_same_model_twice_is_refused() -> None:
    same = model_of(ModelPrice(input_mtok=Decimal(1)))
    with pytest.raises(InvalidPriceList, match="lists model 'm1' twice"):
        list(flatten([provider_of(same, same)]))


def test_times_finer_than_a_second_are_refused() -> None:
    constraint = TimeOfDateConstraint(time(1, 0, 0, 500), time(2))
    model = model_of([ConditionalPrice(constraint, prices=ModelPrice(input_mtok=Decimal(1)))])
    with pytest.raises(InvalidPriceList, match=r"model 'm1': .*finer than a second"):
        list(flatten_model(provider_of(), model))


def test_audio_time_has_one_price_whatever_its_direction() -> None:
    """Events do not say whether audio time went in or came out, so the list must not tell them apart."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            entries = model.prices if isinstance(model.prices, list) else [model]
            for prices in [entry.prices for entry in (*entries, *(model.price_variants or ()))]:
                directed = {getattr(prices, key) for key in ("input_audio_hours", "output_audio_hours")} - {None}
                assert directed <= {prices.audio_hours}, model.id


amounts = st.integers(0, 9).map(Decimal)
starts = st.dates(date(2026, 1, 1), date(2026, 1, 9)).map(StartDateConstraint)
clocks = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(
    lambda hours: TimeOfDateConstraint(time(hours[0]), time(hours[1], 30, tzinfo=UTC))
)
constraints = st.one_of(st.none(), starts, clocks)
steps = st.lists(st.builds(Tier, st.sampled_from([10, 20, 30]), amounts), min_size=1, max_size=2)
amounts_or_steps = st.one_of(amounts, st.builds(TieredPrices, amounts, steps))
price_sets = st.builds(ModelPrice, input_mtok=amounts_or_steps, output_mtok=amounts_or_steps)
variants = st.lists(
    st.builds(
        PriceVariant,
        st.sampled_from([{"processing": "batch"}, {"service_tier": "flex"}, {"service_tier": "priority"}]),
        price_sets,
        constraints,
    ),
    max_size=3,
)
conditional = st.lists(
    st.builds(lambda constraint, prices: ConditionalPrice(constraint, prices=prices), constraints, price_sets),
    min_size=1,
    max_size=4,
)
moments = st.datetimes(datetime.fromisoformat("2025-12-30"), datetime.fromisoformat("2026-01-11"))


@settings(max_examples=150, deadline=None)
@given(st.one_of(price_sets, conditional), variants, st.lists(moments, min_size=3, max_size=8), st.data())
def test_any_list_has_one_row_where_the_library_has_a_price(
    prices: object, variants: list[PriceVariant], instants: list[datetime], data: st.DataObject
) -> None:
    model = model_of(prices, variants)
    provider = provider_of(model)
    rows = list(flatten([provider]))
    for at in [*instants, *(at.replace(minute=0, second=0, microsecond=0) for at in instants)]:
        context = data.draw(st.sampled_from(model_contexts(model)))
        tokens = data.draw(st.sampled_from([0, 1, 9, 10, 11, 20, 21, 30, 31, 99]))
        instant = at.replace(tzinfo=UTC)
        found = {
            meter: in_force(rows, meter, at=at, variant=variant_name(context), tokens=tokens)
            for meter in ("uncached_input", "output")
        }
        if not is_context_listed(model, context, instant):
            assert not any(found.values())
            continue
        assert [len(matching) for matching in found.values()] == [1, 1]
        total = model.calc_price(
            Usage(input_tokens=tokens, output_tokens=7),
            provider,
            genai_request_timestamp=instant,
            price_context=context,
        ).total_price
        assert tokens * found["uncached_input"][0].price.usd + 7 * found["output"][0].price.usd == total
