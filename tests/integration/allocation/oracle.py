"""Allocation once more, slowly: one item at a time in plain Python with fractions, from the documented rules.

Put here: what should come out. Keep out: SQL, the models.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
UNIT = 10**12
MOST_WEIGHT = 10**18
HUNDRED = 100 * UNIT


@dataclass(frozen=True)
class Portion:
    """A part of a spend line; money and ratio in units of 10^-12."""

    key: str
    line: str
    team: str | None
    project: str | None
    center: str
    feature: str | None
    customer: str | None
    stage: str
    method: str
    rule: str | None
    money: int | None
    ratio: int
    is_whole: bool = True


def key_of(*parts: object) -> str:
    """The surrogate key of the warehouse: what decides ties."""
    texts = ("\x1e" if part is None else str(part).lower() if isinstance(part, bool) else str(part) for part in parts)
    return hashlib.md5("\x1f".join(texts).encode()).hexdigest()


def units(value: Decimal | None) -> int | None:
    return None if value is None else int(value.scaleb(12))


def split(total: int, weights: list[int], keys: list[str]) -> list[int]:
    """Largest remainder; equal remainders by key; weights above 10^18 in sum are scaled down together."""
    if (whole := sum(weights)) > MOST_WEIGHT:
        weights = [weight // (whole // MOST_WEIGHT + 1) for weight in weights]
    whole = sum(weights)
    exact = [Fraction(abs(total) * weight, whole) for weight in weights]
    floors = [part.numerator // part.denominator for part in exact]
    order = sorted(range(len(exact)), key=lambda n: (floors[n] - exact[n], keys[n]))
    for n in order[: abs(total) - sum(floors)]:
        floors[n] += 1
    return [part if total >= 0 else -part for part in floors]


class Oracle:
    """The tables of some companies and what allocation should make of each line."""

    def __init__(
        self, lines: Iterable[Row], rules: list[Row], services: list[Row], teams: list[Row], projects: list[Row]
    ):
        self.lines = {row["spend_item_key"]: row for row in lines}
        self.by_provider: dict[str, list[Row]] = defaultdict(list)
        for row in self.lines.values():
            self.by_provider[row["provider_id"]].append(row)
        self.rules = _grouped(rules, lambda row: row.get("provider_name") or row["rule_id"].split("-")[0])
        self.services = _grouped(services, lambda row: (row["source_type"], row["source_id"]))
        self.teams = _grouped(teams, lambda row: row["team_id"])
        self.projects = _grouped(projects, lambda row: row["project_id"])
        self.carried: list[Portion] = []

    def company(self, provider: str) -> list[Portion]:
        """The final portions of one company."""
        lines, rules = self.by_provider[provider], self.rules.get(provider, [])
        portions = [portion for line in lines for portion in self._owned(line, lines)]
        self.carried = portions
        portions = self._fixed(portions, rules)
        portions = [part for portion in portions for part in self._shared(portion, rules, lines)]
        portions = [part for portion in portions for part in self._served(portion)]
        return portions + [part for portion in portions for part in self._loaded(portion, rules)]

    def _owned(self, line: Row, lines: list[Row]) -> list[Portion]:
        method = line["ownership_method"]
        stage = "unallocated" if method == "unallocated" else "ownership"
        if stage == "unallocated" and line["spend_item_type"] == "prepaid_balance":
            stage = "prepaid_balance"
        whole = Portion(
            line["spend_item_key"],
            line["spend_item_key"],
            line["team_id"],
            line["owner_project_id"],
            line["cost_center_id"],
            line["feature"],
            line["customer_id"],
            stage,
            method,
            None,
            units(line["spend_usd"]),
            UNIT,
        )
        if line["spend_item_type"] != "charge" or not line["is_llm_charge"] or whole.money is None:
            return [whole]
        charges = [
            other
            for other in lines
            if other["spend_item_type"] == "charge"
            and other["is_llm_charge"]
            and other["usage_date"] == line["usage_date"]
        ]
        named = {other["project_id"] for other in charges} - {None}
        charges = [
            other
            for other in charges
            if other["project_id"] == line["project_id"] and line["model_id"] in (None, other["model_id"])
        ]
        billed = sum(units(other["spend_usd"]) or 0 for other in charges if other["charge_category"] == "Usage")
        owned: dict[tuple[Any, ...], int] = defaultdict(int)
        metered = 0
        for use in lines:
            is_under = use["spend_item_type"] == "usage" and use["usage_date"] == line["usage_date"]
            is_under &= (
                use["project_id"] == line["project_id"] if line["project_id"] else use["project_id"] not in named
            )
            if (
                is_under
                and line["model_id"] in (None, use["model_id"])
                and (cost := units(use["metered_cost_usd"]) or 0)
            ):
                metered += cost
                if use["ownership_method"] != "unallocated":
                    owned[(use["team_id"], use["owner_project_id"], use["cost_center_id"])] += cost
        if not owned or method not in ("account", "unallocated"):
            return [whole]
        rest = max(billed - metered, 0) + metered - sum(owned.values())
        parts = [
            replace(
                whole,
                team=team,
                project=project,
                center=center,
                stage="usage_evidence",
                method="usage_evidence",
                key=key_of(whole.line, False, team, project, center),
                is_whole=False,
            )
            for team, project, center in owned
        ]
        weights = list(owned.values())
        if rest:
            parts.append(replace(whole, key=key_of(whole.line, True, None, None, None), is_whole=False))
            weights.append(rest)
        return _divided(whole, parts, weights)

    def _takes_in(self, rule: Row, line: Row) -> bool:
        pairs = {"env=live"} if line["tags"] else set()
        same = {
            "model": "model_id",
            "service": "service_name",
            "api_key_id": "api_key_id",
            "environment": "environment",
            "charge_category": "charge_category",
            "account_id": "account_id",
        }
        return (rule.get("tag") is None or rule["tag"] in pairs) and all(
            rule.get(column) is None or rule[column].lower() == (line[other] or "\0").lower()
            for column, other in same.items()
        )

    def _first(self, portion: Portion, rules: list[Row], wanted: Callable[[Row], bool]) -> list[Row]:
        """The rows of the rule that takes a portion in: lowest priority, then id."""
        line = self.lines[portion.line]
        is_idle = portion.is_whole and portion.money == 0 and line["spend_item_type"] != "charge"
        if portion.stage != "unallocated" or portion.money is None or is_idle:
            return []
        fit = [row for row in rules if _holds(row, line["usage_date"]) and wanted(row) and self._takes_in(row, line)]
        best = min(fit, key=lambda row: (row["priority"], row["rule_id"]), default=None)
        return [row for row in fit if best is not None and row["rule_id"] == best["rule_id"]]

    def _fixed(self, portions: list[Portion], rules: list[Row]) -> list[Portion]:
        chosen = {p.key: self._first(p, rules, lambda row: row["method"] == "fixed_amount") for p in portions}
        months: dict[tuple[str, int], int] = defaultdict(int)

        def month_of(portion: Portion) -> tuple[str, int]:
            return chosen[portion.key][0]["rule_id"], self.lines[portion.line]["usage_date"].month

        for portion in portions:
            if chosen[portion.key]:
                months[month_of(portion)] += portion.money or 0
        found = []
        for portion in portions:
            rows = chosen[portion.key]
            if not rows or months[month_of(portion)] <= 0:
                found.append(portion)
                continue
            weights = [units(row["amount_usd"]) or 0 for row in rows]
            parts = [self._to_target(portion, row, "shared") for row in rows]
            if (rest := months[month_of(portion)] - sum(weights)) > 0:
                parts.append(replace(portion, key=key_of(portion.key, None, "", ""), is_whole=False))
                weights.append(rest)
            found += _divided(portion, parts, weights)
        return found

    def _shared(self, portion: Portion, rules: list[Row], lines: list[Row]) -> list[Portion]:
        day = self.lines[portion.line]["usage_date"]
        rows = self._first(
            portion,
            rules,
            lambda row: (
                row["method"] not in ("fixed_amount", "overhead")
                and (row["method"] != "proportional" or self._basis(row, day, lines) > 0)
            ),
        )
        weights = [self._weight(row, day, lines) for row in rows]
        rows = [row for row, weight in zip(rows, weights, strict=True) if weight]
        parts = [self._to_target(portion, row, "shared") for row in rows]
        return _divided(portion, parts, [weight for weight in weights if weight]) if parts else [portion]

    def _weight(self, row: Row, day: date, lines: list[Row]) -> int:
        if row["method"] == "proportional":
            return self._basis(row, day, lines)
        return (
            units(row["weight"] if row["method"] == "weighted" else row.get("percent")) or 0
            if row["method"] in ("weighted", "fixed_percent")
            else 1
        )

    def _basis(self, row: Row, day: date, lines: list[Row]) -> int:
        column = {
            "team": "team_id",
            "feature": "feature",
            "customer": "customer_id",
            "cost_center": "cost_center_id",
            "project": "owner_project_id",
        }[row["target_type"]]
        if row["basis"] == "spend_usd":
            return max(self._carried(row, day), 0)
        total = 0
        for use in lines:
            is_then = (
                use["usage_date"].month == day.month if row["basis_period"] == "month" else use["usage_date"] == day
            )
            if use["spend_item_type"] != "usage" or not is_then or use[column] != row["target_id"]:
                continue
            if row["basis_source"] is None and not self._takes_in(row, use):
                continue
            if row["basis"] == "metered_cost_usd":
                total += units(use["metered_cost_usd"]) or 0
            elif row["basis"] == "total_tokens":
                total += use["input_tokens"] + use["output_tokens"]
            else:
                total += use[row["basis"]]
        return total

    def _carried(self, row: Row, day: date) -> int:
        """What a target carries by ownership and usage, before any rule."""
        total = 0
        for portion in self.carried:
            line = self.lines[portion.line]
            then = line["usage_date"]
            is_then = then.month == day.month if row["basis_period"] == "month" else then == day
            target = {"team": portion.team, "project": portion.project, "cost_center": portion.center,
                      "feature": portion.feature, "customer": portion.customer}[row["target_type"]]  # fmt: skip
            if portion.stage not in ("ownership", "usage_evidence") or not is_then or target != row["target_id"]:
                continue
            if row["basis_source"] is not None or self._takes_in(row, line):
                total += portion.money or 0
        return total

    def _to_target(self, portion: Portion, row: Row, stage: str) -> Portion:
        kind, target, day = row["target_type"], row["target_id"], self.lines[portion.line]["usage_date"]
        key = key_of(portion.key, row["rule_id"], kind, target)
        part = replace(portion, key=key, stage=stage, method=row["method"], rule=row["rule_id"], is_whole=False)
        if kind == "feature":
            return replace(part, feature=target)
        if kind == "customer":
            return replace(part, customer=target)
        if kind == "cost_center":
            return replace(part, team=None, project=None, center=target)
        team = target if kind == "team" else next((p["team_id"] for p in self.projects[target] if _holds(p, day)), None)
        center = next((t["cost_center_id"] for t in self.teams.get(team, []) if _holds(t, day)), "unallocated")
        return replace(part, team=team, project=target if kind == "project" else None, center=center)

    def _served(self, portion: Portion) -> list[Portion]:
        line = self.lines[portion.line]
        if portion.money is None or (portion.is_whole and not portion.money and line["spend_item_type"] != "charge"):
            return [portion]
        for source in (("team", portion.team), ("project", portion.project), ("cost_center", portion.center)):
            rows = [row for row in self.services.get(source, []) if _holds(row, line["usage_date"])]
            if rows:
                keys = [key_of(portion.key, row["target_type"], row["target_id"]) for row in rows]
                parts = [
                    replace(self._to_target(portion, row, "shared"), key=key)
                    for row, key in zip(rows, keys, strict=True)
                ]
                return _divided(portion, parts, [row["weight"] for row in rows])
        return [portion]

    def _loaded(self, portion: Portion, rules: list[Row]) -> list[Portion]:
        day = self.lines[portion.line]["usage_date"]
        if portion.center == "unallocated" or not portion.money:
            return []
        rates = [
            row
            for row in rules
            if row["method"] == "overhead"
            and _holds(row, day)
            and row["target_id"] != portion.center
            and row.get("source_id") in (None, portion.center)
        ]
        best: dict[str, Row] = {}
        for row in sorted(rates, key=lambda row: (row.get("source_id") is None, row["priority"], row["rule_id"])):
            best.setdefault(row["target_id"], row)
        found = []
        for target, row in best.items():
            if share := units(row["percent"]) or 0:
                weights, keys = [share, HUNDRED - share], ["load", "rest"]
                money, ratio = split(portion.money, weights, keys)[0], split(portion.ratio, weights, keys)[0]
                base = replace(portion, stage="overhead", rule=row["rule_id"], is_whole=False)
                found.append(replace(base, method="overhead", money=money, ratio=ratio))
                found.append(
                    replace(
                        base,
                        method="overhead_recovery",
                        team=None,
                        project=None,
                        center=target,
                        money=-money,
                        ratio=-ratio,
                    )
                )
        return found


def _divided(whole: Portion, parts: list[Portion], weights: list[int]) -> list[Portion]:
    keys = [part.key for part in parts]
    money, ratios = split(whole.money or 0, weights, keys), split(whole.ratio, weights, keys)
    return [replace(part, money=m, ratio=r) for part, m, r in zip(parts, money, ratios, strict=True)]


def _holds(row: Row, day: date) -> bool:
    return bool(row["valid_from_utc"] <= datetime.combine(day, time()) < row["valid_to_utc"])


def _grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
