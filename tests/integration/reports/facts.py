"""Random core facts of a made-up year and a bit, as plain rows.

Put here: what the reports read, with every awkward case on purpose: missing owners and models, refunds, unpriced
usage, days without rows, a leap day. Keep out: figures that reports should show.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

FIRST_DAY = date(2023, 12, 20)
LAST_DAY = date(2025, 3, 10)
PROVIDERS = ("openai", "anthropic", None)
MODELS = ("large", "small", "unheard-of", None)
TEAMS = ("search", "support", None)
COST_CENTERS = {"search": "cc-search", "support": "cc-support", None: "unallocated"}
"""Owner team and the cost centre that pays for it."""
TREE = {"cc-company": None, "cc-product": "cc-company", "cc-search": "cc-product", "cc-support": "cc-company"}
"""Cost centre and its parent; `cc-company` and `cc-product` have children and spend of their own."""
TOKEN_METERS = ("uncached_input", "cache_read", "audio_cache_read", "output", "audio_output")
OTHER_METERS = ("web_search", "reasoning_surcharge")


@dataclass
class Facts:
    """Rows of the core facts."""

    allocated: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)


def make_facts(seed: int = 1) -> Facts:
    """Facts from `FIRST_DAY` to `LAST_DAY`; about one day in ten has none."""
    chance = random.Random(seed)
    facts = Facts()
    day = FIRST_DAY
    while day <= LAST_DAY:
        if chance.random() > 0.1 or day in (FIRST_DAY, date(2024, 2, 28), date(2024, 2, 29), LAST_DAY):
            facts.allocated += [_allocated(chance, day) for _ in range(chance.randint(1, 4))]
            facts.usage += [row for _ in range(chance.randint(0, 3)) for row in _usage(chance, day)]
            facts.requests += [_request(chance, day) for _ in range(chance.randint(0, 6))]
        day += timedelta(days=1)
    for name, rows in (("a", facts.allocated), ("u", facts.usage), ("r", facts.requests)):
        for number, row in enumerate(rows):
            row[{"a": "allocated_cost_key", "u": "usage_hourly_key", "r": "request_key"}[name]] = f"{name}{number}"
    return facts


def money(chance: random.Random, most: int = 10**14) -> Decimal:
    """An amount that uses all twelve decimals."""
    return Decimal(chance.randint(0, most)).scaleb(-12)


def _who(chance: random.Random, day: date) -> Row:
    return {
        "usage_date": day,
        "provider_id": chance.choice(PROVIDERS),
        "account_id": chance.choice(("acct-1", None)),
        "project_id": chance.choice(("p1", "p2", None)),
        "workspace_id": chance.choice(("w1", None)),
        "api_key_id": chance.choice(("key-1", "key-2", None)),
        "model_id": chance.choice(MODELS),
    }


def _allocated(chance: random.Random, day: date) -> Row:
    team = chance.choice(TEAMS)
    is_billed = chance.random() < 0.4
    cost: Decimal | None = money(chance) * (-1 if is_billed and chance.random() < 0.1 else 1)
    if not is_billed and chance.random() < 0.1:
        cost = None
    center = chance.choice((*TREE, COST_CENTERS[team])) if team else COST_CENTERS[team]
    return _who(chance, day) | {
        "spend_item_type": "charge" if is_billed else "usage",
        "team_id": team,
        "owner_project_id": chance.choice(("owned", None)) if team else None,
        "cost_center_id": center,
        "allocation_method": "api_key" if team else "unallocated",
        "allocated_ratio": Decimal(1),
        "allocated_cost_usd": cost,
        "cost_basis": "billed" if is_billed else "contracted",
        "request_count": None if is_billed else chance.randint(1, 50),
    }


def _usage(chance: random.Random, day: date) -> list[Row]:
    who = _who(chance, day) | {
        "usage_hour_utc": datetime.combine(day, time(chance.randint(0, 23))),
        "team_id": chance.choice(TEAMS),
        "user_id": chance.choice(("ann", "bo", "cy", None)),
        "raw_model": "raw",
        "unit": "token",
    }
    rows = [who | {"meter": "request", "is_token": False, "quantity": 3, "request_count": 3, "contracted_cost_usd": 0}]
    rows[0]["list_cost_usd"] = 0
    for meter in chance.sample(TOKEN_METERS, 3) + chance.sample(OTHER_METERS, 1):
        is_unpriced = chance.random() < 0.1
        list_cost = None if is_unpriced else money(chance)
        rows.append(
            who
            | {
                "meter": meter,
                "is_token": meter in TOKEN_METERS,
                "quantity": chance.randint(0, 10**6),
                "list_cost_usd": list_cost,
                "contracted_cost_usd": None if list_cost is None else list_cost * Decimal("0.5"),
                "unpriced_reason": "no_price" if is_unpriced else None,
            }
        )
    return rows


def _request(chance: random.Random, day: date) -> Row:
    unpriced = chance.random() < 0.1
    return _who(chance, day) | {
        "requested_at_utc": datetime.combine(day, time(chance.randint(0, 23))),
        "status": chance.choice(("ok", "ok", "ok", "error", None)),
        "is_billable": chance.random() > 0.05,
        "total_tokens": chance.choice((None, chance.randint(0, 10**5))),
        "duration_ms": chance.choice((None, chance.randint(1, 10**4))),
        "contracted_cost_usd": None if unpriced else money(chance),
        "unpriced_meter_count": 1 if unpriced else 0,
        "user_id": chance.choice(("ann", "bo", "cy", None)),
    }
