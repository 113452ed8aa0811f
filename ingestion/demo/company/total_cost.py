"""What total cost of ownership of the sample company needs beside bills and own costs: roles, quantities, what-ifs.

Nobody is invented: there are roles, no people. Put here: rows of `personnel.csv`, `business_metrics.csv`,
`tco_scenarios.csv` and `commitments.csv`. Keep out: items of own costs (`own_costs`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.own_costs import PICO_PER_CENT
from ingestion.demo.company.text import decimal_text, hash_text

ROLES = (
    ("engineering-manager", "Engineering manager", "management", 200_000, "0.5", 4, "team_platform"),
    ("ml-engineer", "Senior ML engineer", "engineering", 200_000, "2", 14, "team_research"),
    ("platform-engineer", "Platform engineer", "engineering", 175_000, "2", 10, "team_platform"),
    ("site-reliability", "Site reliability engineer", "operations", 180_000, "1.5", 5, "team_platform"),
    ("technical-support", "Technical support", "support", 90_000, "2", 4, "team_support"),
)
"""Id, name, type, salary a year, heads, about what percent of a month's spend it comes to, team."""
PERSONNEL_COLUMNS = (
    *("role_id", "role_name", "role_type", "annual_salary", "benefits_factor", "headcount", "allocation_pct"),
    "team_id",
)
METRIC_COLUMNS = ("metric", "subject_type", "subject_id", "value")
SCENARIO_COLUMNS = (
    *("scenario_id", "scenario_name", "cost_group", "category", "item_id", "change_pct", "monthly_usd"),
    *("one_time_usd", "growth_pct", "notes"),
)
COMMITMENT_COLUMNS = (
    *("commitment_id", "commitment_name", "commitment_type", "provider_name", "model", "gpu_name", "quantity", "unit"),
    *("upfront_usd", "hourly_usd", "on_demand_hourly_usd", "tokens_per_minute", "term_months", "team_id"),
)
PAYING_CUSTOMERS = ("customer_004", "customer_019", "customer_060", "customer_100", "customer_113")


def personnel_rows(monthly_pico: int) -> Iterator[list[object]]:
    """Roles whose part of time is so small that they stand in proportion to a month's spend, as the company does."""
    for role, name, kind, salary, heads, percent, team in ROLES:
        cents = monthly_pico * percent // 100 // PICO_PER_CENT
        # Ten-thousandths of a percent of a whole year of the role: 12 months at salary × 1.3 × heads.
        year_cents = int(salary * 100 * 1.3 * float(heads))
        allocation = max(1, min(1_000_000, cents * 12 * 1_000_000 // year_cents))
        yield [role, name, kind, salary, "1.3", heads, decimal_text(allocation, 4), team, None, None]


def metric_rows(calendar: Calendar) -> Iterator[list[object]]:
    """Documents, actions and revenue by month, which nothing measures."""
    month = calendar.first.replace(day=1)
    number = 0
    while month <= calendar.last:
        yield ["documents", None, None, 4_000 + 150 * number + _some("documents", month, 900), month, None]
        yield ["user_actions", None, None, 60_000 + 1_500 * number + _some("actions", month, 9_000), month, None]
        yield ["revenue_usd", None, None, 9_000 + 250 * number + _some("revenue", month, 1_000), month, None]
        for customer in PAYING_CUSTOMERS:
            yield ["revenue_usd", "customer", customer, 8 + _some(customer, month, 12), month, None]
        month = (month + timedelta(days=31)).replace(day=1)
        number += 1


def scenario_rows() -> Iterator[list[object]]:
    """Three what-ifs: half of the GPUs, a cheaper model, a team that grows."""
    gpus = ["half-the-gpus", "Half of the GPUs", None, "gpu_compute", None, -50, None, None, None]
    yield [*gpus, "the training host on demand only"]
    yield ["cheaper-models", "A smaller model for simple requests", "llm_api", None, None, -30, None, None, None, None]
    yield ["cheaper-models", "A smaller model for simple requests", "overhead", None, None, None, 15, 1_800, None,
           "routing, and the work to set it up"]  # fmt: skip
    yield [
        "two-more-engineers",
        "Two more engineers",
        "personnel",
        None,
        None,
        60,
        None,
        None,
        15,
        "usage grows faster",
    ]


def commitment_rows(calendar: Calendar) -> Iterator[list[object]]:
    """A reservation of GPUs that serve, and provisioned throughput on Azure that is hardly used."""
    start = (calendar.last - timedelta(days=30)).replace(day=1)
    yield [
        *("serving-gpus", "GPUs that serve", "reservation", "aws", None, "%L4%", 3, "GPU"),
        *(0, "0.50", "0.80", None, 12, "team_platform", start, None),
    ]
    yield [
        *("chat-throughput", "Provisioned throughput for chat", "azure_ptu", "azure", "gpt-4.1", None, 1, "PTU"),
        *(0, "0.04", None, 2_000, 12, "team_data", start, None),
    ]


def _some(what: str, month: date, below: int) -> int:
    """A number that is the same for the same words in every company of that month."""
    return hash_text(f"{what} {month:%Y-%m}") % below
