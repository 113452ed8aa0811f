"""A random forest of cost centers that is reorganised in the middle of months, and spend on it.

Put here: rows. Keep out: what they must add up to.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

FIRST_DAY = date(2027, 1, 1)
DAYS = 90
CENTERS = [f"c{number:02}" for number in range(30)]


def tree_rows() -> list[dict[str, Any]]:
    """Rows of `raw_org.cost_centers`: each center has up to three parents in turn, with gaps."""
    chance = random.Random(5)
    rows = []
    for number, center in enumerate(CENTERS):
        cuts = sorted(chance.sample(range(1, DAYS), chance.randrange(3)))
        moments = [
            datetime.fromisoformat("1900-01-01"),
            *(datetime.combine(FIRST_DAY, time()) + timedelta(days=n) for n in cuts),
            datetime.fromisoformat("2200-01-01"),
        ]
        for start, stop in pairwise(moments):
            if chance.random() < 0.1:
                continue
            parent = chance.choice([None, *CENTERS[:number]]) if number else None
            rows.append(
                {
                    "cost_center_id": center,
                    "parent_cost_center_id": parent,
                    "valid_from_utc": start,
                    "valid_to_utc": stop,
                }
            )
    return rows


def tree_spend() -> list[dict[str, Any]]:
    """Rows of `rpt_cost_daily`, with refunds and twelve decimals."""
    chance = random.Random(7)
    return [
        {
            "usage_date": FIRST_DAY + timedelta(days=n), "cost_center_id": center,
            "spend_usd": Decimal(chance.randrange(-(10**14), 10**15)).scaleb(-12), "billed_spend_usd": None,
        }
        for n in range(DAYS)
        for center in chance.sample([*CENTERS, "unallocated"], 12)
    ]  # fmt: skip
