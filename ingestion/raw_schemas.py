"""The columns of every raw table: the one place where landing, its empty tables and dbt's sources agree.

Put here: names and types. Keep out: parsing and meaning. An architecture test compares these
tables with the sources that `dbt_project` declares.
"""

from __future__ import annotations

import pyarrow as pa

from ingestion.raw_schemas_api import API_SCHEMAS
from ingestion.raw_types import BIGINT as BIGINT
from ingestion.raw_types import BOOLEAN as BOOLEAN
from ingestion.raw_types import DATE as DATE
from ingestion.raw_types import DUCKDB_TYPES as DUCKDB_TYPES
from ingestion.raw_types import FILES, NOTES, PROVENANCE, QUARANTINE
from ingestion.raw_types import INSTANT as INSTANT
from ingestion.raw_types import MONEY as MONEY
from ingestion.raw_types import TEXT as TEXT
from ingestion.raw_types import Columns as Columns
from ingestion.raw_types import columns as _columns

TOKEN_COLUMNS = tuple(
    "uncached_input_tokens cache_read_tokens cache_write_tokens cache_write_5m_tokens cache_write_1h_tokens "
    "output_tokens audio_input_tokens audio_cache_read_tokens audio_output_tokens image_input_tokens "
    "image_cache_read_tokens image_output_tokens video_input_tokens video_output_tokens".split()
)
"""Disjoint token counts of one request."""
OTHER_METER_COLUMNS = tuple(
    "web_searches file_searches code_executions map_searches x_searches input_characters audio_milliseconds "
    "document_pages "
    "annotated_document_pages images rerank_searches text_messages video_milliseconds training_tokens sessions "
    "storage_mib_days containers routed_input_tokens".split()
)
INFORMATION_COLUMNS = ("reasoning_tokens", "citation_tokens")
"""Counts that lie inside `output_tokens` and are never added to it."""

REQUESTS = (
    _columns(
        "event_id event_source requested_at_utc:at provider_name account_id project_id workspace_id api_key_id "
        "user_id team_id customer_id feature environment session_id trace_id parent_event_id tags "
        "requested_model served_model requested_service_tier served_service_tier is_batch:bool region speed "
        "status error_type is_billable:bool duration_ms:int "
        "recorded_cost_usd:dec recorded_cost_text recorded_cost_decimals:int recorded_cost_kind"
    )
    | dict.fromkeys((*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, *INFORMATION_COLUMNS), BIGINT)
    | _columns("unknown_usage_reason unresolved_usage")
    | PROVENANCE
)

FOCUS_CHARGES = (
    _columns(
        "allocated_method_id allocated_method_details allocated_resource_id allocated_resource_name allocated_tags "
        "availability_zone billed_cost:dec billing_account_id billing_account_name billing_account_type "
        "billing_currency billing_period_start_utc:at billing_period_end_utc:at "
        "capacity_reservation_id capacity_reservation_status charge_category charge_class charge_description "
        "charge_frequency charge_period_start_utc:at charge_period_end_utc:at "
        "commitment_discount_category commitment_discount_id commitment_discount_name "
        "commitment_discount_quantity:dec commitment_discount_status commitment_discount_type "
        "commitment_discount_unit commitment_program_eligibility_details consumed_quantity:dec consumed_unit "
        "contract_applied contracted_cost:dec contracted_unit_price:dec effective_cost:dec host_provider_name "
        "invoice_id invoice_detail_id invoice_issuer_name list_cost:dec list_unit_price:dec pricing_category "
        "pricing_currency pricing_currency_contracted_unit_price:dec pricing_currency_effective_cost:dec "
        "pricing_currency_list_unit_price:dec pricing_quantity:dec pricing_unit provider_name publisher_name "
        "region_id region_name resource_id resource_name resource_type service_category service_name "
        "service_provider_name service_subcategory sku_id sku_meter sku_price_details sku_price_id "
        "sub_account_id sub_account_name sub_account_type tags "
        "billed_cost_text contracted_cost_text effective_cost_text list_cost_text focus_version extra_columns"
    )
    | PROVENANCE
)

