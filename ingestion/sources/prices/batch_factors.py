"""What a batch costs where the list prices a model without its batch: a factor of the ordinary price.

Data: `batch_factors.csv`, each line with its source. A model that no line covers has no batch price.
Put here: the factor and the rows that it makes. Keep out: models whose batch the list has (`variants`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from ingestion.sources.prices.flatten import STANDARD, PriceRow, variant_name
from ingestion.sources.prices.units import UnitPrice
from ingestion.vocabulary.meters import METERS_BY_NAME

BATCH = {"processing": "batch"}
FILE = Path(__file__).with_name("batch_factors.csv")


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, re.Pattern[str], Fraction], ...]:
    with FILE.open(newline="", encoding="utf-8") as lines:
        return tuple(
            (row["provider_id"], re.compile(row["model_pattern"]), Fraction(row["factor"]))
            for row in csv.DictReader(lines)
        )


@lru_cache(maxsize=8192)
def batch_factor(provider_id: str, model_id: str) -> Fraction | None:
    """What a token of a batch costs against an ordinary one; None where nothing is published."""
    rules = ((factor, pattern) for provider, pattern, factor in _rules() if provider == provider_id)
    return next((factor for factor, pattern in rules if pattern.search(model_id)), None)


def batch_rows(listed: list[PriceRow]) -> Iterator[PriceRow]:
    """Batch prices of a model beside its ordinary ones, where the list has none of its own."""
    variant = variant_name(BATCH)
    factor = batch_factor(listed[0].provider_id, listed[0].model_id)
    if factor is None or any("processing=batch" in row.variant for row in listed):
        return
    for row in listed:
        if row.variant == STANDARD and METERS_BY_NAME[row.meter].is_token:
            price = UnitPrice(row.price.usd * factor, f"{row.price.source_price_key}*{float(factor):g}")
            yield replace(row, variant=variant, price=price)
