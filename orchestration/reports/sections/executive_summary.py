"""Numbers that come first, each with what it was before.

Put here: which there are. Keep out: tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orchestration.presenting.formats import Unit, shown
from orchestration.reports.content import Block, KeyFigure, KeyFigures, Notice, Words
from orchestration.reports.figures import figures
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind

_TOTALS = {
    "total_cost": ("spend_usd", "Total spend", True),
    "llm_spend": ("llm_usd", "LLM spend", True),
    "infrastructure_spend": ("infrastructure_usd", "Infrastructure", True),
    "own_costs": ("own_usd", "Own costs", True),
    "requests": ("request_count", "Requests", None),
    "tokens": ("total_tokens", "Tokens", None),
    "cost_per_request": ("usd_per_request", "LLM cost per request", True),
    "cost_per_million_tokens": ("usd_per_million_tokens", "LLM cost per million tokens", True),
    "cache_read_ratio": ("cache_read_ratio", "Input read from cache", False),
    "unowned_spend": ("unowned_usd", "Spend without a team", True),
}
_CUSTOMERS = {
    "customer_spend": ("spend_usd", "Cost of customers", True),
    "customer_requests": ("request_count", "Their requests", None),
    "customer_cost_per_request": ("usd_per_request", "Cost per request", True),
    "customers": ("customer_count", "Customers", None),
}
_OTHERS = (
    "cost_change", "budget_utilization", "month_forecast", "savings", "open_incidents", "top_3_models", "top_3_teams",
    "top_3_providers", "top_3_projects",
)  # fmt: skip
METRICS = (*_TOTALS, *_CUSTOMERS, *_OTHERS)
DEFAULT = ("total_cost", "cost_change", "budget_utilization", "top_3_models", "top_3_teams")


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """Key figures, then the three biggest as points."""
    asked = list(options.get("metrics") or DEFAULT)
    rows = {"totals": scope.row("totals")}
    if set(asked) & set(_CUSTOMERS):
        rows["customer_totals"] = scope.row("customer_totals")
    told: list[KeyFigure] = []
    points: list[str] = []
    for name in asked:
        if name.startswith("top_3_"):
            points += _top(name.removeprefix("top_3_").removesuffix("s"), scope)
            continue
        told += _figure(name, rows, scope)
    blocks: list[Block] = [KeyFigures(told)] if told else []
    if points:
        blocks.append(Words(points, is_list=True))
    return blocks or [Notice("There is nothing to show for this period.", "empty")]


def _figure(name: str, rows: Mapping[str, Mapping[str, Any]], scope: Scope) -> list[KeyFigure]:
    source, known = ("customer_totals", _CUSTOMERS) if name in _CUSTOMERS else ("totals", _TOTALS)
    row = rows.get(source, {})
    if name in known:
        column, label, is_less_better = known[name]
        unit = figures()[source].columns[column].unit
        before = row.get(f"before_{column}")
        return [KeyFigure(label, row.get(column), unit, before, scope.before.label, "", is_less_better)]
    if name == "cost_change":
        spend, before = row.get("spend_usd"), row.get("before_spend_usd")
        change = None if spend is None or before is None else spend - before
        return [KeyFigure("Change", change, Unit.USD_CHANGE, note=f"against {scope.before.label}")]
    return _others(name, scope)


def _others(name: str, scope: Scope) -> list[KeyFigure]:
    if name == "budget_utilization":
        budgets = scope.records("budget_variance")
        whole = [row for row in budgets if row["scope_type"] == ("team" if scope.teams else "global")] or budgets
        known = [row for row in whole if row["amount_usd"] and row["spend_usd"] is not None]
        planned = sum((row["amount_usd"] for row in known), Decimal(0))
        used = sum((row["spend_usd"] for row in known), Decimal(0)) * 100 / planned if planned else None
        over = sum(1 for row in budgets if row["variance_usd"] is not None and row["variance_usd"] > 0)
        which = known[0]["budget_name"] if len(known) == 1 else f"{len(known)} budgets"
        note = f"{which}; {over} of {len(budgets)} budgets passed" if budgets else "no budget lies in this period"
        return [KeyFigure("Budget used", used, Unit.PERCENT, note=note)]
    if name == "month_forecast":
        months = [row for row in scope.records("period_forecasts") if row["horizon"] == "month"]
        expected = [row for row in months if row["subject"] == "LLM spend" or scope.teams]
        if not expected:
            return [KeyFigure("LLM spend at month's end", None, Unit.USD, note="no forecast is published")]
        row, total = expected[0], sum((row["forecast_cost_usd"] for row in expected), Decimal(0))
        low, high = shown(row["q10_cost_usd"], Unit.USD), shown(row["q90_cost_usd"], Unit.USD)
        note = (
            f"80%: {low} to {high}" if len(expected) == 1 else f"{len(expected)} teams, whose intervals do not add up"
        )
        label = f"LLM spend expected, {row['period_start_date']:%b %Y}"
        return [KeyFigure(label, total, Unit.USD, note=note)]
    if name == "savings":
        found = scope.records("recommendations")
        saved = sum((row["incremental_saving_usd"] for row in found), Decimal(0)) if found else None
        note = f"{len(found)} recommendations, together" if len(found) > 1 else f"{len(found) or 'no'} recommendation"
        return [KeyFigure("Could be saved a month", saved, Unit.USD, note=note)]
    found = scope.records("incidents")
    still = sum(1 for row in found if row["status"] == "open")
    return [KeyFigure("Incidents", len(found), Unit.COUNT, note=f"{still} still open")]


def _top(dimension: str, scope: Scope) -> list[str]:
    rows = scope.records(f"llm_spend_by_{dimension}" if dimension == "model" else f"spend_by_{dimension}")
    named = [row for row in rows if row["spend_usd"]][:3]
    said = [
        f"{row['subject']} {shown(row['spend_usd'], Unit.USD)} ({shown(row['share_ratio'], Unit.RATIO)})"
        for row in named
    ]
    kind = "LLM spend" if dimension == "model" else "all spend"
    return [f"Top {dimension}s by {kind}: {', '.join(said)}"] if said else []


def check(options: Mapping[str, Any]) -> str:
    """Which metrics there are not."""
    asked = options.get("metrics") or []
    if not isinstance(asked, list):
        return f"metrics {asked!r} is no list"
    unknown = [str(name) for name in asked if name not in METRICS]
    return f"there is no metric {', '.join(unknown)}; there are: {', '.join(METRICS)}" if unknown else ""


SECTION = SectionKind("executive_summary", "Summary", build, ("metrics",), check)