AWS_CUR_LINE_ITEMS = (
    _columns(
        "identity_line_item_id identity_time_interval bill_invoice_id bill_invoicing_entity bill_billing_entity "
        "bill_bill_type bill_payer_account_id bill_billing_period_start_utc:at bill_billing_period_end_utc:at "
        "line_item_usage_account_id line_item_usage_account_name line_item_line_item_type "
        "line_item_usage_start_utc:at line_item_usage_end_utc:at "
        "line_item_product_code line_item_usage_type line_item_operation line_item_availability_zone "
        "line_item_resource_id line_item_usage_amount:dec line_item_currency_code line_item_unblended_rate:dec "
        "line_item_unblended_cost:dec line_item_unblended_cost_text line_item_blended_cost:dec "
        "line_item_net_unblended_cost:dec line_item_line_item_description line_item_tax_type line_item_legal_entity "
        "line_item_iam_principal line_item_user_identifier product_product_name product_product_family "
        "product_region_code product_servicecode product_sku product_model pricing_rate_code pricing_rate_id "
        "pricing_currency pricing_public_on_demand_cost:dec pricing_public_on_demand_rate:dec pricing_term "
        "pricing_unit reservation_effective_cost:dec reservation_subscription_id "
        "savings_plan_savings_plan_effective_cost:dec savings_plan_savings_plan_arn "
        "savings_plan_used_commitment:dec savings_plan_total_commitment_to_date:dec resource_tags extra_columns"
    )
    | PROVENANCE
)

AZURE_COST_DETAILS = (
    _columns(
        "subscription_id subscription_name resource_group_name usage_date:date meter_category meter_sub_category "
        "meter_id meter_name meter_region product_name quantity:dec unit_of_measure effective_price:dec "
        "unit_price:dec payg_price:dec cost_in_billing_currency:dec cost_in_billing_currency_text cost_in_usd:dec "
        "billing_currency charge_type pricing_model frequency publisher_name publisher_type consumed_service "
        "resource_id resource_name resource_location resource_type tags additional_info billing_account_id "
        "billing_account_name billing_period_start_date:date billing_period_end_date:date invoice_section_id "
        "invoice_section_name service_family service_name service_tier cost_center offer_id part_number "
        "reservation_id extra_columns"
    )
    | PROVENANCE
)

OCI_COST_LINES = (
    _columns(
        "reference_no tenant_id interval_usage_start_utc:at interval_usage_end_utc:at service compartment_id "
        "compartment_name region availability_domain resource_id billed_quantity:dec billed_quantity_overage:dec "
        "subscription_id product_sku product_description unit_price:dec unit_price_overage:dec my_cost:dec "
        "my_cost_text my_cost_overage:dec currency_code billing_unit_readable sku_unit_description overage_flag "
        "is_correction:bool backreference_no tags extra_columns"
    )
    | PROVENANCE
)

OPENAI_COSTS = (
    _columns(
        "bucket_start_utc:at bucket_end_utc:at amount:dec amount_text currency quantity:dec quantity_text "
        "quantity_unit line_item user_id api_key_id project_id organization_id project_name organization_name "
        "user_email api_source extra_columns"
    )
    | PROVENANCE
)

INVOICES = (
    _columns(
        "invoice_id invoice_issuer_name provider_name billing_account_id billing_account_name "
        "billing_period_start_utc:at billing_period_end_utc:at invoice_date:date due_date:date purchase_order_id "
        "line_number line_description charge_category service_name quantity:dec unit unit_price:dec amount:dec "
        "amount_text currency amount_usd:dec tax_amount:dec tax_rate_pct:dec extra_columns"
    )
    | PROVENANCE
)

MODEL_PRICES = _columns(
    "price_row_id price_source price_source_version price_provider_id price_model_id price_model_name meter "
    "price_variant valid_from_utc:at valid_to_utc:at time_of_day_from_second:int time_of_day_to_second:int "
    "context_over_tokens:int context_up_to_tokens:int price_usd_per_unit:dec price_text source_price_key "
    "minimum_quantity:int known_from_utc:at known_to_utc:at"
)
MODEL_ALIASES = _columns(
    "provider_name model is_batch:bool service_tier speed price_region provider_id price_provider_id "
    "price_model_id price_model_name "
    "price_variant match_method unresolved_reason closest_candidates context_window:int resolved_at_utc:at "
    "known_from_utc:at known_to_utc:at"
)
MODEL_CATALOG = _columns("price_provider_id price_model_id price_model_name context_window:int is_deprecated:bool")
OTHER_PRICES = _columns(
    "price_source source_entry source_field provider_name price_provider_id price_model_id match_method meter "
    "price_variant context_over_tokens:int price_usd_per_unit:dec price_text landed_at_utc:at"
)

