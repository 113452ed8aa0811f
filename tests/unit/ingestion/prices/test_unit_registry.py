"""The units of the price list are found where the package keeps them, and where it no longer does."""

from __future__ import annotations

from collections.abc import Iterator

import genai_prices.data_units
import genai_prices.units
import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.sources.prices.unit_registry import InvalidPriceList, unit_registry
from ingestion.sources.prices.units import prices_by_meter


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    unit_registry.cache_clear()
    yield
    unit_registry.cache_clear()


def _prices() -> dict[str, object]:
    provider = next(each for each in get_snapshot().providers if each.id == "anthropic")
    listed = [model.prices for model in provider.models if not isinstance(model.prices, list)]
    return {str(number): prices_by_meter(prices, 1_000) for number, prices in enumerate(listed)}


def test_the_package_s_own_registry_is_used_without_a_word() -> None:
    assert unit_registry() == (genai_prices.units._get_registry(), None)


def test_without_the_private_call_prices_are_the_same_and_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _prices()
    assert len(before) > 5
    unit_registry.cache_clear()
    monkeypatch.delattr(genai_prices.units, "_get_registry")
    assert "constraints.txt" in str(unit_registry()[1])
    # genai-prices calls it itself; what it has moved to would be called instead.
    monkeypatch.setattr(genai_prices.units, "_get_registry", lambda: unit_registry()[0], raising=False)
    assert _prices() == before


def test_without_unit_data_either_nothing_is_priced_by_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(genai_prices.units, "_get_registry")
    monkeypatch.delattr(genai_prices.data_units, "unit_data")
    with pytest.raises(InvalidPriceList, match=r"genai-prices .* constraints\.txt"):
        unit_registry()
