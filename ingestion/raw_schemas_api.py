"""The columns of the raw tables that provider APIs fill. `ingestion.raw_schemas` merges them with the rest.

Put here: names and types. Keep out: parsing and meaning.
"""

from __future__ import annotations

from ingestion.raw_types import PROVENANCE, Columns, columns

REQUEST = columns("request_window_start_utc:at request_window_end_utc:at page_cursor received_at_utc:at")
"""Which request brought a row: the window asked for, the page's cursor (NULL on a first page), the arrival."""


def _api(words: str) -> Columns:
    return columns(words) | REQUEST | PROVENANCE


PULLS = (
    columns(
        "endpoint usage_date:date status row_count:int bucket_count:int first_pulled_at_utc:at last_pulled_at_utc:at "
        "restatement_count:int restated_amount_change:dec restated_quantity_change:dec amount:dec quantity:dec reason"
    )
    | PROVENANCE
)
"""One row per endpoint and UTC day (NULL for what has no day: lists, and endpoints that cannot be pulled).
`status`: complete, partial, missing, not_entitled, skipped_404. Amounts are as delivered."""

_BUCKET = "bucket_start_utc:at bucket_end_utc:at "
_NAMED = "id name status created_at_utc:at is_listed:bool raw"

OPENAI: dict[str, Columns] = {
    "usage": _api(
        "endpoint " + _BUCKET + "project_id user_id api_key_id model is_batch:bool service_tier size source "
        "context_level vector_store_id api_source group_by "
        "input_tokens:int input_uncached_tokens:int input_cached_tokens:int input_cache_write_tokens:int "
        "input_cache_write_30m_tokens:int input_cache_write_12h_tokens:int output_tokens:int "
        "input_text_tokens:int output_text_tokens:int input_cached_text_tokens:int input_cached_audio_tokens:int "
        "input_cached_image_tokens:int input_audio_tokens:int input_image_tokens:int output_audio_tokens:int "
        "output_image_tokens:int num_model_requests:int images:int characters:int seconds:dec usage_bytes:int "
        "num_sessions:int num_requests:int extra_columns"
    ),
    "costs": _api(
        _BUCKET + "project_id line_item api_key_id user_id api_source group_by amount:dec amount_text currency "
        "quantity:dec quantity_text quantity_unit extra_columns"
    ),
    "projects": _api(_NAMED),
    "users": _api(_NAMED + " email role"),
    "api_keys": _api(_NAMED + " project_id owner_type owner_id redacted_value last_used_at_utc:at"),
    "service_accounts": _api(_NAMED + " project_id role"),
}

ANTHROPIC: dict[str, Columns] = {
    "messages_usage": _api(
        _BUCKET + "api_key_id is_console:bool workspace_id is_default_workspace:bool account_id service_account_id "
        "model service_tier context_window inference_geo speed group_by uncached_input_tokens:int "
        "cache_creation_5m_input_tokens:int cache_creation_1h_input_tokens:int cache_read_input_tokens:int "
        "output_tokens:int web_search_requests:int extra_columns"
    ),
    "cost_report": _api(
        _BUCKET + "workspace_id is_default_workspace:bool description cost_type token_type model context_window "
        "service_tier inference_geo group_by amount_cents_text amount:dec amount_text currency extra_columns"
    ),
    "claude_code": _api(
        "usage_date:date actor_type actor_email actor_api_key_name organization_id customer_type subscription_type "
        "terminal_type is_remote:bool num_sessions:int lines_added:int lines_removed:int commits:int "
        "pull_requests:int core_metrics tool_actions extra_columns"
    ),
    "claude_code_models": _api(
        "usage_date:date actor_type actor_email actor_api_key_name organization_id customer_type subscription_type "
        "terminal_type is_remote:bool model input_tokens:int output_tokens:int cache_read_tokens:int "
        "cache_creation_tokens:int estimated_cost_cents_text estimated_cost:dec estimated_cost_text "
        "estimated_cost_currency extra_columns"
    ),
    "workspaces": _api(_NAMED + " archived_at_utc:at"),
    "api_keys": _api(_NAMED + " workspace_id is_default_workspace:bool created_by"),
    "members": _api(_NAMED + " email role"),
}

GROQ: dict[str, Columns] = {
    "rates": _api(
        "hour_start_utc:at metric model project_id status_code labels quantity:dec "
        "sample_count:int gap_count:int step_seconds:int"
    )
}

OPENROUTER: dict[str, Columns] = {
    "activity": _api(
        "usage_date:date model model_permaslug endpoint_id provider_name workspace_id group_by usage:dec usage_text "
        "byok_usage_inference:dec byok_usage_inference_text requests:int prompt_tokens:int completion_tokens:int "
        "reasoning_tokens:int cached_tokens:int extra_columns"
    )
}

AZURE: dict[str, Columns] = {
    "metrics": _api(
        "hour_start_utc:at resource_id metric unit interval aggregation model_deployment_name model_name model_version "
        "region api_name feature_name usage_channel status_code is_spillover service_tier_request "
        "service_tier_response dimensions quantity:dec quantity_text extra_columns"
    ),
    "cost_query": _api(
        "scope query_type usage_date:date billing_month:date cost:dec cost_text cost_usd:dec cost_usd_text "
        "usage_quantity:dec currency service_name meter_category meter_sub_category meter resource_id "
        "resource_group_name subscription_id tag_key tag_value group_by dimensions extra_columns"
    ),
}

AWS: dict[str, Columns] = {
    "cost_explorer": _api(
        "report granularity period_start_date:date period_end_date:date is_estimated:bool group_by group_keys service "
        "usage_type record_type linked_account_id region tag_key tag_value currency unblended_cost:dec "
        "unblended_cost_text amortized_cost:dec amortized_cost_text usage_quantity:dec usage_quantity_text "
        "usage_quantity_unit extra_columns"
    ),
    "cost_forecasts": _api(
        "granularity metric period_start_date:date period_end_date:date mean_cost:dec mean_cost_text lower_cost:dec "
        "upper_cost:dec interval_level_pct:int currency extra_columns"
    ),
}

GCP: dict[str, Columns] = {
    "billing_export": columns(
        "row_id export_kind billing_account_id service_id service_description sku_id sku_description "
        "usage_start_time_utc:at usage_end_time_utc:at project_id project_number project_name project_labels "
        "project_ancestry labels system_labels tags location country region zone transaction_type seller_name "
        "export_time_utc:at cost:dec cost_text currency currency_conversion_rate:dec usage_amount:dec usage_unit "
        "usage_amount_in_pricing_units:dec usage_pricing_unit credits credits_amount:dec credits_amount_text "
        "invoice_month invoice_publisher_type cost_type adjustment_info cost_at_list:dec "
        "cost_at_effective_price_default:dec price resource_name resource_global_name extra_columns"
    )
    | PROVENANCE
}

API_SCHEMAS: dict[str, dict[str, Columns]] = {
    f"raw_{name}": tables | {"pulls": PULLS}
    for name, tables in (
        ("openai", OPENAI),
        ("anthropic", ANTHROPIC),
        ("groq", GROQ),
        ("openrouter", OPENROUTER),
        ("azure", AZURE),
        ("aws", AWS),
        ("gcp", GCP),
    )
}
"""`API_SCHEMAS[dataset][table]`; `files` and `quarantine` are added with those of every other file source."""
