"""What each scope spent per day, and budgets chosen so that exactly one of them is crossed.

Spend is billed where a bill covers the provider and day, else contracted.
Put here: spend by owner, budget periods and amounts. Keep out: files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ingestion.sample_company.company import COST_CENTERS, KEYS, TEAM_BY_ID
from ingestion.sample_company.dates import Calendar
from ingestion.sample_company.ledger import BILLED_PROVIDERS
from ingestion.sample_company.models import MODELS
from ingestion.sample_company.projects import PROJECT_NUMBER

PICO_PER_CENT = 10**10
HEADROOM = 2.6
"""Budgets that must stay quiet are this many times what was ever spent in one of their periods: below 50 %."""
PLANTED_BUDGET = "budget_research_agents"


@dataclass(frozen=True)
class Budget:
    """A line of `budgets.csv`; an empty `thresholds_pct` means the default steps."""

    id: str
    name: str
    scope_type: str
    scope_id: str | None
    period: str
    amount_cents: int
    thresholds_pct: str | None
    owner: str
    valid_from: date | None


def period_start(day: date, period: str) -> date:
    """The first day of the week (Monday), month, quarter or year a day lies in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def daily_spend(
    requests: pd.DataFrame,
    lines: pd.DataFrame,
    calendar: Calendar,
    owner_at: Callable[[int, date], str],
    project_of: Callable[[str, str], int],
) -> pd.DataFrame:
    """Columns `day` (date), `provider`, `project` (-1: nobody's), `team_id` (None: nobody's), `pico`."""
    billed = lines[["charge_date", "provider", "sub_account_id", "billed_pico"]].rename(
        columns={"charge_date": "day", "billed_pico": "pico"}
    )
    places = {
        (provider, place): project_of(provider, place)
        for provider, place in billed[["provider", "sub_account_id"]].drop_duplicates().itertuples(index=False)
    }
    billed["project"] = [places[pair] for pair in zip(billed["provider"], billed["sub_account_id"], strict=True)]
    provider = np.array([model.provider for model in MODELS])[requests["model"]]
    through = (calendar.billed_through - calendar.first).days
    is_covered = np.isin(provider, BILLED_PROVIDERS) & (requests["day"] <= through)
    rest = requests.loc[~is_covered & requests["is_logged"] & (requests["contracted_pico"] > 0)]
    used = (
        rest.assign(provider=provider[rest.index])
        .groupby(["day", "provider", "project"], as_index=False)["contracted_pico"]
        .sum()
    )
    used["day"] = [calendar.first + timedelta(days=int(day)) for day in used["day"]]
    used = used.rename(columns={"contracted_pico": "pico"})
    spend = pd.concat([billed[["day", "provider", "project", "pico"]], used], ignore_index=True)
    spend = spend.groupby(["day", "provider", "project"], as_index=False)["pico"].sum()
    spend["team_id"] = [
        owner_at(project, day) if project >= 0 else None
        for project, day in zip(spend["project"], spend["day"], strict=True)
    ]
    return spend


def _under(cost_center_id: str) -> set[str]:
    found = {cost_center_id}
    for _ in range(3):
        found |= {center.id for center in COST_CENTERS if center.parent_id in found}
    return found


def _in_scope(spend: pd.DataFrame, scope_type: str, scope_id: str | None, project_number: int | None) -> pd.DataFrame:
    if scope_type == "team":
        return spend[spend["team_id"] == scope_id]
    if scope_type == "provider":
        return spend[spend["provider"] == scope_id]
    if scope_type == "project":
        return spend[spend["project"] == project_number]
    if scope_type == "cost_center":
        assert scope_id is not None
        teams = [team.id for team in TEAM_BY_ID.values() if team.cost_center_id in _under(scope_id)]
        return spend[spend["team_id"].isin(teams)]
    return spend


