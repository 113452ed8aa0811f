"""Which listed price a meter takes, and how it is written down."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from genai_prices.types import ModelPrice, Tier, TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.prices.units import InvalidPriceList, UnitPrice, exact_text, prices_by_meter, round_half_even
from ingestion.vocabulary.meters import METERS, NEGOTIATED_ONLY

PER_MILLION = Decimal("0.000001")


def per_million(prices: ModelPrice, total_input_tokens: int = 1000) -> dict[str, Decimal]:
    return {
        name: price.rounded_usd / PER_MILLION for name, price in prices_by_meter(prices, total_input_tokens).items()
    }


def test_input_meters_without_a_price_of_their_own_cost_what_input_costs() -> None:
    prices = per_million(ModelPrice(input_mtok=Decimal(3), output_mtok=Decimal(15), cache_read_mtok=Decimal("0.3")))
    assert prices["uncached_input"] == prices["cache_write_1h"] == prices["audio_input"] == prices["video_input"] == 3
    assert prices["cache_read"] == prices["audio_cache_read"] == prices["image_cache_read"] == Decimal("0.3")
    assert prices["output"] == prices["audio_output"] == prices["image_output"] == 15


def test_cache_write_of_unknown_and_of_five_minutes_take_the_cache_write_price() -> None:
    prices = per_million(
        ModelPrice(input_mtok=Decimal(5), cache_write_mtok=Decimal("6.25"), cache_write_1h_mtok=Decimal(10))
    )
    assert (prices["cache_write"], prices["cache_write_5m"], prices["cache_write_1h"]) == (Decimal("6.25"),) * 2 + (10,)


def test_meter_without_an_applicable_price_is_absent() -> None:
    assert set(per_million(ModelPrice(output_mtok=Decimal(1)))) == {
        "output",
        "audio_output",
        "image_output",
        "video_output",
    }
    assert prices_by_meter(ModelPrice(), 0) == {}


def test_a_price_of_zero_is_a_price() -> None:
    assert per_million(ModelPrice(input_mtok=Decimal(0)))["cache_read"] == 0


def test_reasoning_and_citation_cost_the_difference_to_output() -> None:
    """Perplexity Sonar Deep Research: output 8, reasoning 3, citation 2 USD per million tokens."""
    prices = prices_by_meter(
        ModelPrice(output_mtok=Decimal(8), output_reasoning_mtok=Decimal(3), output_citation_mtok=Decimal(2)), 0
    )
    assert prices["reasoning_surcharge"].text == "-0.000005"
    assert prices["citation_surcharge"].text == "-0.000006"
    assert prices["reasoning_surcharge"].source_price_key == "output_reasoning_mtok-output_mtok"
    assert "reasoning_surcharge" not in prices_by_meter(ModelPrice(output_mtok=Decimal(8)), 0)


@pytest.mark.parametrize(("total", "expected"), [(0, "1.25"), (200_000, "1.25"), (200_001, "2.5"), (10**9, "2.5")])
def test_the_step_is_chosen_by_the_total_and_applies_to_every_token(total: int, expected: str) -> None:
    step = TieredPrices(base=Decimal("1.25"), tiers=[Tier(start=200_000, price=Decimal("2.5"))])
    assert per_million(ModelPrice(input_mtok=step), total)["uncached_input"] == Decimal(expected)


def test_audio_time_is_priced_per_millisecond() -> None:
    """USD 0.36 an hour is 0.0000001 a millisecond; 0.111 is not a finite decimal."""
    prices = prices_by_meter(ModelPrice(audio_hours=Decimal("0.36"), input_audio_hours=Decimal("0.36")), 0)
    assert prices["audio_millisecond"].text == "0.0000001"
    odd = prices_by_meter(ModelPrice(audio_hours=Decimal("0.111")), 0)["audio_millisecond"]
    assert (odd.text, odd.rounded_usd) == ("37/1200000000", Decimal("0.000000030833"))


def test_prices_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(InvalidPriceList, match="cache_read"):
        prices_by_meter(ModelPrice(cache_read_mtok=Decimal(1)), 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.0000000000005", "0E-12"),
        ("0.0000000000015", "2E-12"),
        ("0.0000000000025", "2E-12"),
        ("-0.0000000000015", "-2E-12"),
    ],
)
def test_ties_round_to_the_even_place(value: str, expected: str) -> None:
    assert round_half_even(Fraction(value)) == Decimal(expected)


@given(st.decimals(min_value=0, max_value=10**6, places=18))
def test_text_holds_the_price_without_loss(value: Decimal) -> None:
    price = UnitPrice(Fraction(value), "input_mtok")
    assert Fraction(price.text) == Fraction(value)
    assert abs(Fraction(price.rounded_usd) - Fraction(value)) <= Fraction(1, 2 * 10**12)


@given(st.fractions(max_denominator=5000))
def test_text_of_any_fraction_reads_back(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


def test_every_meter_but_those_by_contract_can_be_priced() -> None:
    everything = ModelPrice(
        **dict.fromkeys(
            "input_mtok output_mtok output_reasoning_mtok output_citation_mtok web_searches_kcount "
            "storage_searches_kcount social_searches_kcount code_executions_kcount rerank_searches_kcount "
            "input_text_messages_kcount "
            "requests_kcount input_mchars audio_hours input_document_kpages".split(),
            Decimal(1),
        )
    )
    assert set(prices_by_meter(everything, 0)) == {meter.name for meter in METERS} - NEGOTIATED_ONLY
