"""A made-up price list that changes thirty times, the usage beside it, and what that usage costs by plain arithmetic.

Put here: lists, requests, and prices looked up in Python from the same lists, one request and one meter at a time.
Keep out: SQL that prices, dbt.
"""

from __future__ import annotations

import os
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from tests.support.warehouse import ScratchWarehouse

FIRST_DAY = datetime.fromisoformat("2026-03-01")
DAYS = 40
ALWAYS = datetime.fromisoformat("1900-01-01")
NEVER = datetime.fromisoformat("2200-01-01")
NO_LIMIT = 9_223_372_036_854_775_807
STEP = 1_000
COLUMNS = {
    "uncached_input": "uncached_input_tokens",
    "cache_read": "cache_read_tokens",
    "output": "output_tokens",
    "web_search": "web_searches",
}
UPDATES = int(os.environ.get("COSTOPS_TEST_PRICE_UPDATES", "6"))

Prices = dict[str, tuple[Decimal, Decimal]]
"""By meter: USD per unit up to STEP input tokens, and beyond."""


@dataclass
class Entry:
    """One model of a list: its prices from each date on, and whether large requests have prices of their own."""

    dated: list[tuple[datetime, Prices]]
    has_step: bool = False

    def prices_at(self, instant: datetime) -> Prices | None:
        """The prices valid at an instant; None before the first date."""
        valid = [prices for start, prices in self.dated if start <= instant]
        return valid[-1] if valid else None


@dataclass
class PriceList:
    """What was known from an instant on: models, and which model each reported name means."""

    known_from: datetime
    models: dict[str, Entry]
    names: dict[str, str]


@dataclass
class History:
    """All lists, oldest first, and all requests."""

    lists: list[PriceList] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def known_at(self, instant: datetime) -> PriceList | None:
        """The newest list landed by then."""
        known = [one for one in self.lists if one.known_from <= instant]
        return known[-1] if known else None

    def lists_for(self, instant: datetime, as_known_at: datetime | None) -> list[PriceList]:
        """Lists in the order in which they are asked: the one known then, else those learned later, first one first."""
        known = self.known_at(as_known_at or instant)
        if as_known_at:
            return [known] if known else []
        return ([known] if known else []) + [one for one in self.lists if one.known_from > instant]

    def meaning(self, name: str, instant: datetime, as_known_at: datetime | None) -> str | None:
        """The model that a reported name means for usage at an instant."""
        judged = as_known_at or instant
        known = self.known_at(judged)
        later = [one for one in self.lists if one.known_from > judged]
        for one in [*([known] if known else []), *later]:
            model = one.names.get(name)
            if model in one.models:
                return model
        return None

    def costs(self, request: dict[str, Any], as_known_at: datetime | None = None) -> dict[str, Decimal | None]:
        """Cost of each used meter of a request; None where no price is known."""
        at = request["requested_at_utc"]
        model = self.meaning(request["requested_model"], at, as_known_at)
        size = request["uncached_input_tokens"] + request["cache_read_tokens"]
        quantities = {meter: request[column] for meter, column in COLUMNS.items() if request[column]}
        asked = self.lists_for(at, as_known_at)
        entries = [one.models[model] for one in asked if model in one.models and one.models[model].prices_at(at)]
        costs: dict[str, Decimal | None] = {}
        for meter, quantity in quantities.items():
            entry = next((entry for entry in entries if meter in (entry.prices_at(at) or {})), None)
            # A meter that only a later list names is filled where its sizes are those of the list of the time.
            fits = entry is not None and (entries[0].has_step or not entry.has_step)
            price = (entry.prices_at(at) or {})[meter][size > STEP] if entry and fits else None
            costs[meter] = None if price is None else price * quantity
        first = entries[0].prices_at(at) if entries else None
        costs["request"] = None if first is None else first.get("request", (Decimal(0), Decimal(0)))[size > STEP]
        return costs

    def is_priced_when_it_happens(self, request: dict[str, Any]) -> bool:
        """Whether the list of the time (before the first one: the first one) prices all of a request."""
        lists = [self.known_at(request["requested_at_utc"]) or self.lists[0]]
        return None not in History(lists).costs(request).values()


def invent(seed: int) -> History:
    """Forty days of requests and one list followed by `UPDATES` updates, each at an instant of its own.

    Requests that had a price when they happened go to provider `acme`, those that had none to `beta`.
    """
    random = Random(seed)
    history = History()
    models = {f"m{n}": Entry([(ALWAYS, _prices(random))], has_step=n == 1) for n in range(6)}
    names = {f"Model-{n}": f"m{n}" for n in range(9)}
    _flatten_steps(models)
    history.lists.append(PriceList(FIRST_DAY + timedelta(days=2, hours=5), models, names))
    step = timedelta(days=DAYS - 4) / UPDATES
    for number in range(UPDATES):
        at = FIRST_DAY + timedelta(days=3) + step * number + timedelta(seconds=random.randrange(40_000))
        history.lists.append(_updated(history.lists[-1], at, number, random))
    for day in range(DAYS):
        for name in names:
            for _ in range(3):
                request = _request(random, day, name, len(history.requests))
                known = history.is_priced_when_it_happens(request)
                history.requests.append(request | {"provider_name": "acme" if known else "beta"})
    return history


def _prices(random: Random, meters: tuple[str, ...] = ("uncached_input", "cache_read", "output")) -> Prices:
    def price() -> Decimal:
        return Decimal(random.randrange(1, 10**8)).scaleb(-12)

    return {meter: (price(), price()) for meter in meters}