def _round_up(cents: int) -> int:
    """The next amount with two leading digits."""
    step = 10 ** max(0, len(str(cents)) - 2)
    return -(-cents // step) * step


_QUIET = (
    ("budget_company_year", "Company, per year", "global", None, "year", "head-of-finance"),
    ("budget_technology_quarter", "Technology group", "cost_center", "cc-100", "quarter", "chief-technology-officer"),
    ("budget_platform_month", "Platform", "team", "team_platform", "month", "platform-lead"),
    ("budget_support_month", "Support", "team", "team_support", "month", "support-lead"),
    ("budget_growth_month", "Growth", "team", "team_growth", "month", "growth-lead"),
    ("budget_data_month", "Data", "team", "team_data", "month", "data-lead"),
    ("budget_openai_month", "OpenAI", "provider", "openai", "month", "head-of-finance"),
    ("budget_search_project", "Semantic search", "project", "proj_semantic_search", "month", "search-lead"),
)


def _quiet_budgets(spend: pd.DataFrame, project_numbers: dict[str, int]) -> list[Budget]:
    budgets = []
    for name, title, scope_type, scope_id, period, owner in _QUIET:
        own = _in_scope(spend, scope_type, scope_id, project_numbers.get(scope_id or ""))
        # Days of a refund are negative: what counts is the highest point within a period.
        days = own.groupby("day", as_index=False)["pico"].sum()
        days["start"] = [period_start(day, period) for day in days["day"]]
        days["pico"] = days["pico"].clip(lower=0)
        highest = int(days.groupby("start")["pico"].sum().max()) if len(days) else 0
        amount = _round_up(max(100, int(highest * HEADROOM) // PICO_PER_CENT))
        budgets.append(Budget(name, title, scope_type, scope_id, period, amount, None, owner, None))
    return budgets


@dataclass(frozen=True)
class Crossing:
    """How the planted budget is crossed."""

    budget: Budget
    crossed_on: date
    spend_before_cents: int
    spend_after_cents: int


def _planted_budget(spend: pd.DataFrame, calendar: Calendar) -> Crossing:
    """A budget of the research team, new this period, that the runaway agent's day takes over the limit.

    The period is the shortest of month, quarter and year that began at least a week ago; in the first week of
    a year it is the month, whose crossing then happens on whatever day is left.
    """
    research = spend[spend["team_id"] == "team_research"]
    own: dict[date, int] = defaultdict(int)
    for day, pico in zip(research["day"].tolist(), research["pico"].tolist(), strict=True):
        own[day] += pico
    candidates = ("month", "quarter", "year")
    period = next(
        (name for name in candidates if (calendar.last - period_start(calendar.last, name)).days >= 7), "month"
    )
    start = max(period_start(calendar.last, period), calendar.first)
    crossed = max(calendar.runaway_day, start)
    before = sum(pico for day, pico in own.items() if start <= day < crossed)
    on_the_day = own[crossed]
    amount = max(1, (before + on_the_day // 2) // PICO_PER_CENT)
    budget = Budget(
        PLANTED_BUDGET, "Research, tightened", "team", "team_research", period, amount, "100", "research-lead", start
    )
    return Crossing(budget, crossed, before // PICO_PER_CENT, (before + on_the_day) // PICO_PER_CENT)


def choose_budgets(
    spend: pd.DataFrame, calendar: Calendar, project_numbers: dict[str, int]
) -> tuple[tuple[Budget, ...], Crossing]:
    """All budgets, the planted one last, and how that one is crossed."""
    crossing = _planted_budget(spend, calendar)
    return (*_quiet_budgets(spend, project_numbers), crossing.budget), crossing


def project_of_place(provider: str, sub_account_id: str) -> int:
    """The project a provider's sub-account belongs to, -1 for none."""
    if provider == "openai":
        return PROJECT_NUMBER.get(sub_account_id, -1)
    for key in KEYS:
        places = {"anthropic": key.workspace_id, "aws": key.account_id, "azure": key.account_id}
        if key.provider == provider and key.project_number >= 0 and places.get(provider) == sub_account_id:
            return key.project_number
    return -1
