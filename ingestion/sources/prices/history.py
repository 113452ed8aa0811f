"""Dated price files that a user drops: what models cost before the public list knows prices.

Data flow: `COSTOPS_PRICES_DIR` (`drop/prices`), LiteLLM price files with a date in their name → price rows of source
`litellm`, each from the date of its file to that of the next, and never past the day from which the list knows prices.

Put here: dates and the choice among entries. Keep out: what a price file says (`litellm`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
from genai_prices.data_snapshot import DataSnapshot

from ingestion.landing.links import leads_outside
from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.sources.prices.aliases import Match, NameResolver
from ingestion.sources.prices.flatten import DAY_SECONDS, NO_CONTEXT_LIMIT, PriceRow
from ingestion.sources.prices.knowledge import LIST_KNOWS_FROM
from ingestion.sources.prices.litellm import SOURCE, OtherPrice, provider_name_of, read_file
from ingestion.sources.prices.rows import model_prices_table
from ingestion.sources.prices.units import UnitPrice

_DATE = re.compile(r"(?<!\d)(20\d\d)[-_]?(\d\d)[-_]?(\d\d)(?!\d)")
_PREFERENCE = ("exact", "match_rule", "user_alias")

Model = tuple[str, str]
Place = tuple[str, str, int]
"""Meter, variant and context step of a price."""


@dataclass
class History:
    """Price rows by file, what is wrong with files, and what to tell."""

    tables: list[pa.Table] = field(default_factory=list)
    problems: list[tuple[Path, QuarantinedRow]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_history(folder: Path, snapshot: DataSnapshot) -> History:
    """The dated price files of a folder; empty where there are none."""
    history = History()
    dated = sorted(_dated_files(folder, history), key=lambda each: each[0])
    resolver = NameResolver(snapshot, max_names_compared=0)
    names: dict[Model, str] = {}
    ends = [*(_midnight(day) for day, _ in dated[1:]), LIST_KNOWS_FROM]
    for (day, path), end in zip(dated, ends, strict=False):
        start, end = _midnight(day), min(end, LIST_KNOWS_FROM)
        if start >= end:
            message = f"{path.name} is of a day from which the list knows prices; it prices nothing"
            history.notes.append(Note("run_figures", message))
            continue
        chosen = _chosen(_prices(path, history), resolver, names)
        rows = [row for model, prices in chosen.items() for row in _rows(model, names[model], prices, start, end)]
        history.tables.append(model_prices_table(rows, day.isoformat(), SOURCE))
        message = f"price history {path.name}: {len(chosen):,} models from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
        history.notes.append(Note("run_figures", message))
    return history


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _dated_files(folder: Path, history: History) -> Iterator[tuple[date, Path]]:
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    seen: set[date] = set()
    for path in paths:
        if path.name.startswith(".") or path.name.lower() == "readme.txt" or leads_outside(path, folder):
            continue
        day = _date_of(path.name)
        wrong = None
        if not path.is_file() or not path.name.lower().endswith((".json", ".json.gz")):
            wrong = "is no LiteLLM price file; drop model_prices_and_context_window.json, plain or gzipped"
        elif day is None:
            wrong = "says no date; put the day of the prices into its name, as in litellm_2024-11-05.json"
        elif day in seen:
            wrong = f"is a second file of {day}; keep one of them"
        if wrong or day is None:
            history.problems.append((path, QuarantinedRow(None, "unreadable_file", f"{path.name} {wrong}", None)))
            continue
        seen.add(day)
        yield day, path


def _date_of(name: str) -> date | None:
    found = _DATE.search(name)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _prices(path: Path, history: History) -> Iterator[OtherPrice]:
    for found in read_file(path):
        if isinstance(found, OtherPrice):
            yield found
        else:
            history.problems.append((path, found))


def _chosen(
    prices: Iterable[OtherPrice], resolver: NameResolver, names: dict[Model, str]
) -> dict[Model, dict[Place, OtherPrice]]:
    """Of each model the prices of the entry that names it best; entries that are as good and differ count as none."""
    entries: dict[tuple[str, str], list[OtherPrice]] = defaultdict(list)
    for price in prices:
        entries[price.provider_name, price.entry].append(price)
    candidates: dict[Model, dict[int, list[dict[Place, OtherPrice]]]] = defaultdict(lambda: defaultdict(list))
    for (_, entry), listed in entries.items():
        found = resolver.resolve(provider_name_of(listed[0]), entry)
        if not isinstance(found, Match) or found.is_fallback or found.method not in _PREFERENCE:
            continue
        model = found.provider.id, found.model.id
        names[model] = found.model.name or found.model.id
        by_place = {(price.meter, price.variant, price.context_over_tokens): price for price in listed}
        candidates[model][_PREFERENCE.index(found.method)].append(by_place)
    best = {model: ranked[min(ranked)] for model, ranked in candidates.items()}
    return {
        model: alike[0]
        for model, alike in best.items()
        if all({k: v.price for k, v in each.items()} == {k: v.price for k, v in alike[0].items()} for each in alike)
    }


def _rows(
    model: Model, name: str, prices: dict[Place, OtherPrice], start: datetime, end: datetime
) -> Iterator[PriceRow]:
    """One row per meter, variant and context step; a cache write without a lifetime is also one of five minutes."""
    prices = dict(prices)
    for (meter, variant, step), price in list(prices.items()):
        if meter == "cache_write":
            prices.setdefault(("cache_write_5m", variant, step), price)
    steps: dict[tuple[str, str], list[int]] = defaultdict(list)
    for meter, variant, step in sorted(prices):
        steps[meter, variant].append(step)
    for (meter, variant), found in steps.items():
        if found[0] != -1:
            continue
        for over, up_to in zip(found, (*found[1:], NO_CONTEXT_LIMIT), strict=True):
            price = prices[meter, variant, over]
            yield PriceRow(
                *model, name, meter, variant, start, end, 0, DAY_SECONDS, over, up_to,
                UnitPrice(Fraction(price.price), price.field), None,
            )  # fmt: skip