_VALID = " valid_from_utc:at valid_to_utc:at"
ORG_TABLES: dict[str, Columns] = {
    "teams": _columns("team_id team_name cost_center_id owner" + _VALID),
    "projects": _columns("project_id project_name team_id environment monthly_revenue_usd:dec" + _VALID),
    "cost_centers": _columns("cost_center_id cost_center_name parent_cost_center_id owner" + _VALID),
    "users": _columns("user_id user_name team_id email" + _VALID),
    "ownership": _columns("subject_type subject_id provider_name team_id project_id cost_center_id" + _VALID),
    "budgets": _columns(
        "budget_id budget_name scope_type scope_id period amount:dec currency amount_usd:dec counts thresholds_pct "
        "alert_thresholds_pct alert_projected_pct:dec owner" + _VALID
    ),
    "tco_items": _columns(
        "item_id item_name category cost_behavior amount:dec currency period driver rate:dec amortization_months:dec "
        "quantity:dec unit unit_price:dec vendor_name team_id project_id cost_center_id" + _VALID
    ),
    "negotiated_prices": _columns(
        "provider_name account_id model variant meter commitment_id tier_from_units:int tier_to_units:int "
        "discount_pct:dec price_usd_per_million_units:dec" + _VALID
    ),
    "model_aliases": _columns("provider_name model price_model"),
    "fx_rates": _columns("currency usd_per_unit:dec units_per_usd:dec rate_source" + _VALID),
    "allocation_rules": _columns(
        "rule_id rule_name priority:dec method provider_name account_id project_id workspace_id api_key_id model "
        "service charge_category tag environment source_type source_id basis basis_source basis_period target_type "
        "target_id weight:dec percent:dec amount_usd:dec" + _VALID
    ),
    "account_aliases": _columns("provider_name alias account_id" + _VALID),
    "tag_keys": _columns("spelling canonical_key"),
}
SERVICE_SHARES = _columns("rule_id method source_type source_id target_type target_id weight:int" + _VALID)
"""Worked out from `allocation_rules` when they land: who carries a service department's costs in the end."""

GPU_SAMPLES = (
    _columns(
        "sampled_at_utc:at host gpu_id gpu_name gpu_utilization_pct:dec memory_used_mib:dec "
        "memory_total_mib:dec power_watts:dec workload"
    )
    | PROVENANCE
)

CLOSED_LINES = (
    _columns(
        "statement_period_date:date line_number:int charge_period_date:date cost_center_id team_id provider_id "
        "category allocation_type line_type amount_usd:dec statement_amount_usd:dec request_count:int "
        "unknown_cost_item_count:int cost_kind"
    )
    | PROVENANCE
)

_FROM_FILES = {"files": FILES, "quarantine": QUARANTINE}

RAW_SCHEMAS: dict[str, dict[str, Columns]] = {
    "raw_events": {"requests": REQUESTS} | _FROM_FILES,
    "raw_billing": {
        "focus_charges": FOCUS_CHARGES,
        "aws_cur_line_items": AWS_CUR_LINE_ITEMS,
        "azure_cost_details": AZURE_COST_DETAILS,
        "oci_cost_lines": OCI_COST_LINES,
        "openai_costs": OPENAI_COSTS,
        "invoices": INVOICES,
    }
    | _FROM_FILES,
    "raw_prices": {
        "model_prices": MODEL_PRICES,
        "model_aliases": MODEL_ALIASES,
        "model_catalog": MODEL_CATALOG,
        "other_prices": OTHER_PRICES,
        "quarantine": QUARANTINE,
    },
    "raw_org": {name: columns | PROVENANCE for name, columns in ORG_TABLES.items()}
    | {"service_shares": SERVICE_SHARES | PROVENANCE}
    | _FROM_FILES,
    "raw_gpu": {"gpu_samples": GPU_SAMPLES} | _FROM_FILES,
    "raw_ledger": {"closed_lines": CLOSED_LINES} | _FROM_FILES,
    "raw_landing": {"notes": NOTES},
} | {dataset: tables | _FROM_FILES for dataset, tables in API_SCHEMAS.items()}
"""`RAW_SCHEMAS[dataset][table]` is an ordered mapping of column to Arrow type."""


def arrow_schema(dataset: str, table: str) -> pa.Schema:
    """The Arrow schema of a raw table."""
    return pa.schema(list(RAW_SCHEMAS[dataset][table].items()))


def create_table_statements() -> list[str]:
    """DuckDB DDL that makes every raw schema and table that does not exist yet."""
    statements = []
    for dataset, tables in RAW_SCHEMAS.items():
        statements.append(f"create schema if not exists {dataset}")
        for table, columns in tables.items():
            body = ", ".join(f'"{name}" {DUCKDB_TYPES[kind]}' for name, kind in columns.items())
            statements.append(f"create table if not exists {dataset}.{table} ({body})")
    return statements
