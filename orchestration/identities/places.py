"""Where people stand in raw tables: columns that hold an id of a person, and texts that may mention one.

Put here: these facts, once; staging hides the same columns (an architecture test compares both). Keep out: who somebody
is, what stands for them (`orchestration.identities`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.raw_schemas import RAW_SCHEMAS


@dataclass(frozen=True)
class Described:
    """A table that says who an id is: its column of the id, of the name (None where it has none), of the address."""

    table: str
    user_id: str
    name: str | None
    email: str | None


DESCRIBED = (
    Described("raw_org.users", "user_id", "user_name", "email"),
    Described("raw_openai.users", "id", "name", "email"),
    Described("raw_anthropic.members", "id", "name", "email"),
    Described("raw_billing.openai_costs", "user_id", None, "user_email"),
)
"""The first that knows somebody counts."""

PERSON_COLUMNS: dict[str, tuple[str, ...]] = {
    "raw_events.requests": ("user_id",),
    "raw_org.users": ("user_id",),
    "raw_org.budgets": ("scope_id",),
    "raw_openai.usage": ("user_id",),
    "raw_openai.costs": ("user_id",),
    "raw_openai.users": ("id",),
    "raw_openai.service_accounts": ("id",),
    "raw_openai.api_keys": ("owner_id",),
    "raw_anthropic.messages_usage": ("account_id",),
    "raw_anthropic.members": ("id",),
    "raw_anthropic.api_keys": ("created_by",),
    "raw_anthropic.claude_code": ("actor_email",),
    "raw_anthropic.claude_code_models": ("actor_email",),
    "raw_billing.openai_costs": ("user_id", "user_email"),
    "raw_billing.aws_cur_line_items": ("line_item_iam_principal", "line_item_user_identifier"),
    "adjustments.price_adjustments": ("user_id",),
}
"""Columns whose whole value is somebody, by `schema.table`."""
ONLY_WHERE = {"raw_org.budgets": "scope_type = 'user'"}
"""Rows of which that holds; in the others the column is a text."""

TEXT_COLUMNS: dict[str, tuple[str, ...]] = {
    "raw_events.requests": ("tags", "customer_id"),
    "raw_billing.focus_charges": ("tags", "allocated_tags"),
    "raw_billing.aws_cur_line_items": ("resource_tags",),
    "raw_billing.azure_cost_details": ("tags",),
    "raw_billing.oci_cost_lines": ("tags",),
    "raw_gcp.billing_export": ("labels", "project_labels", "tags"),
    "raw_aws.cost_explorer": ("tag_value",),
    "raw_azure.cost_query": ("tag_value",),
    "raw_openai.api_keys": ("name",),
    "raw_anthropic.api_keys": ("name",),
    "raw_gpu.gpu_samples": ("namespace", "pod", "workload"),
    "raw_gpu.gpu_sample_hours": ("namespace", "pod", "workload"),
    "raw_gpu.gpu_allocations": ("namespace", "pod", "workload"),
    "raw_gpu.served_tokens": ("namespace", "workload"),
    "raw_prometheus.gpu_samples": ("namespace", "pod", "workload"),
    "raw_prometheus.serving_metrics": ("namespace", "pod", "workload"),
    "raw_org.teams": ("team_name", "owner"),
    "raw_org.projects": ("project_name",),
    "raw_org.cost_centers": ("cost_center_name", "owner"),
    "raw_org.budgets": ("budget_name", "scope_id", "owner"),
    "raw_org.ownership": ("subject_id",),
    "raw_org.allocation_rules": ("rule_name", "tag"),
    "raw_org.tco_items": ("item_name", "tags", "notes"),
    "raw_org.tco_scenarios": ("scenario_name", "notes"),
    "raw_org.personnel": ("role_name", "tags", "notes"),
    "raw_org.business_metrics": ("subject_id", "notes"),
    "raw_org.commitments": ("commitment_name", "notes"),
    "raw_org.infrastructure_rates": ("note",),
    "raw_org.recommendation_actions": ("note",),
    "adjustments.price_adjustments": ("customer_id",),
    "raw_landing.notes": ("file_path", "message", "remedy"),
    "alerts.alerts": ("subject_id", "owner", "title", "message", "evidence", "resolution"),
    **{
        f"{dataset}.quarantine": ("file_path", "message", "original_record")
        for dataset, tables in RAW_SCHEMAS.items()
        if "quarantine" in tables
    },
}
"""Columns that a mart shows and that may mention somebody, by `schema.table`."""

THINGS: dict[str, tuple[str, ...]] = {
    "raw_org.teams": ("team_id",),
    "raw_org.projects": ("project_id",),
    "raw_org.cost_centers": ("cost_center_id",),
    "raw_events.requests": ("team_id", "project_id", "customer_id", "feature", "environment", "provider_name"),
}
"""Columns of what is no person: a word that is one of these is left in texts, whoever has it as an id, too."""
