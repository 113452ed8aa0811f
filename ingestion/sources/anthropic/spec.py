"""Anthropic's Admin API: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.settings import Setting, secret
from ingestion.vocabulary.spec import OF_REPORTS, PRICE_REGION, Kind, SourceSpec, asked

SETTINGS = (
    secret("anthropic_admin_key", "ANTHROPIC_ADMIN_KEY"),
    Setting("anthropic_base_url", "ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
)
TABLES = {
    "messages_usage": asked(
        "Hourly usage that Anthropic reports, by key, workspace, model, tier and context.",
        "bucket_start_utc:at bucket_end_utc:at api_key_id is_console:bool workspace_id is_default_workspace:bool "
        "account_id service_account_id model service_tier context_window inference_geo speed group_by "
        "uncached_input_tokens:int cache_creation_5m_input_tokens:int cache_creation_1h_input_tokens:int "
        "cache_read_input_tokens:int output_tokens:int web_search_requests:int extra_columns",
        names_models=True,
    ),
    "cost_report": asked(
        "Daily costs that Anthropic reports, in cents as printed and in dollars.",
        "bucket_start_utc:at bucket_end_utc:at workspace_id is_default_workspace:bool description cost_type "
        "token_type model context_window service_tier inference_geo group_by amount_cents_text amount:dec amount_text "
        "currency extra_columns",
    ),
    "claude_code": asked(
        "Claude Code by day and person: sessions, lines, commits, tools.",
        "usage_date:date actor_type actor_email actor_api_key_name organization_id customer_type subscription_type "
        "terminal_type is_remote:bool num_sessions:int lines_added:int lines_removed:int commits:int "
        "pull_requests:int core_metrics tool_actions extra_columns",
    ),
    "claude_code_models": asked(
        "Claude Code by day, person and model: tokens and estimated cost.",
        "usage_date:date actor_type actor_email actor_api_key_name organization_id customer_type subscription_type "
        "terminal_type is_remote:bool model input_tokens:int output_tokens:int cache_read_tokens:int "
        "cache_creation_tokens:int estimated_cost_cents_text estimated_cost:dec estimated_cost_text "
        "estimated_cost_currency extra_columns",
    ),
    "workspaces": asked(
        "Names of Anthropic workspaces.",
        "id name status created_at_utc:at is_listed:bool raw archived_at_utc:at",
    ),
    "api_keys": asked(
        "Names of Anthropic keys.",
        "id name status created_at_utc:at is_listed:bool raw workspace_id is_default_workspace:bool created_by",
    ),
    "members": asked(
        "Members of the Anthropic organization.",
        "id name status created_at_utc:at is_listed:bool raw email role",
    ),
}
MODELS = f"""
    select 'anthropic', coalesce(model, ''), coalesce(service_tier = 'batch', false), coalesce(service_tier, ''),
        coalesce(speed, ''), {PRICE_REGION.format(column="inference_geo")}
    from raw_anthropic.messages_usage
"""
SPEC = SourceSpec(
    name="anthropic",
    kind=Kind.API,
    purpose="usage and costs that Anthropic reports",
    tables=TABLES,
    switch="ANTHROPIC_ADMIN_KEY",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="anthropic_base_url",
    credentials=("anthropic_admin_key",),
    models_sql=MODELS,
    has_icon=True,
)
