"""What each scope spent per day or hour, and budgets chosen so that exactly one of them is crossed.

Spend is billed where a bill covers the provider and day, else contracted; of users, features and hours contracted.
Put here: spend by owner, budget periods and amounts. Keep out: files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ingestion.demo.company.company import COST_CENTERS, KEYS, TEAM_BY_ID, USERS
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.ledger import BILLED_PROVIDERS
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.own_costs import RESELLER_PERCENTAGES, OwnCost
from ingestion.demo.company.projects import PROJECT_NUMBER, PROJECTS

PICO_PER_CENT = 10**10
HOUR_US = 3_600_000_000
TAGGED_PROVIDERS = ("azure",)
"""Whose bills carry the tag `project`; AWS writes it as `user:project`."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
HEADROOM = 2.6
"""Budgets that must stay quiet are this many times what was ever spent in one of their periods, or what the running one
comes to at its rate: below 50 %."""
_LONGEST = {"week": 7, "month": 31, "quarter": 92, "year": 366}
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


def metered_spend(requests: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Usage at contracted prices: columns `day` (date), `hour`, `user_id`, `feature` (None: none), `pico`."""
    priced = requests[requests["contracted_pico"] > 0]
    found = priced.groupby(["day", priced["moment"] // HOUR_US, "user", "project", "feature"], as_index=True)
    spend = found["contracted_pico"].sum().rename("pico").reset_index()
    return pd.DataFrame(
        {
            "day": [calendar.first + timedelta(days=int(day)) for day in spend["day"]],
            "hour": spend["moment"],
            "user_id": [USERS[user].id if user >= 0 else None for user in spend["user"]],
            "feature": [
                PROJECTS[project].features[feature] if project >= 0 and feature >= 0 else None
                for project, feature in zip(spend["project"], spend["feature"], strict=True)
            ],
            "pico": spend["pico"],
        }
    )


def _under(cost_center_id: str) -> set[str]:
    found = {cost_center_id}
    for _ in range(3):
        found |= {center.id for center in COST_CENTERS if center.parent_id in found}
    return found


def _in_scope(spend: pd.DataFrame, metered: pd.DataFrame, quiet: Quiet) -> pd.DataFrame:
    scope = quiet.scope_id
    if quiet.scope_type == "team":
        return spend[spend["team_id"] == scope]
    if quiet.scope_type == "provider":
        return spend[spend["provider"] == scope]
    if quiet.scope_type == "project":
        return spend[spend["project"] == PROJECT_NUMBER[scope or ""]]
    if quiet.scope_type == "cost_center":
        assert scope is not None
        teams = [team.id for team in TEAM_BY_ID.values() if team.cost_center_id in _under(scope)]
        return spend[spend["team_id"].isin(teams)]
    if quiet.scope_type == "tag":
        is_tagged = spend["provider"].isin(TAGGED_PROVIDERS)
        return spend[is_tagged & (spend["project"] == PROJECT_NUMBER[(scope or "").removeprefix("project=")])]
    if quiet.scope_type in ("user", "feature"):
        return metered[metered["user_id" if quiet.scope_type == "user" else "feature"] == scope]
    return metered if quiet.period == "hour" else spend


def _own_cost_pico(items: tuple[OwnCost, ...], quiet: Quiet) -> int:
    """About what own costs add to a scope in a period."""
    centers = _under(quiet.scope_id or "") if quiet.scope_type == "cost_center" else set()
    pico = 0
    for item in items:
        center = TEAM_BY_ID[item.team_id].cost_center_id if item.team_id else item.cost_center_id
        shares = {center: 100} if center else RESELLER_PERCENTAGES
        if quiet.scope_type == "global" and quiet.period != "hour":
            pico += item.monthly_pico
        elif quiet.scope_type == "cost_center":
            pico += item.monthly_pico * sum(pct for one, pct in shares.items() if one in centers) // 100
        elif quiet.scope_type == "team" and item.team_id == quiet.scope_id:
            pico += item.monthly_pico
    return pico * MONTHS.get(quiet.period, 0)


def _round_up(cents: int) -> int:
    """The next amount with two leading digits."""
    step = 10 ** max(0, len(str(cents)) - 2)
    return -(-cents // step) * step


@dataclass(frozen=True)
class Quiet:
    """A budget that nothing crosses, before its amount is chosen."""

    id: str
    name: str
    scope_type: str
    scope_id: str | None
    period: str
    owner: str


_QUIET = (
    Quiet("budget_company_year", "Company, per year", "global", None, "year", "head-of-finance"),
    Quiet("budget_company_hour", "Company, per hour", "global", None, "hour", "head-of-finance"),
    Quiet(
        "budget_technology_quarter", "Technology group", "cost_center", "cc-100", "quarter", "chief-technology-officer"
    ),
    Quiet("budget_data_center_month", "Data and research", "cost_center", "cc-120", "month", "head-of-data"),
    Quiet("budget_platform_month", "Platform", "team", "team_platform", "month", "platform-lead"),
    Quiet("budget_support_month", "Support", "team", "team_support", "month", "support-lead"),
    Quiet("budget_growth_month", "Growth", "team", "team_growth", "month", "growth-lead"),
    Quiet("budget_data_month", "Data", "team", "team_data", "month", "data-lead"),
    Quiet("budget_openai_month", "OpenAI", "provider", "openai", "month", "head-of-finance"),
    Quiet("budget_search_project", "Semantic search", "project", "proj_semantic_search", "month", "search-lead"),
    Quiet("budget_support_bot_quarter", "Support bot", "project", "proj_support_bot", "quarter", "support-lead"),
    Quiet("budget_chat_month", "Chat of the code assistant", "feature", "chat", "month", "platform-lead"),
    Quiet("budget_engineer_month", "Platform engineer 01", "user", "user_001", "month", "platform-lead"),
    Quiet(
        "budget_copy_tag_month", "Tagged as campaign copy", "tag", "project=proj_campaign_copy", "month", "growth-lead"
    ),
)


def _projected(pico: int, start: date, last: date, period: str) -> int:
    """What a running period comes to at the rate of its days so far."""
    following = period_start(start + timedelta(days=_LONGEST[period]), period)
    return pico * (following - start).days // ((last - start).days + 1)


def _quiet_budgets(spend: pd.DataFrame, metered: pd.DataFrame, items: tuple[OwnCost, ...], last: date) -> list[Budget]:
    budgets = []
    for quiet in _QUIET:
        own = _in_scope(spend, metered, quiet)
        # Days of a refund are negative: what counts is the highest point within a period.
        steps = own.groupby("hour" if quiet.period == "hour" else "day", as_index=False)["pico"].sum()
        if quiet.period == "hour":
            steps["start"] = steps["hour"]
        else:
            steps["start"] = [period_start(day, quiet.period) for day in steps["day"]]
        steps["pico"] = steps["pico"].clip(lower=0)
        sums = steps.groupby("start")["pico"].sum()
        highest = int(sums.max()) if len(sums) else 0
        if len(sums) and quiet.period != "hour":
            running = period_start(last, quiet.period)
            highest = max(highest, _projected(int(sums.get(running, 0)), running, last, quiet.period))
        highest += _own_cost_pico(items, quiet)
        amount = _round_up(max(100, int(highest * HEADROOM) // PICO_PER_CENT))
        budgets.append(
            Budget(
                quiet.id, quiet.name, quiet.scope_type, quiet.scope_id, quiet.period, amount, None, quiet.owner, None
            )
        )
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
    spend: pd.DataFrame, metered: pd.DataFrame, items: tuple[OwnCost, ...], calendar: Calendar
) -> tuple[tuple[Budget, ...], Crossing]:
    """All budgets, the planted one last, and how that one is crossed.

    `spend` is of `daily_spend`, `metered` of `metered_spend`; own costs count on top.
    """
    crossing = _planted_budget(spend, calendar)
    return (*_quiet_budgets(spend, metered, items, calendar.last), crossing.budget), crossing


def project_of_place(provider: str, sub_account_id: str) -> int:
    """The project a provider's sub-account belongs to, -1 for none."""
    if provider == "openai":
        return PROJECT_NUMBER.get(sub_account_id, -1)
    for key in KEYS:
        places = {"anthropic": key.workspace_id, "aws": key.account_id, "azure": key.account_id}
        if key.provider == provider and key.project_number >= 0 and places.get(provider) == sub_account_id:
            return key.project_number
    return -1
