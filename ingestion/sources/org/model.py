"""The organisation files: their columns, what must be filled, what refers to what.

Put here: declarations. Keep out: reading and checking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.sources.org.spec import TABLES
from ingestion.vocabulary.raw_types import columns as raw_columns

DATASET = "raw_org"
SERVICE_SHARES = raw_columns(TABLES["service_shares"].columns)
"""Worked out from `allocation_rules` when they land: who carries a service department's costs in the end."""
ORG_TABLES = {name: raw_columns(table.columns) for name, table in TABLES.items() if name != "service_shares"}
BEGINNING = datetime(1900, 1, 1)  # noqa: DTZ001 - instants are naive UTC here
END = datetime(2200, 1, 1)  # noqa: DTZ001


OWNERS = {"team_id": "teams", "project_id": "projects", "cost_center_id": "cost_centers"}
"""Who may be named as owner; column to the table of its ids."""
COST_GROUPS = ("infrastructure", "llm_api", "personnel", "overhead", "other")
"""What total cost of ownership is told apart by."""
SIGNED = -(10**12)
OWN_COST_CATEGORIES = (
    *("gpu_compute", "cpu_compute", "memory", "data_storage", "networking", "infrastructure", "llm_api"),
    *("data_annotation", "software_licenses", "support_maintenance", "security_compliance", "personnel", "overhead"),
    *("other", "software_licence", "support"),
)
"""What own costs can be for; the last two are earlier names of `software_licenses` and `support_maintenance`."""
PURCHASE_OPTIONS = ("on_demand", "reserved_1y", "reserved_3y", "spot", "owned")
"""How a machine is paid for."""
UNITS_OF_RESOURCES = {
    "gpu_hour": "GPU-hour",
    "instance_hour": "instance-hour",
    "cpu_hour": "vCPU-hour",
    "memory_gb_hour": "GB-hour",
    "storage_gb_month": "GB-month",
    "storage_iops_month": "IOPS-month",
    "network_gb": "GB",
    "managed_service_month": "month",
}
"""What infrastructure is rated by, and the unit that a rate is for."""


COMMITMENT_TYPES = ("azure_ptu", "bedrock_provisioned", "gcp_gsu", "aws_savings_plan", "reservation")
KPIS = (
    *("cost_per_request", "cost_per_1k_tokens", "cost_per_user_action", "gpu_utilization_efficiency"),
    *("cost_per_active_user", "infrastructure_unit_cost"),
)
"""Key figures that have targets."""


@dataclass(frozen=True)
class OrgFile:
    """One CSV of the organisation folder; its table has the same name without `.csv`."""

    name: str
    required: tuple[str, ...]
    """Columns the header must have and every row must fill."""
    identity: tuple[str, ...]
    """What may be valid only once at a time."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Column to the table whose first identity column it names."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    """Decimal column to its least and greatest value."""
    one_of: tuple[str, ...] = ()
    """Columns of which the header must have at least one and every row must fill exactly one."""
    derived: tuple[str, ...] = ()
    """Columns of the table that the CSV does not have."""

    @property
    def path(self) -> str:
        """The file's name in the folder."""
        return f"{self.name}.csv"

    @property
    def columns(self) -> list[str]:
        """The columns of the CSV."""
        return [column.removesuffix("_utc") for column in ORG_TABLES[self.name] if column not in self.derived]


