"""Names that move: priced as what they meant on the day, by prices and days that their makers published."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.prices.aliases import Match, Miss, NameResolver
from ingestion.sources.prices.flatten import flatten_model
from ingestion.sources.prices.moving import is_moving, price_list, with_moving_names
from ingestion.sources.prices.units import prices_by_meter


@pytest.fixture(scope="module")
def resolver() -> NameResolver:
    return NameResolver(price_list(), max_names_compared=0)


@pytest.mark.parametrize(
    ("day", "usd_per_million"),
    [
        ("2025-09-24", None),
        ("2025-09-25", ("0.30", "2.50")),  # Gemini 2.5 Flash
        ("2026-01-20", ("0.30", "2.50")),
        ("2026-01-21", ("0.50", "3.00")),  # Gemini 3 Flash preview
        ("2026-05-18", ("0.50", "3.00")),
        ("2026-05-19", None),
    ],
)
def test_a_moving_name_costs_what_it_meant_on_the_day(
    resolver: NameResolver, day: str, usd_per_million: tuple[str, str] | None
) -> None:
    found = resolver.resolve("google", "gemini-flash-latest")
    assert isinstance(found, Match)
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    prices = prices_by_meter(found.model.get_prices(at, {}), 1_000)
    got = {meter: prices[meter].usd * 1_000_000 for meter in ("uncached_input", "output") if meter in prices}
    wanted = zip(("uncached_input", "output"), usd_per_million or (), strict=False)
    assert got == {meter: Decimal(usd) for meter, usd in wanted}


def test_a_name_that_moved_on_days_nobody_knows_has_no_price() -> None:
    plain = NameResolver(get_snapshot(), max_names_compared=0)
    found = plain.resolve("google", "gemini-flash-latest")
    assert isinstance(found, Miss)
    assert (found.reason, found.candidates) == ("moving_name", ("google/gemini-3.8-flash",))


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("anthropic", "claude-3-5-sonnet-latest", "claude-3-5-sonnet"),
        ("mistral", "codestral-latest", "codestral"),
        ("mistral", "mistral-small-latest", "mistral-small-latest"),
        ("mistral", "voxtral-small-latest", "voxtral-small-24b-2507"),
        ("x-ai", "grok-4-latest", "grok-4-0709"),
        ("openai", "chatgpt-4o-latest", "chatgpt-4o-latest"),
    ],
)
def test_a_latest_of_one_version_is_that_version(resolver: NameResolver, provider: str, name: str, model: str) -> None:
    found = resolver.resolve(provider, name)
    assert isinstance(found, Match)
    assert found.model.id == model


@pytest.mark.parametrize(
    ("name", "model", "moves"),
    [
        ("gemini-pro-latest", "gemini-3.1-pro-preview", True),
        ("grok-latest", "grok-4.5", True),
        ("grok-latest", "grok", False),
        ("grok-latest", "grok-20260101", False),
        ("gemini-2.5-flash-latest", "gemini-2.5-flash", False),
        ("gemini-flash", "gemini-3.8-flash", False),
    ],
)
def test_which_names_move(name: str, model: str, moves: bool) -> None:
    assert is_moving(name, model) == moves


def test_the_list_stays_as_it_is_beside_them() -> None:
    listed = get_snapshot()
    extended = with_moving_names(listed)
    for before, after in zip(listed.providers, extended.providers, strict=True):
        assert [model for model in after.models if model in before.models] == before.models


def test_entries_of_moving_names_can_be_flattened() -> None:
    for provider in price_list().providers:
        for model in provider.models:
            if (provider.id, model.id) == ("google", "gemini-pro-latest"):
                rows = list(flatten_model(provider, model))
                assert min(row.valid_from for row in rows) == datetime.fromisoformat("2026-01-21")
                return
    raise AssertionError("gemini-pro-latest is missing")
