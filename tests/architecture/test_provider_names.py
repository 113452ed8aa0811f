"""A provider's name means the same in prices (Python) and in the marts (a seed)."""

from __future__ import annotations

import csv
from pathlib import Path

from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

from ingestion.sources.prices.provider_names import GATEWAYS, PROVIDER_SYNONYMS, provider_id_of

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "provider_aliases.csv"


def aliases() -> dict[str, str | None]:
    with SEED.open(newline="", encoding="utf-8") as file:
        return {row["alias"]: row["provider_id"] or None for row in csv.DictReader(file)}


def test_no_name_means_one_provider_here_and_another_there() -> None:
    differing = {}
    for alias, provider_id in aliases().items():
        known = provider_id_of(alias)
        listed = find_provider_by_id(get_snapshot().providers, known) if known else None
        if listed is not None and listed.id != provider_id:
            differing[alias] = (listed.id, provider_id)
    assert differing == {}


def test_gateways_are_nobody_in_both() -> None:
    seed = aliases()
    assert {name for name in GATEWAYS if name} == {alias for alias, provider_id in seed.items() if provider_id is None}


def test_every_synonym_with_prices_is_known_to_the_marts() -> None:
    seed = aliases()
    assert {name for name in PROVIDER_SYNONYMS if name.replace("_", " ") not in seed and name not in seed} == set()


def test_a_provider_is_one_however_its_words_are_parted() -> None:
    spellings = {
        "github-copilot": ("github_copilot", "github-copilot", "copilot", "GitHub Copilot"),
        "fireworks": ("fireworks_ai", "FireworksAI", "Fireworks-AI"),
        "perplexity": ("perplexity_ai", "perplexityai"),
        "openai": ("open_ai", "Open AI", "open-ai"),
        "openrouter": ("open_router", "OpenRouter"),
        "azure": ("AzureOpenAI", "azure-openai"),
    }
    for known, names in spellings.items():
        assert {provider_id_of(name) or name for name in names} == {known}, known
