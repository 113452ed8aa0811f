"""Names that move from model to model (`gemini-flash-latest`): priced as the model that they meant on the day.

Data: `moving_names.csv`, each line with its source: from that day on the name means that model, or nobody knows which.
Each name becomes an entry of the list whose prices change with the days. A moving name that is not in the table has no
price, because the list's rule knows only what it means now.

Put here: which names move, and those entries. Keep out: other spellings of names (`provider_names`).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
)

MOVING_NAME = "moving_name"
"""Reason of a name that means another model with time, of which nobody here knows when."""

_LATEST = re.compile(r"^(?P<stem>\D*)-latest$")
_OF_THE_STEM = re.compile(r"(?:-\d+b)?(?:-\d{4,8})?")


@dataclass(frozen=True)
class _Meaning:
    model_id: str
    valid_from: date


def is_moving(name: str, model_id: str) -> bool:
    """Whether a name without a version leads to a model of a version: then it meant another one before."""
    found = _LATEST.match(name.strip().lower())
    entry = model_id.lower()
    if found is None or entry.endswith("latest"):
        return False
    return not (entry.startswith(found["stem"]) and _OF_THE_STEM.fullmatch(entry[len(found["stem"]) :]))


def price_list() -> DataSnapshot:
    """The installed list with an entry for each moving name whose meaning is known by date."""
    return with_moving_names(get_snapshot())


def with_moving_names(snapshot: DataSnapshot) -> DataSnapshot:
    """A list to which the names of the table are added; names that it has itself stay as they are."""
    providers = []
    for provider in snapshot.providers:
        added = [
            entry
            for (provider_id, name), meanings in _meanings().items()
            if provider_id == provider.id
            and all(model.id != name for model in provider.models)
            and (entry := _entry(provider, name, meanings)) is not None
        ]
        providers.append(replace(provider, models=[*added, *provider.models]) if added else provider)
    return DataSnapshot(providers=providers, from_auto_update=snapshot.from_auto_update)


def _entry(provider: Provider, name: str, meanings: tuple[_Meaning, ...]) -> ModelInfo | None:
    models = {model.id: model for model in provider.models}
    if any(meaning.model_id and meaning.model_id not in models for meaning in meanings):
        return None
    prices = [ConditionalPrice(prices=ModelPrice())]
    for meaning, after in zip(meanings, (*meanings[1:], None), strict=True):
        until = after.valid_from if after else date.max
        model = models.get(meaning.model_id)
        prices += _prices(model, meaning.valid_from, until) if model else [_from(meaning.valid_from, ModelPrice())]
    newest = models.get(meanings[-1].model_id)
    return ModelInfo(
        id=name,
        match=ClauseEquals(equals=name),
        name=name,
        context_window=newest.context_window if newest else None,
        prices=prices,
        price_variants=_variants(newest, meanings[-1].valid_from) if newest else None,
    )


def _from(day: date, prices: ModelPrice) -> ConditionalPrice:
    return ConditionalPrice(StartDateConstraint(start_date=day), prices=prices)


def _prices(model: ModelInfo, start: date, until: date) -> list[ConditionalPrice]:
    """What the model costs on the first day of its turn, and each change within it. Times of day are left out."""
    if isinstance(model.prices, ModelPrice):
        return [_from(start, model.prices)]
    dated = [
        (entry.constraint.start_date if entry.constraint else date.min, entry.prices)
        for entry in model.prices
        if entry.constraint is None or isinstance(entry.constraint, StartDateConstraint)
    ]
    held = max((each for each in dated if each[0] <= start), key=lambda each: each[0])
    later = sorted((each for each in dated if start < each[0] < until), key=lambda each: each[0])
    return [_from(start, held[1]), *(_from(day, prices) for day, prices in later)]


def _variants(model: ModelInfo, start: date) -> list[PriceVariant] | None:
    kept = []
    for variant in model.price_variants or ():
        if variant.constraint is None or isinstance(variant.constraint, StartDateConstraint):
            day = max(start, variant.constraint.start_date if variant.constraint else start)
            kept.append(replace(variant, constraint=StartDateConstraint(start_date=day)))
    return kept or None


@cache
def _meanings() -> dict[tuple[str, str], tuple[_Meaning, ...]]:
    found: dict[tuple[str, str], list[_Meaning]] = defaultdict(list)
    with (Path(__file__).parent / "moving_names.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            meaning = _Meaning(row["model_id"], date.fromisoformat(row["valid_from"]))
            found[row["provider_id"], row["name"]].append(meaning)
    return {key: tuple(sorted(each, key=lambda meaning: meaning.valid_from)) for key, each in found.items()}
