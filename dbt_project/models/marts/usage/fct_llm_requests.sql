{{ config(materialized="view") }}

select
    event_id as request_key,
    event_id,
    requested_at_utc,
    usage_date,
    usage_hour_utc,
    event_source,
    provider_id,
    account_id,
    project_id,
    workspace_id,
    api_key_id,
    user_id,
    team_id,
    customer_id,
    feature,
    environment,
    session_id,
    trace_id,
    parent_event_id,
    tags,
    model_id,
    nullif(model, '') as raw_model,
    nullif(service_tier, '') as service_tier,
    is_batch,
    nullif(speed, '') as speed,
    region,
    price_variant,
    context_tier,
    price_card_key,
    status,
    error_type,
    is_billable,
    has_reported_usage,
    unknown_usage_reason is not null as has_unknown_usage,
    unresolved_usage,
    input_tokens,
    uncached_input_tokens,
    {{ token_sum(["cache_read", "audio_cache_read", "image_cache_read"]) }} as cache_read_tokens,
    {{ token_sum(["cache_write", "cache_write_5m", "cache_write_1h"]) }} as cache_write_tokens,
    all_output_tokens as output_tokens,
    reasoning_tokens,
    input_tokens + all_output_tokens as total_tokens,
    recorded_cost_usd,
    recorded_cost_decimals,
    recorded_cost_kind,
    list_cost_usd,
    contracted_cost_usd,
    case when is_billable then priced_list_cost_usd else cast(0 as decimal(38, 12)) end as priced_meters_list_cost_usd,
    case
        when not is_billable then cast(0 as decimal(38, 12)) when not is_priced_by_month then priced_contracted_cost_usd
    end as priced_meters_contracted_cost_usd,
    case
        when not is_billable
        then cast(0 as bigint)
        when price_card_id is not null
        then cast(contracted_unpriced_count as bigint)
    end as unpriced_meter_count,
    unpriced_reason,
    duration_ms
from {{ ref("int_requests_priced") }}
