"""The organisation's CSVs: teams, projects, cost centres, people, ownership, budgets, contracts and own costs.

Data flow: the company and what it spent → `org/*.csv`. Put here: rows of each file and the choice of budgets.
Keep out: how spend is worked out (`spend`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ingestion.demo.company.allocation import RULE_COLUMNS, rule_rows
from ingestion.demo.company.company import COST_CENTERS, KEYS, TEAM_BY_ID, TEAMS, USERS, workspace
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.own_costs import COLUMNS as OWN_COST_COLUMNS
from ingestion.demo.company.own_costs import OwnCost
from ingestion.demo.company.prices import NegotiatedPrice
from ingestion.demo.company.projects import PROJECT_NUMBER, PROJECTS, Project
from ingestion.demo.company.spend import Budget
from ingestion.demo.company.text import decimal_text, write_csv
from ingestion.demo.company.total_cost import (
    COMMITMENT_COLUMNS,
    METRIC_COLUMNS,
    PERSONNEL_COLUMNS,
    SCENARIO_COLUMNS,
    commitment_rows,
    metric_rows,
    personnel_rows,
    scenario_rows,
)

OTEL_TAG = "service.name=analytics-copilot"
"""Spans do not carry keys or accounts: the service that sent them says whose they are."""
GPU_OWNERS = {"gpu-train-01": "team_research", "gpu-serve-01": "team_platform"}
"""Whose GPU time it is: of what nothing bills, telemetry is spend."""
MOVED_PROJECT, NEW_TEAM = "proj_recommendations", "team_growth"
Period = tuple[str | None, str | None]


@dataclass(frozen=True)
class Owner:
    """A team that owns a project for a time (None: always)."""

    team_id: str
    valid_from: date | None
    valid_to: date | None

    @property
    def period(self) -> Period:
        """As CSV cells."""
        return (str(self.valid_from) if self.valid_from else None, str(self.valid_to) if self.valid_to else None)


def owners(project: Project, calendar: Calendar) -> tuple[Owner, ...]:
    """The teams that owned a project, in order of time."""
    if project.id == MOVED_PROJECT:
        moved = calendar.reorganisation
        return (Owner(project.team_id, None, moved), Owner(NEW_TEAM, moved, None))
    return (Owner(project.team_id, None, None),)


def _project_rows(calendar: Calendar) -> list[list[object]]:
    rows: list[list[object]] = []
    for project in PROJECTS:
        for owner in owners(project, calendar):
            valid_from, valid_to = owner.period
            if project.id == "proj_lead_enrichment":
                valid_from = str(calendar.new_project)
            rows.append(
                [
                    project.id,
                    project.name,
                    owner.team_id,
                    "production",
                    project.monthly_revenue_usd,
                    valid_from,
                    valid_to,
                ]
            )
    return rows


def _ownership_rows(calendar: Calendar) -> list[list[object]]:
    """Keys and what providers charge separately (projects, workspaces, accounts) belong to a team and a project."""
    subjects: list[tuple[str, str, str | None, int]] = []
    for key in KEYS:
        if key.project_number < 0:
            continue
        subjects.append(("api_key", key.id, key.provider, key.project_number))
        if key.provider in ("aws", "azure"):
            subjects.append(("account", key.account_id, key.provider, key.project_number))
    for number, project in enumerate(PROJECTS):
        subjects.append(("project", project.id, None, number))
        if any(provider == "anthropic" for provider, _, _ in project.keys):
            subjects.append(("workspace", workspace(project), "anthropic", number))
    subjects.append(("tag", OTEL_TAG, None, PROJECT_NUMBER["proj_analytics_copilot"]))
    rows: list[list[object]] = []
    for kind, subject, provider, number in dict.fromkeys(subjects):
        project = PROJECTS[number]
        for owner in owners(project, calendar):
            center = TEAM_BY_ID[owner.team_id].cost_center_id
            rows.append([kind, subject, provider, owner.team_id, project.id, center, *owner.period])
    for host, team in GPU_OWNERS.items():
        rows.append(["account", f"gpu:{host}", None, team, None, TEAM_BY_ID[team].cost_center_id, None, None])
    return rows


def write_org(
    folder: Path,
    calendar: Calendar,
    contracts: tuple[NegotiatedPrice, ...],
    budgets: tuple[Budget, ...],
    items: tuple[OwnCost, ...],
    monthly_pico: int,
) -> None:
    """Write the organisation's files below `folder`; a month's spend in 10^-12 dollars sizes the roles."""
    valid = ["valid_from", "valid_to"]
    written = calendar.last + timedelta(days=1)

    def write(name: str, header: list[str], rows: list[list[object]]) -> None:
        write_csv(folder / f"{name}.csv", [*header, *valid], rows, written)

    write(
        "teams",
        ["team_id", "team_name", "cost_center_id", "owner"],
        [[team.id, team.name, team.cost_center_id, f"{team.name.lower()}-lead", None, None] for team in TEAMS],
    )
    write(
        "projects",
        ["project_id", "project_name", "team_id", "environment", "monthly_revenue_usd"],
        _project_rows(calendar),
    )
    write(
        "cost_centers",
        ["cost_center_id", "cost_center_name", "parent_cost_center_id", "owner"],
        [[center.id, center.name, center.parent_id, center.owner, None, None] for center in COST_CENTERS],
    )
    write(
        "users",
        ["user_id", "user_name", "team_id", "email"],
        [[user.id, user.name, user.team_id, f"{user.id}@sample-company.example", None, None] for user in USERS],
    )
    write(
        "ownership",
        ["subject_type", "subject_id", "provider_name", "team_id", "project_id", "cost_center_id"],
        _ownership_rows(calendar),
    )
    write(
        "budgets",
        ["budget_id", "budget_name", "scope_type", "scope_id", "period", "amount_usd", "thresholds_pct", "owner"],
        [
            [
                budget.id,
                budget.name,
                budget.scope_type,
                budget.scope_id,
                budget.period,
                decimal_text(budget.amount_cents, 2, strip=False),
                budget.thresholds_pct,
                budget.owner,
                budget.valid_from,
                None,
            ]
            for budget in budgets
        ],
    )
    write(
        "negotiated_prices",
        ["provider_name", "model", "meter", "discount_pct", "price_usd_per_million_units"],
        [
            [
                line.provider,
                line.price_model_id,
                line.meter,
                line.discount_pct,
                line.price_usd_per_million_units,
                line.valid_from,
                line.valid_to,
            ]
            for line in contracts
        ],
    )
    write("tco_items", list(OWN_COST_COLUMNS), [item.row for item in items])
    write("allocation_rules", list(RULE_COLUMNS), rule_rows())
    write("personnel", list(PERSONNEL_COLUMNS), list(personnel_rows(monthly_pico)))
    write("business_metrics", list(METRIC_COLUMNS), list(metric_rows(calendar)))
    write("commitments", list(COMMITMENT_COLUMNS), list(commitment_rows(calendar)))
    write_csv(folder / "tco_scenarios.csv", list(SCENARIO_COLUMNS), list(scenario_rows()), written)
