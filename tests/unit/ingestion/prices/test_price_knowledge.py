"""The day from which the list knows prices: the same in every part, and the one that the list itself shows."""

from __future__ import annotations

from pathlib import Path

import yaml
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, StartDateConstraint

from ingestion.sources.prices.knowledge import LIST_KNOWS_FROM

PROJECT = Path(__file__).parents[4] / "dbt_project/dbt_project.yml"


def test_sql_and_quotes_know_from_the_same_day() -> None:
    assert yaml.safe_load(PROJECT.read_text())["vars"]["price_list_knows_from"] == f"{LIST_KNOWS_FROM:%Y-%m-%d}"


def test_it_is_the_first_change_that_the_list_records() -> None:
    dates = [
        entry.constraint.start_date
        for provider in get_snapshot().providers
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for entry in model.prices
        if isinstance(entry.constraint, StartDateConstraint)
    ]
    assert min(dates) == LIST_KNOWS_FROM.date()
