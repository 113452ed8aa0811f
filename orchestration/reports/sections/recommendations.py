"""What to do: ways to save, usage that wastes, budgets that do not fit.

Put here: choosing by category. Keep out: how advice is found (`ml.optimization`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.presenting.formats import Unit, shown
from orchestration.reports.content import Block, Notice, Words
from orchestration.reports.figures import figures
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind

CATEGORIES = ("cost_optimization", "usage_efficiency", "budget_planning")
EFFICIENCY = ("cache", "prompt", "output", "user", "key", "request", "gpu_hours", "gpu_count")
"""Levers that change how something is used rather than what it costs."""
COLUMNS = (
    "title",
    "owner_team_id",
    "incremental_saving_usd",
    "saving_usd",
    "saving_lower_usd",
    "saving_upper_usd",
    "effort",
    "risk",
)
"""The range is that of the saving alone: together with what stands above, a saving may be less than its least."""
LIMIT = 10


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """A table of ways to save, then points on budgets."""
    categories = options.get("categories") or list(CATEGORIES)
    blocks: list[Block] = []
    wanted = {name for name in categories if name != "budget_planning"}
    if wanted:
        blocks.append(_savings(wanted, int(options.get("limit") or LIMIT), scope))
    if "budget_planning" in categories:
        blocks += _budgets(scope)
    return blocks


def _savings(wanted: set[str], limit: int, scope: Scope) -> Block:
    figure = figures()["recommendations"]
    if wanted == {"cost_optimization", "usage_efficiency"}:
        table = scope.table(figure, COLUMNS, limit, has_total=True)
    else:
        is_use = "usage_efficiency" in wanted
        levers = ", ".join(f"'{lever}'" for lever in EFFICIENCY)
        chosen = f"is_open and lever {'in' if is_use else 'not in'} ({levers})"
        narrowed = type(figure)(
            figure.name,
            figure.question,
            figure.sql.replace("where is_open", f"where {chosen}"),
            figure.columns,
            figure.empty,
        )
        table = scope.table(narrowed, COLUMNS, limit, has_total=True)
    return table if table.rows else Notice(figure.empty, "empty")


def _budgets(scope: Scope) -> list[Block]:
    figure = figures()["budget_outlook"]
    rows = scope.records(figure)
    said = [
        f"{row['budget_name']}: {shown(row['amount_usd'], Unit.USD)} is planned, "
        f"{shown(row['forecast_cost_usd'], Unit.USD)} expected; "
        f"{shown(row['recommended_budget_usd'], Unit.USD)} would be enough"
        for row in rows
        if (row["breach_probability_ratio"] or 0) >= 0.5 and row["recommended_budget_usd"] is not None
    ]
    return [Words(said, is_list=True)] if said else []


def check(options: Mapping[str, Any]) -> str:
    """Which categories there are not."""
    asked = options.get("categories") or []
    if not isinstance(asked, list) or not set(map(str, asked)) <= set(CATEGORIES):
        return f"categories {asked!r} holds none but {', '.join(CATEGORIES)}"
    limit = options.get("limit", LIMIT)
    return "" if isinstance(limit, int) and limit > 0 else f"limit {limit!r} is no number of rows"


SECTION = SectionKind("recommendations", "What to do", build, ("categories", "limit"), check)
