"""What the place of a call does to its price: data residency and regional endpoints.

Data: `region_factors.csv`, one line per rule with source and date; the first that fits a provider, a model and a place
counts. An empty factor: the place has a price of its own that nobody here knows. Where no rule fits, the place does not
change the price, or the list has models of their own for it (Bedrock).

Put here: rules about places. Keep out: prices.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from ingestion.sources.prices.variants import Choice

FILE = Path(__file__).with_name("region_factors.csv")
REGION_KEY, REGION_VALUE = "region", "regional"


@dataclass(frozen=True)
class RegionRule:
    """A factor on every price per token from a date on; None where it is not known."""

    provider_id: str
    model: re.Pattern[str]
    region: re.Pattern[str]
    factor: Fraction | None
    valid_from: datetime | None


@lru_cache(maxsize=1)
def region_rules() -> tuple[RegionRule, ...]:
    """The rules in the order of the file."""
    with FILE.open(newline="", encoding="utf-8") as lines:
        return tuple(
            RegionRule(
                row["provider_id"],
                re.compile(row["model_pattern"]),
                re.compile(row["region_pattern"]),
                Fraction(row["factor"]) if row["factor"] else None,
                datetime.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            )
            for row in csv.DictReader(lines)
        )


@lru_cache(maxsize=65_536)
def region_rule(provider_id: str, model_id: str, region: str) -> RegionRule | None:
    """The rule that holds for calls of a model in a place, None where none does."""
    return next(
        (
            rule
            for rule in region_rules()
            if rule.provider_id == provider_id and rule.model.search(model_id) and rule.region.search(region)
        ),
        None,
    )


def region_of(provider_id: str, model_id: str, region: str) -> Choice:
    """The part of a price context that a place adds, or the reason `price_region_unknown`."""
    rule = region_rule(provider_id, model_id, region) if region else None
    if rule is None or rule.factor == 1:
        return Choice()
    if rule.factor is None:
        return Choice(unresolved_reason="price_region_unknown")
    return Choice({REGION_KEY: REGION_VALUE})


def regional_factor(provider_id: str, model_id: str) -> RegionRule | None:
    """The rule by which a model costs more in some places, None where it does nowhere."""
    return next(
        (
            rule
            for rule in region_rules()
            if rule.provider_id == provider_id and rule.model.search(model_id) and rule.factor not in (None, 1)
        ),
        None,
    )