def _updated(before: PriceList, at: datetime, number: int, random: Random) -> PriceList:
    models, names = deepcopy(before.models), dict(before.names)
    model = random.choice(sorted(models))
    entry = models[model]
    kind = ("changed", "corrected", "dated", "withdrawn", "added", "changed", "meter", "step", "request", "renamed")[
        number % 10
    ]
    if kind == "changed":
        entry.dated = [(start, _prices(random, tuple(prices))) for start, prices in entry.dated]
    elif kind == "corrected":
        middle = FIRST_DAY + timedelta(days=random.randrange(1, DAYS))
        entry.dated = [(ALWAYS, _prices(random)), (middle, _prices(random))]
    elif kind == "dated":
        start = max(FIRST_DAY + timedelta(days=random.randrange(DAYS)), entry.dated[-1][0] + timedelta(days=1))
        entry.dated = [*entry.dated, (start, _prices(random, tuple(entry.dated[-1][1])))]
    elif kind == "withdrawn":
        del models[model]
    elif kind == "added":
        missing = sorted({f"m{n}" for n in range(9)} - models.keys())
        start = ALWAYS if random.random() < 0.5 else FIRST_DAY + timedelta(days=random.randrange(DAYS))
        models[random.choice(missing)] = Entry([(start, _prices(random))], has_step=random.random() < 0.5)
    elif kind == "meter":
        entry.dated = [(start, prices | _prices(random, ("web_search",))) for start, prices in entry.dated]
    elif kind == "step":
        entry.has_step = not entry.has_step
        entry.dated = [(start, _prices(random, tuple(prices))) for start, prices in entry.dated]
    elif kind == "request":
        entry.dated = [(start, prices | _prices(random, ("request",))) for start, prices in entry.dated]
    elif kind == "renamed":
        names[random.choice(sorted(names))] = model
    _flatten_steps(models)
    return PriceList(at, models, names)


def with_all_prices_changed(history: History, known_from: datetime) -> History:
    """The same history with one list more, in which every model of the newest one has other prices."""
    random = Random(31)
    models = deepcopy(history.lists[-1].models)
    for entry in models.values():
        entry.dated = [(start, _prices(random, tuple(prices))) for start, prices in entry.dated]
    _flatten_steps(models)
    return History([*history.lists, PriceList(known_from, models, history.lists[-1].names)], history.requests)


def _flatten_steps(models: dict[str, Entry]) -> None:
    for one in models.values():
        if not one.has_step:
            one.dated = [(start, {m: (base, base) for m, (base, _) in prices.items()}) for start, prices in one.dated]


def _request(random: Random, day: int, name: str, number: int) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "requested_at_utc": FIRST_DAY + timedelta(days=day, microseconds=random.randrange(86_400_000_000)),
        "account_id": f"org-{number % 2}",
        "api_key_id": f"key-{number % 5}",
        "team_id": random.choice(["blue", None]),
        "requested_model": name,
        "uncached_input_tokens": random.randrange(1, 2_000),
        "cache_read_tokens": random.choice([0, random.randrange(1, 500)]),
        "output_tokens": random.randrange(0, 900),
        "web_searches": random.choice([0, 0, 1, 3]),
        "_source_file_id": day + 1,
        "_source_row": number,
    }


def land_list(warehouse: ScratchWarehouse, one: PriceList) -> None:
    """Bring the raw tables to this list as landing does: what is new opens, what is gone or changed closes."""
    prices = {tuple(row.values()): row for row in _price_rows(one)}
    aliases = {tuple(row.values()): row for row in _alias_rows(one)}
    for table, wanted in (("model_prices", prices), ("model_aliases", aliases)):
        columns = list(next(iter(wanted.values())))
        known = warehouse.rows(f"select {', '.join(columns)} from raw_prices.{table} where known_to_utc is null")
        for key in known:
            if tuple(key) not in wanted:
                same = " and ".join(f"{name} is not distinct from ?" for name in columns)
                with warehouse.connection() as connection:
                    connection.execute(
                        f"update raw_prices.{table} set known_to_utc = ? where known_to_utc is null and {same}",
                        [one.known_from, *key],
                    )
        opened = [row for key, row in wanted.items() if key not in {tuple(each) for each in known}]
        if opened:
            since = {"known_from_utc": one.known_from}
            warehouse.insert(f"raw_prices.{table}", [row | since for row in opened])


def _price_rows(one: PriceList) -> list[dict[str, Any]]:
    rows = []
    for model, entry in one.models.items():
        ends = [start for start, _ in entry.dated[1:]] + [NEVER]
        steps = [(-1, STEP, 0), (STEP, NO_LIMIT, 1)] if entry.has_step else [(-1, NO_LIMIT, 0)]
        for (start, prices), end in zip(entry.dated, ends, strict=True):
            for meter, by_step in prices.items():
                for over, up_to, which in steps:
                    rows.append(
                        {
                            "price_row_id": f"{model}/{meter}/{start:%Y%m%d%H}/{over}",
                            "price_provider_id": "acme",
                            "price_model_id": model,
                            "meter": meter,
                            "valid_from_utc": start,
                            "valid_to_utc": end,
                            "context_over_tokens": over,
                            "context_up_to_tokens": up_to,
                            "price_usd_per_unit": by_step[which],
                        }
                    )
    return rows


def _alias_rows(one: PriceList) -> list[dict[str, Any]]:
    rows = []
    for provider, (name, model) in product(("acme", "beta"), one.names.items()):
        listed = model in one.models
        rows.append(
            {
                "provider_name": provider,
                "model": name,
                "match_method": "exact" if listed else "unresolved",
                "unresolved_reason": None if listed else "unknown_model",
                "price_provider_id": "acme" if listed else None,
                "price_model_id": model if listed else None,
                "price_variant": "standard" if listed else None,
            }
        )
    return rows
