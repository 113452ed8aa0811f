"""Random little companies: spend, owners and rules, each company under a provider of its own.

The provider is the company's number, every rule names it, so that ten thousand companies run through the models at once
and cannot touch one another. Put here: making rows. Keep out: expectations.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ingestion.sources.org.services import Node, normalised, solve, whole_weights, without_outlet

Row = dict[str, Any]
DAYS = (date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1))
BEGINNING, TURN, END = (datetime.fromisoformat(day) for day in ("1900-01-01", "2026-03-31", "2200-01-01"))
VALIDITY = ((BEGINNING, END),) * 4 + ((BEGINNING, TURN), (TURN, END))
BASES = ("total_tokens", "input_tokens", "output_tokens", "request_count", "metered_cost_usd", "spend_usd")
METHODS = ("direct", "proportional", "proportional", "even", "fixed_amount", "fixed_percent", "weighted", "overhead")


@dataclass
class Companies:
    """Rows of the tables that allocation reads."""

    items: list[Row] = field(default_factory=list)
    owners: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)
    service_shares: list[Row] = field(default_factory=list)
    teams: list[Row] = field(default_factory=list)
    projects: list[Row] = field(default_factory=list)


def amount(chance: random.Random) -> Decimal:
    """Awkward sums: nothing, the smallest, a refund of a cent, and anything up to a billion with all its decimals."""
    kind = chance.random()
    if kind < 0.1:
        return Decimal(0)
    if kind < 0.2:
        return Decimal(1).scaleb(-12)
    if kind < 0.3:
        return chance.choice((Decimal("0.01"), Decimal("-0.01")))
    size = Decimal(chance.randint(1, 10 ** chance.choice((6, 13, 21)))).scaleb(-12)
    return -size if chance.random() < 0.2 else size


def make_companies(count: int, seed: int = 1) -> Companies:
    """`count` companies of a few days, items and rules each."""
    chance = random.Random(seed)
    found = Companies()
    for number in range(count):
        _company(found, chance, f"s{number}")
    _splits(found)
    _by_hand(found)
    return found


HARD_AMOUNTS = ("0.01", "-0.01", "0.000000000001", "999999999999.999999999999")
HARD_WEIGHTS = ("1000000000000", "0.000000000001", "333333333333.333333333333")
MANY = 100_000


def _splits(found: Companies) -> None:
    """Companies with one rule over everything: seven targets, a hundred thousand, and weights of any size."""
    period = (BEGINNING, END)
    targets = {
        "seven": [{"method": "even"}] * 7,
        "many": [{"method": "even"}] * MANY,
        "weights": [{"method": "weighted", "weight": Decimal(weight)} for weight in HARD_WEIGHTS],
    }
    for name, shares in targets.items():
        for number, share in enumerate(shares):
            rule = {"rule_id": name, "provider_name": name, "priority": Decimal(100), "target_type": "feature"}
            found.rules.append(_valid(rule | {"target_id": f"{name}-{number}"} | share, period))
        for text in HARD_AMOUNTS if name != "many" else HARD_AMOUNTS[:2]:
            charge = _charge(random.Random(0), name) | {"spend_usd": Decimal(text), "service_name": text}
            owner = ("unallocated", None, None, "unallocated")
            _item(found, random.Random(0), f"{name} {text}", charge, owner)


HAND_DAY = date(2026, 3, 30)
TENANTS = {"a": (500, 10), "b": (300, 60), "c": (200, 30)}
"""Tokens and requests of a day: 50, 30 and 20 % of the ones, 10, 60 and 30 % of the others."""


def _by_hand(found: Companies) -> None:
    """Companies with 1,000 USD of machines on one day and rules whose result is worked out by hand (C09, C11)."""
    rules: dict[str, list[Row]] = {
        "hand-direct": [{"method": "direct", "target_type": "customer", "target_id": "hand-direct-a"}],
        "hand-fixed": [
            {"method": "fixed_percent", "target_type": kind, "target_id": f"hand-fixed-{kind}", "percent": percent}
            for kind, percent in (("customer", Decimal(50)), ("feature", Decimal(30)), ("team", Decimal(20)))
        ],
        "hand-share": [_share("hand-share", tenant, "total_tokens", 10) for tenant in TENANTS],
        "hand-metrics": [
            _share("hand-metrics", tenant, basis, priority)
            for tenant in TENANTS
            for basis, priority in (("total_tokens", 10), ("request_count", 20))
        ],
    }
    chance = random.Random(0)
    for name, rows in rules.items():
        for row in rows:
            method, basis = row["method"], row.get("basis", "")
            rule = {"rule_id": f"{name}-{method}{basis}", "provider_name": name, "priority": Decimal(100)} | row
            found.rules.append(_valid(rule, (BEGINNING, END)))
        machines = _charge(chance, name) | {"spend_usd": Decimal(1000), "cost_kind": "infrastructure"}
        _dated(found, f"{name} machines", machines | {"is_llm_charge": False, "charge_category": "Usage"})
        for tenant, (tokens, requests) in TENANTS.items():
            used = _usage(chance, name) | {"customer_id": f"{name}-{tenant}", "feature": None, "api_key_id": "k1"}
            used |= {"spend_usd": Decimal(0), "metered_cost_usd": Decimal(0), "unknown_cost_item_count": 0}
            used |= {"request_count": requests, "input_tokens": tokens - 1, "output_tokens": 1}
            _dated(found, f"{name} {tenant}", used)


def _share(name: str, tenant: str, basis: str, priority: int) -> Row:
    return {"method": "proportional", "basis": basis, "basis_period": "day", "priority": Decimal(priority),
            "target_type": "customer", "target_id": f"{name}-{tenant}"}  # fmt: skip


def _dated(found: Companies, key: str, row: Row) -> None:
    _item(found, random.Random(0), key, row, ("unallocated", None, None, "unallocated"))
    found.items[-1]["usage_date"] = HAND_DAY


def _company(found: Companies, chance: random.Random, name: str) -> None:
    centers = [f"{name}-c{n}" for n in range(3)]
    teams = [f"{name}-t{n}" for n in range(4)]
    for team in teams[:3]:
        if chance.random() < 0.3:
            halves = ((BEGINNING, TURN), (TURN, END))
            found.teams += [
                _valid({"team_id": team, "cost_center_id": chance.choice(centers)}, half) for half in halves
            ]
        else:
            found.teams.append(_valid({"team_id": team, "cost_center_id": chance.choice(centers)}, (BEGINNING, END)))
    found.projects.append(_valid({"project_id": f"{name}-p", "team_id": teams[0]}, (BEGINNING, END)))
    owners = [
        ("unallocated", None, None, "unallocated"),
        ("api_key", teams[0], None, centers[0]),
        ("account", teams[1], None, centers[1]),
        ("project", teams[0], f"{name}-p", centers[0]),
        ("reported_team", teams[3], None, "unallocated"),
        ("tag", None, None, centers[2]),
    ]
    for number in range(chance.randint(1, 4)):
        _item(found, chance, f"{name}-charge{number}", _charge(chance, name), chance.choice([owners[0]] * 3 + owners))
    for number in range(chance.randint(0, 4)):
        _item(found, chance, f"{name}-usage{number}", _usage(chance, name), chance.choice(owners))
    for number in range(chance.randint(0, 2)):
        _item(found, chance, f"{name}-besides{number}", _besides(chance, name), chance.choice([owners[0]] * 2 + owners))
    targets = [("team", team) for team in teams] + [("cost_center", center) for center in centers]
    targets += [("project", f"{name}-p"), ("feature", f"{name}-chat"), ("customer", f"{name}-acme")]
    for number in range(chance.randint(0, 4)):
        _rule(found, chance, f"{name}-r{number}", name, targets, centers)
    if chance.random() < 0.4:
        _services(found, chance, name, teams, centers)


def _valid(row: Row, period: tuple[datetime, datetime]) -> Row:
    return row | {"valid_from_utc": period[0], "valid_to_utc": period[1]}


def _item(found: Companies, chance: random.Random, key: str, row: Row, owner: tuple[Any, ...]) -> None:
    method, team, project, center = owner
    found.items.append(row | {"owner_lookup_key": key, "usage_date": chance.choice(DAYS), "spend_item_count": 1})
    found.owners.append(
        {
            "owner_lookup_key": key,
            "allocation_method": method,
            "team_id": team,
            "owner_project_id": project,
            "cost_center_id": center,
        }
    )


def _charge(chance: random.Random, name: str) -> Row:
    is_llm = chance.random() < 0.7
    return {
        "spend_item_type": "charge",
        "provider_id": name,
        "account_id": "acc",
        "billing_account_id": "acc",
        "project_id": chance.choice((None, None, "sub")),
        "model_id": chance.choice(("m1", None, None)),
        "charge_category": chance.choice(("Usage", "Usage", "Credit", "Tax")),
        "service_name": chance.choice(("LLM", "Support")),
        "environment": None,
        "tags": chance.choice((None, '{"env": "live"}')),
        "is_llm_charge": is_llm,
        "cost_kind": "llm" if is_llm else chance.choice(("llm", "infrastructure")),
        "cost_basis": "billed",
        "spend_usd": None if chance.random() < 0.05 else amount(chance),
        "unknown_cost_item_count": 0,
    }


def _usage(chance: random.Random, name: str) -> Row:
    metered = chance.choice((None, Decimal(0), abs(amount(chance)), abs(amount(chance))))
    is_billed = chance.random() < 0.6
    return {
        "spend_item_type": "usage",
        "provider_id": name,
        "account_id": chance.choice(("acc", None)),
        "project_id": chance.choice((None, "sub")),
        "api_key_id": chance.choice(("k1", "k2")),
        "model_id": chance.choice(("m1", "m2")),
        "feature": chance.choice((f"{name}-chat", None)),
        "customer_id": chance.choice((f"{name}-acme", None)),
        "environment": chance.choice(("live", None)),
        "charge_category": "Usage",
        "is_llm_charge": True,
        "cost_kind": "llm",
        "cost_basis": "billed" if is_billed else "contracted",
        "spend_usd": Decimal(0) if is_billed else metered,
        "metered_cost_usd": metered,
        "unknown_cost_item_count": int(metered is None),
        "request_count": chance.randint(1, 50),
        "input_tokens": chance.choice((0, chance.randint(0, 10**7))),
        "output_tokens": chance.randint(0, 10**5),
    }


def _besides(chance: random.Random, name: str) -> Row:
    """What is no bill and no usage of models: own costs, GPU time, and what is prepaid and not yet consumed."""
    kind, cost_kind, basis = chance.choice(
        (("tco", "own", "declared"), ("gpu", "infrastructure", "rated"), ("prepaid_balance", "llm", "billed"))
    )
    return {
        "spend_item_type": kind,
        "provider_id": name,
        "account_id": f"{kind}:x",
        "charge_category": "Purchase",
        "service_name": "LLM",
        "is_llm_charge": False,
        "cost_kind": cost_kind,
        "cost_basis": basis,
        "spend_usd": None if chance.random() < 0.05 else amount(chance),
        "unknown_cost_item_count": 0,
    }


def _rule(
    found: Companies, chance: random.Random, rule_id: str, name: str, targets: list[Node], centers: list[str]
) -> None:
    method = chance.choice(METHODS)
    rule: Row = {"rule_id": rule_id, "method": method, "priority": Decimal(chance.choice((10, 20, 100)))}
    if method == "overhead":
        # A rate for every cost center would reach all companies: that case is worked by hand.
        rule |= {"source_type": "cost_center", "source_id": chance.choice(centers)}
        rule |= {"target_type": "cost_center", "target_id": chance.choice(centers)}
        rule["percent"] = Decimal(chance.choice((0, 20, 100, Decimal("33.333333333333"))))
        found.rules.append(_valid(rule, chance.choice(VALIDITY)))
        return
    scopes = {"model": "m1", "service": "LLM", "tag": "env=live", "charge_category": "usage", "api_key_id": "k1",
              "account_id": "acc", "environment": "live"}  # fmt: skip
    rule["provider_name"] = name
    rule |= {column: scopes[column] for column in chance.sample(sorted(scopes), chance.choice((0, 0, 0, 1, 1, 2)))}
    if method == "proportional":
        rule |= {"basis": chance.choice(BASES), "basis_period": chance.choice(("day", "month"))}
        rule["basis_source"] = chance.choice((None, name))
    chosen = chance.sample(targets, 1 if method == "direct" else chance.randint(1, 5))
    period = chance.choice(VALIDITY)
    for (kind, target), share in zip(chosen, _shares(chance, method, len(chosen)), strict=True):
        found.rules.append(_valid(rule | {"target_type": kind, "target_id": target} | share, period))


def _shares(chance: random.Random, method: str, count: int) -> list[Row]:
    if method == "fixed_percent":
        cuts = sorted(chance.randint(0, 10**14) for _ in range(count - 1))
        parts = [stop - start for start, stop in zip([0, *cuts], [*cuts, 10**14], strict=True)]
        return [{"percent": Decimal(part).scaleb(-12)} for part in parts]
    if method == "weighted":
        return [{"weight": Decimal(chance.randint(1, 10**9)).scaleb(-chance.randint(0, 9))} for _ in range(count)]
    if method == "fixed_amount":
        return [{"amount_usd": abs(amount(chance)) + Decimal("0.5")} for _ in range(count)]
    return [{}] * count


def _services(found: Companies, chance: random.Random, name: str, teams: list[str], centers: list[str]) -> None:
    departments: list[Node] = [("team", team) for team in teams[:2]] + [("cost_center", centers[0])]
    carriers: list[Node] = [("team", teams[2]), ("cost_center", centers[1]), ("project", f"{name}-p")]
    shares = {}
    for department in departments[: chance.randint(1, 3)]:
        others = [node for node in departments + carriers if node != department]
        parts = normalised((node, Fraction(chance.randint(0, 9))) for node in chance.sample(others, 3))
        if parts:
            shares[department] = parts
    if without_outlet(shares):
        return
    period = chance.choice(VALIDITY)
    for (kind, department), parts in solve(shares).items():
        for (target_type, target), weight in whole_weights(parts).items():
            row = {"rule_id": f"{name}-services", "method": "reciprocal", "source_type": kind, "source_id": department}
            row |= {"target_type": target_type, "target_id": target, "weight": weight}
            found.service_shares.append(_valid(row, period))
