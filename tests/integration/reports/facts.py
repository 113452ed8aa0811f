"""Random core facts of a made-up year and a bit, as plain rows.

Put here: what the reports read, with every awkward case on purpose: missing owners and models, refunds, bills over
usage, unpriced usage, days without rows, a leap day. Keep out: figures that reports should show.
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
LEAP_DAYS = (date(2024, 2, 28), date(2024, 2, 29))
PROVIDERS = ("openai", "anthropic", None)
MODELS = ("large", "small", "unheard-of", None)
TEAM_COST_CENTERS = {"search": "cc-search", "support": "cc-support"}
KEY_OWNERS = {"key-1": ("search", "owned", "cc-search"), "key-2": ("support", None, "cc-product")}
"""Key and its owner: team, project of the organisation, cost centre."""
TREE = {"cc-company": None, "cc-product": "cc-company", "cc-search": "cc-product", "cc-support": "cc-company"}
"""Cost centre and its parent; `cc-product` has a child and spend of its own."""
NINE_TENTHS = Decimal("0.9")
INPUT_METERS = ("uncached_input", "cache_read", "audio_cache_read")
OUTPUT_METERS = ("output", "audio_output")
OTHER_METERS = ("web_search", "reasoning_surcharge")
WHO = (
    "usage_date provider_id account_id project_id workspace_id api_key_id user_id customer_id feature environment "
    "model_id"
).split()


@dataclass
class Facts:
    """Rows of the core facts; `owned_usage` are the usage rows with the owner that allocation gave them."""

    allocated: list[Row] = field(default_factory=list)
    usage: list[Row] = field(default_factory=list)
    owned_usage: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)


def make_facts(seed: int = 1) -> Facts:
    """Facts from `FIRST_DAY` to `LAST_DAY`; about one day in ten has none."""
    chance = random.Random(seed)
    facts = Facts()
    day = FIRST_DAY
    while day <= LAST_DAY:
        if chance.random() > 0.1 or day in (FIRST_DAY, *LEAP_DAYS, LAST_DAY):
            facts.allocated += [_charge(chance, day) for _ in range(chance.randint(0, 2))]
            for _ in range(chance.randint(0, 3)):
                _add_usage(facts, chance, day)
            facts.requests += [_request(chance, day) for _ in range(chance.randint(0, 5))]
        day += timedelta(days=1)
    for key, rows in (
        ("allocated_cost_key", facts.allocated),
        ("usage_hourly_key", facts.usage),
        ("request_key", facts.requests),
    ):
        for number, row in enumerate(rows):
            row[key] = str(number)
    return facts


def money(chance: random.Random, most: int = 10**14) -> Decimal:
    """An amount that uses all twelve decimals."""
    return Decimal(chance.randint(0, most)).scaleb(-12)


def _who(chance: random.Random, day: date) -> Row:
    return {
        "usage_date": day,
        "provider_id": chance.choice(PROVIDERS),
        "account_id": chance.choice(("acct-1", None)),
        "project_id": chance.choice(("p1", None)),
        "workspace_id": chance.choice(("w1", None)),
        "api_key_id": chance.choice((*KEY_OWNERS, "key-3", None)),
        "user_id": chance.choice(("ann", "bo", "cy", None)),
        "customer_id": None,
        "feature": chance.choice(("chat", None)),
        "environment": None,
        "model_id": chance.choice(MODELS),
    }


def _owner(who: Row, reported_team: str | None) -> Row:
    team, project, center, method = None, None, "unallocated", "unallocated"
    if who["api_key_id"] in KEY_OWNERS:
        (team, project, center), method = KEY_OWNERS[who["api_key_id"]], "api_key"
    elif reported_team:
        team, center, method = reported_team, TEAM_COST_CENTERS[reported_team], "reported_team"
    return {"team_id": team, "owner_project_id": project, "cost_center_id": center, "allocation_method": method}


def _charge(chance: random.Random, day: date) -> Row:
    who = _who(chance, day) | {"user_id": None, "feature": None}
    cost = money(chance) * (-1 if chance.random() < 0.1 else 1)
    return (
        who
        | _owner(who, None)
        | {
            "spend_item_type": "charge",
            "allocated_ratio": Decimal(1),
            "allocated_cost_usd": cost,
            "cost_kind": "llm",
            "cost_basis": "billed",
            "spend_item_count": 1,
            "unknown_cost_item_count": 0,
        }
    )


def _add_usage(facts: Facts, chance: random.Random, day: date) -> None:
    """One group of usage and its row among the allocated costs: cost 0 there where a bill covers it."""
    is_repeat = facts.owned_usage and chance.random() < 0.2
    who = {c: facts.owned_usage[-1][c] for c in WHO} if is_repeat else _who(chance, day)
    reported_team = chance.choice((*TEAM_COST_CENTERS, None))
    rows = _usage(chance, who | {"team_id": reported_team})
    is_billed = chance.random() < 0.4
    costs = [row["contracted_cost_usd"] for row in rows if row["contracted_cost_usd"] is not None]
    cost = Decimal(0) if is_billed else sum(costs, Decimal(0)) if len(costs) > 1 else None
    owner = _owner(who, reported_team)
    facts.usage += rows
    facts.owned_usage += [row | owner for row in rows]
    facts.allocated.append(
        who
        | owner
        | {
            "spend_item_type": "usage",
            "allocated_ratio": Decimal(1),
            "allocated_cost_usd": cost,
            "cost_kind": "llm",
            "cost_basis": "billed" if is_billed else "contracted",
            "spend_item_count": len(rows),
            "unknown_cost_item_count": len(rows) - len(costs),
            "request_count": 3,
        }
    )


def _usage(chance: random.Random, who: Row) -> list[Row]:
    shared = who | {
        "usage_hour_utc": datetime.combine(who["usage_date"], time(chance.randint(0, 23))),
        "raw_model": "raw",
        "event_source": chance.choice(("canonical", "litellm")),
        "unit": "token",
        "is_batch": False,
        "is_billable": True,
        "has_reported_usage": True,
        "_inputs_fingerprint": "1",
        "unpriced_reason": None,
    }
    zero = {"list_cost_usd": Decimal(0), "contracted_cost_usd": Decimal(0)}
    rows = [shared | zero | {"meter": "request", "is_token": False, "quantity": 3, "request_count": 3}]
    for meter in chance.sample(INPUT_METERS + OUTPUT_METERS, 3) + chance.sample(OTHER_METERS, 1):
        list_cost = None if chance.random() < 0.2 else money(chance)
        rows.append(
            shared
            | {
                "meter": meter,
                "is_token": meter not in OTHER_METERS,
                "quantity": chance.randint(0, 10**6),
                "request_count": None,
                "list_cost_usd": list_cost,
                "contracted_cost_usd": None if list_cost is None else (list_cost * NINE_TENTHS).quantize(list_cost),
                "unpriced_reason": "no_price_for_meter" if list_cost is None else None,
            }
        )
    return [row | {"billable_quantity": row["quantity"]} for row in rows]


def _request(chance: random.Random, day: date) -> Row:
    is_priced = chance.random() > 0.1
    who = _who(chance, day)
    return who | {
        "event_id": str(chance.random()),
        "requested_at_utc": datetime.combine(day, time(chance.randint(0, 23))),
        "event_source": chance.choice(("canonical", "litellm")),
        "provider_id": chance.choice(("openai", None)),
        "model_id": "large",
        "status": chance.choice(("ok", "ok", "ok", "error", None)),
        "is_billable": chance.random() > 0.05,
        "is_batch": False,
        "has_reported_usage": True,
        "total_tokens": chance.randint(0, 10**5),
        "duration_ms": chance.choice((None, chance.randint(1, 10**4))),
        "contracted_cost_usd": money(chance) if is_priced else None,
    }
