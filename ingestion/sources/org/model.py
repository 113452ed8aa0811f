"""The organisation files: their columns, what must be filled, what refers to what.

Put here: declarations. Keep out: reading and checking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.sources.org.org_file import OrgFile
from ingestion.sources.org.planning_files import PLANNING_FILES

BEGINNING = datetime(1900, 1, 1)  # noqa: DTZ001 - instants are naive UTC here
END = datetime(2200, 1, 1)  # noqa: DTZ001


OTHER_NAMES = {
    "storage": "data_storage",
    "network": "networking",
    "api_external": "llm_api",
    "software_license": "software_licenses",
    "software_licence": "software_licenses",
    "support": "support_maintenance",
}
"""Other names of categories, as files may have them."""
OWN_COST_CATEGORIES = (
    *("gpu_compute", "cpu_compute", "memory", "data_storage", "networking", "infrastructure", "llm_api"),
    *("data_annotation", "software_licenses", "support_maintenance", "security_compliance", "personnel", "overhead"),
    *("other", *OTHER_NAMES),
)
"""What own costs can be for, with the other names."""
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
            ("currency",),
            ("currency",),
            amounts={"usd_per_unit": (0, 1_000_000), "units_per_usd": (0, 100_000_000)},
            one_of=("usd_per_unit", "units_per_usd"),
            may_tell_both=True,
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
            {"team_id": "teams"},
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
        *PLANNING_FILES,
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
        """The values that name what the row is about; those of an offer have no case."""
        values = tuple(self.values.get(column) for column in self.file.identity)
        is_offer = self.file.name == "negotiated_prices"
        return tuple(each.lower() if is_offer and isinstance(each, str) else each for each in values)

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
