"""The files of total cost of ownership: personnel, business metrics, targets, scenarios, commitments.

Put here: their declarations. Keep out: what a single row must satisfy (`planning`).
"""

from __future__ import annotations

from ingestion.sources.org.org_file import OrgFile

OWNERS = {"team_id": "teams", "project_id": "projects", "cost_center_id": "cost_centers"}
"""Who may be named as owner; column to the table of its ids."""
COST_GROUPS = ("infrastructure", "llm_api", "personnel", "overhead", "other")
"""What total cost of ownership is told apart by."""
SIGNED = -(10**12)
COMMITMENT_TYPES = ("azure_ptu", "bedrock_provisioned", "gcp_gsu", "aws_savings_plan", "reservation")
KPIS = (
    *("cost_per_request", "cost_per_1k_tokens", "cost_per_user_action", "gpu_utilization_efficiency"),
    *("cost_per_active_user", "infrastructure_unit_cost"),
)
"""Key figures that have targets."""

PLANNING_FILES = (
    OrgFile(
        "personnel",
        ("role_id", "role_type", "annual_salary"),
        ("role_id",),
        OWNERS,
        choices={"role_type": ("engineering", "operations", "management", "support")},
        amounts={
            "annual_salary": (0, 10**9),
            "benefits_factor": (1, 10),
            "headcount": (0, 10**6),
            "allocation_pct": (0, 100),
        },
        derived=("annual_cost",),
    ),
    OrgFile(
        "business_metrics",
        ("metric", "value", "valid_from"),
        ("metric", "subject_type", "subject_id"),
        choices={"subject_type": ("feature", "customer", "project", "team")},
        amounts={"value": (0, None)},
    ),
    OrgFile(
        "kpi_targets",
        ("kpi", "target", "warning"),
        ("kpi",),
        choices={"kpi": KPIS},
        amounts={"target": (0, None), "warning": (0, None)},
    ),
    OrgFile(
        "tco_scenarios",
        ("scenario_id",),
        ("scenario_id", "cost_group", "category", "item_id", "provider_name"),
        choices={"cost_group": COST_GROUPS},
        amounts={
            "change_pct": (-100, 10_000),
            "monthly_usd": (SIGNED, None),
            "one_time_usd": (SIGNED, None),
            "amortization_months": (1, 600),
            "growth_pct": (-99, 1_000),
            "efficiency_pct": (-1_000, 99),
        },
    ),
    OrgFile(
        "commitments",
        ("commitment_id", "commitment_type", "quantity", "hourly_usd", "valid_from"),
        ("commitment_id",),
        OWNERS,
        choices={"commitment_type": COMMITMENT_TYPES},
        derived=("total_upfront_usd", "total_hourly_usd"),
        amounts={
            "quantity": (0, 10**9),
            "upfront_usd": (0, None),
            "hourly_usd": (0, 10**8),
            "on_demand_hourly_usd": (0, 10**8),
            "tokens_per_minute": (0, 10**9),
            "term_months": (1, 600),
        },
    ),
)
