"""Lands a price list in a process of its own, to be killed: `python prices_killed_run.py HOME NOW raised|published`.

`raised` stands for a later list: OpenAI raised its prices, Mistral left, and a new provider came.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.types import ModelPrice

from ingestion.config import Settings
from ingestion.sources.prices.pipeline import land


def raised_list() -> DataSnapshot:
    """The published list after a change of prices."""
    providers = []
    for provider in get_snapshot().providers:
        if provider.id == "openai":
            raised = ModelPrice(input_mtok=Decimal(7), output_mtok=Decimal(70))
            models = [replace(m, prices=raised, price_variants=None) for m in provider.models]
            providers += [replace(provider, models=models), replace(provider, id="newcomer", models=models)]
        elif provider.id != "mistral":
            providers.append(provider)
    return DataSnapshot(providers=providers, from_auto_update=False)


if __name__ == "__main__":
    home, now, which = sys.argv[1:]
    settings = Settings.from_env({}, Path(home))
    snapshot = raised_list() if which == "raised" else get_snapshot()
    land(settings, now=datetime.fromisoformat(now), snapshot=snapshot, source_version=which)