FILES: dict[str, OrgFile] = {
    each.name: each
    for each in (
        OrgFile("cost_centers", ("cost_center_id",), ("cost_center_id",), {"parent_cost_center_id": "cost_centers"}),
        OrgFile("teams", ("team_id",), ("team_id",), {"cost_center_id": "cost_centers"}),
        OrgFile(
            "projects",
            ("project_id",),
            ("project_id",),
            {"team_id": "teams"},
            amounts={"monthly_revenue_usd": (0, None)},
        ),
        OrgFile("users", ("user_id",), ("user_id",), {"team_id": "teams"}),
        OrgFile(
            "ownership",
            ("subject_type", "subject_id"),
            ("subject_type", "subject_id"),
            {"team_id": "teams", "project_id": "projects", "cost_center_id": "cost_centers"},
            choices={"subject_type": ("api_key", "project", "workspace", "account", "tag")},
        ),
        OrgFile(
            "budgets",
            ("budget_id", "scope_type", "period"),
            ("budget_id",),
            choices={
                "scope_type": (
                    *("global", "team", "project", "user", "model", "feature", "tag", "cost_center"),
                    "provider",
                ),
                "period": ("hour", "day", "week", "month", "quarter", "year", "custom"),
                "counts": ("llm", "infrastructure", "own", "total"),
            },
            amounts={"amount": (0, None), "amount_usd": (0, None), "alert_projected_pct": (1, 1000)},
            one_of=("amount_usd", "amount"),
            derived=("alert_thresholds_pct",),
        ),
        OrgFile(
            "tco_items",
            ("item_id", "category", "cost_behavior"),
            ("item_id",),
            {"team_id": "teams", "project_id": "projects", "cost_center_id": "cost_centers"},
            choices={
                "category": OWN_COST_CATEGORIES,
                "cost_behavior": ("fixed", "variable", "semi_variable", "one_time"),
                "period": ("month", "quarter", "year", "once"),
                "driver": ("request", "million_tokens", "percent_of_spend"),
            },
            amounts={
                "amount": (0, 10**12),
                "rate": (0, 10**8),
                "amortization_months": (1, 600),
                "quantity": (0, 10**9),
                "unit_price": (0, 10**12),
            },
        ),
        OrgFile(
            "negotiated_prices",
            ("provider_name",),
            ("provider_name", "account_id", "model", "variant", "meter"),
            amounts={"discount_pct": (0, 100), "price_usd_per_million_units": (0, None)},
        ),
        OrgFile("model_aliases", ("model", "price_model"), ("provider_name", "model")),
        OrgFile(
            "fx_rates",
            ("currency", "usd_per_unit"),
            ("currency",),
            amounts={"usd_per_unit": (0, 1_000_000)},
            derived=("units_per_usd",),
        ),
        OrgFile(
            "allocation_rules",
            ("rule_id", "method", "target_type", "target_id"),
            ("rule_id", "target_type", "target_id"),
            choices={
                "method": (
                    *("direct", "proportional", "even", "fixed_amount", "fixed_percent", "weighted"),
                    *("waterfall", "reciprocal", "overhead"),
                ),
                "charge_category": ("usage", "purchase", "tax", "credit", "adjustment"),
                "source_type": ("team", "project", "cost_center"),
                "basis": (
                    *("total_tokens", "input_tokens", "output_tokens", "request_count", "gpu_seconds"),
                    *("metered_cost_usd", "spend_usd"),
                ),
                "basis_period": ("day", "month"),
                "target_type": ("team", "project", "feature", "customer", "cost_center"),
            },
            amounts={"priority": (0, None), "weight": (0, None), "percent": (0, 100), "amount_usd": (0, None)},
        ),
        OrgFile("account_aliases", ("provider_name", "account_id"), ("provider_name", "alias")),
        OrgFile(
            "recommendation_actions",
            ("recommendation_id", "action", "valid_from"),
            ("recommendation_id", "action", "valid_from_utc"),
            choices={"action": ("accept", "implement", "reject", "dismiss", "reopen")},
            amounts={"implementation_cost_usd": (0, None), "implementation_days": (0, 10_000)},
        ),
        OrgFile(
            "gpu_inventory",
            ("purchase_option",),
            ("host", "gpu_id"),
            {"team_id": "teams", "project_id": "projects", "cost_center_id": "cost_centers"},
            choices={"purchase_option": PURCHASE_OPTIONS},
            amounts={"hourly_rate": (0, 10**6), "upfront": (0, 10**9), "purchase_price": (0, 10**9)},
            derived=("term_end_utc",),
        ),
        OrgFile(
            "infrastructure_rates",
            ("resource_type", "sku", "provider", "rate"),
            ("resource_type", "sku", "provider", "region", "purchase_option"),
            choices={"resource_type": tuple(UNITS_OF_RESOURCES), "purchase_option": PURCHASE_OPTIONS},
            amounts={"rate": (0, 10**6), "upfront": (0, 10**9)},
        ),
        OrgFile("tag_keys", ("spelling", "canonical_key"), ("spelling",)),
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
}
BUDGET_SCOPES = {"team": "teams", "project": "projects", "cost_center": "cost_centers"}
"""Kind of scope, source or target to the table that holds its ids."""
DEFAULT_THRESHOLDS = "50;75;90;100"


@dataclass
class Row:
    """One row of a CSV: its cells as text, its typed values, and what is wrong with it."""

    file: OrgFile
    number: int
    cells: dict[str, str | None]
    original: str
    values: dict[str, Any] = field(default_factory=dict)
    problem: QuarantinedRow | None = None

    def reject(self, column: str | None, reason: str, message: str) -> None:
        """Note the first problem of the row; the message gets file, row and column in front."""
        if self.problem is None:
            where = f"{self.file.path}, row {self.number}" + (f", column {column}" if column else "")
            self.problem = QuarantinedRow(self.number, reason, f"{where}: {message}", self.original, column)

    @property
    def identity(self) -> tuple[Any, ...]:
        """The values that name what the row is about."""
        return tuple(self.values.get(column) for column in self.file.identity)

    @property
    def valid(self) -> tuple[datetime, datetime]:
        """Half-open validity; always, for files without dates."""
        return self.values.get("valid_from_utc", BEGINNING), self.values.get("valid_to_utc", END)


@dataclass
class OrgTable:
    """What became of one file: its rows, problems of the file as a whole, and remarks."""

    file: OrgFile
    is_present: bool = False
    rows: list[Row] = field(default_factory=list)
    problems: list[QuarantinedRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def good(self) -> list[Row]:
        """Rows without a problem."""
        return [row for row in self.rows if row.problem is None]
