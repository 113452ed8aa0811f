"""Prices that the public list does not have: tools by provider, and what a model costs in places that cost more.

Data: `tool_prices.csv` (dated, each line with its source) fills meters that the list prices nowhere for a model; it
never changes a price of the list. `batch_factors.csv` adds the batch of models that are listed without it,
`region_factors.csv` a variant `region=regional` beside each of its variants.

Put here: rows beside those of the list. Keep out: the list itself (`flatten`).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from ingestion.sources.prices.batch_factors import batch_rows
from ingestion.sources.prices.flatten import (
    DAY_SECONDS,
    FIRST_DAY,
    LAST_DAY,
    NO_CONTEXT_LIMIT,
    SHIPPED_PRICE_KEY,
    STANDARD,
    PriceRow,
    variant_name,
)
from ingestion.sources.prices.regions import REGION_KEY, REGION_VALUE, RegionRule, regional_factor
from ingestion.sources.prices.units import UnitPrice
from ingestion.vocabulary.meters import METERS_BY_NAME

FILE = Path(__file__).with_name("tool_prices.csv")


@dataclass(frozen=True)
class ToolPrice:
    """What one unit of a tool's meter costs with a provider's models, in a half-open stretch of time."""

    provider_ids: frozenset[str]
    model: re.Pattern[str]
    meter: str
    usd: Fraction
    valid_from: datetime
    valid_to: datetime


@lru_cache(maxsize=1)
def tool_prices() -> tuple[ToolPrice, ...]:
    """The lines of the shipped table."""
    with FILE.open(newline="", encoding="utf-8") as lines:
        return tuple(
            ToolPrice(
                frozenset(row["provider_ids"].split()),
                re.compile(row["model_pattern"], re.IGNORECASE),
                row["meter"],
                Fraction(row["price_usd_per_unit"]),
                datetime.fromisoformat(row["valid_from"]) if row["valid_from"] else FIRST_DAY,
                datetime.fromisoformat(row["valid_to"]) if row["valid_to"] else LAST_DAY,
            )
            for row in csv.DictReader(lines)
        )


def with_supplements(rows: Iterable[PriceRow]) -> Iterator[PriceRow]:
    """The rows of the list, each model's followed by its supplements."""
    model: list[PriceRow] = []
    for row in rows:
        if model and (row.provider_id, row.model_id) != (model[0].provider_id, model[0].model_id):
            yield from _of_model(model)
            model = []
        model.append(row)
    if model:
        yield from _of_model(model)


def _of_model(listed: list[PriceRow]) -> Iterator[PriceRow]:
    listed = [*listed, *batch_rows(listed)]
    rows = [*listed, *_tools(listed)]
    yield from rows
    rule = regional_factor(listed[0].provider_id, listed[0].model_id)
    if rule is not None:
        for row in rows:
            yield from _regional(row, rule)


def _tools(listed: list[PriceRow]) -> Iterator[PriceRow]:
    """Tools of a model that is priced by token, for as long as each of its variants has prices."""
    first = listed[0]
    spans: dict[str, list[PriceRow]] = defaultdict(list)
    for row in listed:
        if METERS_BY_NAME[row.meter].is_token:
            spans[row.variant].append(row)
    known = {row.meter for row in listed}
    for tool in tool_prices():
        if first.provider_id not in tool.provider_ids or tool.meter in known or not tool.model.search(first.model_id):
            continue
        for variant, priced in spans.items():
            valid_from = max(tool.valid_from, min(row.valid_from for row in priced))
            valid_to = min(tool.valid_to, max(row.valid_to for row in priced))
            if valid_from < valid_to:
                yield replace(
                    first,
                    meter=tool.meter,
                    variant=variant,
                    valid_from=valid_from,
                    valid_to=valid_to,
                    time_of_day_from_second=0,
                    time_of_day_to_second=DAY_SECONDS,
                    context_over_tokens=-1,
                    context_up_to_tokens=NO_CONTEXT_LIMIT,
                    price=UnitPrice(tool.usd, SHIPPED_PRICE_KEY),
                    minimum_quantity=None,
                )


def _regional(row: PriceRow, rule: RegionRule) -> Iterator[PriceRow]:
    """The row in places that cost more: token prices times the factor from its date on, everything else as it is."""
    context = {} if row.variant == STANDARD else dict(pair.split("=", 1) for pair in row.variant.split(";"))
    there = replace(row, variant=variant_name(context | {REGION_KEY: REGION_VALUE}))
    meter = METERS_BY_NAME[row.meter]
    is_by_token = meter.is_token or meter.is_surcharge
    start = rule.valid_from or FIRST_DAY
    if not is_by_token or rule.factor is None or start >= row.valid_to:
        yield there
        return
    if row.valid_from < start:
        yield replace(there, valid_to=start)
    price = UnitPrice(row.price.usd * rule.factor, f"{row.price.source_price_key}*{float(rule.factor):g}")
    yield replace(there, valid_from=max(start, row.valid_from), price=price)
