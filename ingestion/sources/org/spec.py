"""The organisation: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

TABLES = {
    "teams": RawTable(
        "Organisation data: teams.",
        "team_id team_name cost_center_id owner valid_from_utc:at valid_to_utc:at",
    ),
    "projects": RawTable(
        "Organisation data: projects.",
        "project_id project_name team_id environment monthly_revenue_usd:dec valid_from_utc:at valid_to_utc:at",
    ),
    "cost_centers": RawTable(
        "Organisation data: cost centers.",
        "cost_center_id cost_center_name parent_cost_center_id owner valid_from_utc:at valid_to_utc:at",
    ),
    "users": RawTable(
        "Organisation data: users.",
        "user_id user_name team_id email valid_from_utc:at valid_to_utc:at",
    ),
    "ownership": RawTable(
        "Organisation data: ownership.",
        "subject_type subject_id provider_name team_id project_id cost_center_id valid_from_utc:at valid_to_utc:at",
    ),
    "budgets": RawTable(
        "Organisation data: budgets.",
        "budget_id budget_name scope_type scope_id period amount:dec currency amount_usd:dec counts thresholds_pct "
        "alert_thresholds_pct alert_projected_pct:dec owner valid_from_utc:at valid_to_utc:at",
    ),
    "tco_items": RawTable(
        "Organisation data: tco items.",
        "item_id item_name category cost_behavior amount:dec currency period driver rate:dec amortization_months:dec "
        "quantity:dec unit unit_price:dec provider_name vendor_name tags notes team_id project_id cost_center_id "
        "valid_from_utc:at valid_to_utc:at",
    ),
    "negotiated_prices": RawTable(
        "Organisation data: negotiated prices.",
        "provider_name account_id model variant meter commitment_id tier_from_units:int tier_to_units:int "
        "discount_pct:dec price_usd_per_million_units:dec valid_from_utc:at valid_to_utc:at",
    ),
    "model_aliases": RawTable(
        "Organisation data: model aliases.",
        "provider_name model price_model",
        names_models=True,
    ),
    "fx_rates": RawTable(
        "Organisation data: fx rates.",
        "currency usd_per_unit:dec units_per_usd:dec rate_source valid_from_utc:at valid_to_utc:at",
    ),
    "allocation_rules": RawTable(
        "Organisation data: allocation rules.",
        "rule_id rule_name priority:dec method provider_name account_id project_id workspace_id api_key_id model "
        "service charge_category tag environment source_type source_id basis basis_source basis_period target_type "
        "target_id weight:dec percent:dec amount_usd:dec valid_from_utc:at valid_to_utc:at",
    ),
    "account_aliases": RawTable(
        "Organisation data: account aliases.",
        "provider_name alias account_id valid_from_utc:at valid_to_utc:at",
    ),
    "tag_keys": RawTable(
        "Organisation data: tag keys.",
        "spelling canonical_key",
    ),
    "recommendation_actions": RawTable(
        "Organisation data: recommendation actions.",
        "recommendation_id action note implementation_cost_usd:dec implementation_days:dec valid_from_utc:at "
        "valid_to_utc:at",
    ),
    "personnel": RawTable(
        "Organisation data: personnel, by role.",
        "role_id role_name role_type annual_salary:dec currency benefits_factor:dec headcount:dec allocation_pct:dec "
        "annual_cost:dec tags notes team_id project_id cost_center_id valid_from_utc:at valid_to_utc:at",
    ),
    "business_metrics": RawTable(
        "Organisation data: quantities that the warehouse does not know, such as documents and revenue.",
        "metric subject_type subject_id value:dec notes valid_from_utc:at valid_to_utc:at",
    ),
    "kpi_targets": RawTable(
        "Organisation data: targets of key figures.",
        "kpi target:dec warning:dec valid_from_utc:at valid_to_utc:at",
    ),
    "tco_scenarios": RawTable(
        "Organisation data: what-ifs of total cost of ownership.",
        "scenario_id scenario_name cost_group category item_id provider_name change_pct:dec monthly_usd:dec "
        "one_time_usd:dec amortization_months:dec growth_pct:dec efficiency_pct:dec notes",
    ),
    "commitments": RawTable(
        "Organisation data: provisioned throughput, savings plans and reservations.",
        "commitment_id commitment_name commitment_type provider_name model gpu_name host quantity:dec unit "
        "upfront_usd:dec hourly_usd:dec total_upfront_usd:dec total_hourly_usd:dec on_demand_hourly_usd:dec "
        "tokens_per_minute:dec term_months:dec team_id project_id cost_center_id notes valid_from_utc:at "
        "valid_to_utc:at",
    ),
    "gpu_inventory": RawTable(
        "Organisation data: GPUs, how each was bought, from when to when, and whose it is.",
        "host gpu_id instance_id attached_resources gpu_type gpu_count:int provider region instance_type "
        "purchase_option hourly_rate:dec upfront:dec purchase_price:dec depreciation_months:int currency "
        "term_start_utc:at term_end_utc:at team_id valid_from_utc:at valid_to_utc:at",
    ),
    "infrastructure_rates": RawTable(
        "Organisation data: what infrastructure costs by the hour, GB or month.",
        "resource_type sku gpu_type gpus_per_instance:int provider region purchase_option unit rate:dec currency "
        "upfront:dec term_months:int source_url note valid_from_utc:at valid_to_utc:at",
    ),
    "service_shares": RawTable(
        "Organisation data: service shares.",
        "rule_id method source_type source_id target_type target_id weight:int valid_from_utc:at valid_to_utc:at",
    ),
}
SPEC = SourceSpec(
    name="org",
    kind=Kind.FILES,
    purpose="teams, projects, cost centres, ownership, budgets",
    tables=TABLES,
    switch="COSTOPS_ORG_DIR",
)
