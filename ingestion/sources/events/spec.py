"""Usage events: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import PRICE_REGION, Kind, RawTable, SourceSpec
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, OTHER_METER_COLUMNS, TOKEN_COLUMNS

TABLES = {
    "requests": RawTable(
        "One row per inference call that an application, gateway or trace recorded.",
        "event_id event_source requested_at_utc:at provider_name account_id project_id workspace_id api_key_id "
        "user_id team_id customer_id feature environment session_id trace_id parent_event_id prompt_hash tags "
        "requested_model served_model requested_service_tier served_service_tier is_batch:bool region speed status "
        "error_type is_billable:bool duration_ms:int recorded_cost_usd:dec recorded_cost_text "
        "recorded_cost_decimals:int recorded_cost_kind "
        + " ".join(f"{name}:int" for name in (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, *INFORMATION_COLUMNS))
        + " unknown_usage_reason unresolved_usage",
        names_models=True,
    ),
}
MODELS = f"""
    select
        coalesce(provider_name, '') as provider_name,
        coalesce(served_model, requested_model, '') as model,
        coalesce(is_batch, false) as is_batch,
        coalesce(served_service_tier, requested_service_tier, '') as service_tier,
        coalesce(speed, '') as speed,
        {PRICE_REGION.format(column="region")} as price_region
    from raw_events.requests
"""
SPEC = SourceSpec(
    name="events",
    kind=Kind.FILES,
    purpose="usage events of applications and gateways",
    tables=TABLES,
    switch="COSTOPS_EVENTS_DIR",
    models_sql=MODELS,
)
