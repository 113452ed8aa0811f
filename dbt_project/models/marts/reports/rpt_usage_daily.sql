{#
  The usage side of every rollup, summed once: reports read this table instead of the hourly fact, so each of them
  costs as much as there are days, not hours and meters.
#}
with usage_hours as (
    select * from {{ ref('fct_llm_usage_hourly') }}
),

meters as (
    select * from {{ ref('meters') }}
),

classified as (
    select
        usage_hours.*,
        user_id as user_key,
        cast(null as varchar) as cost_center_id,
        case when meters.is_token then usage_hours.quantity end as token_quantity,
        coalesce(meters.is_input_token, false) as is_input,
        usage_hours.meter in ('cache_read', 'audio_cache_read', 'image_cache_read') as is_cache_read,
        usage_hours.unpriced_reason is not null as is_unpriced
    from usage_hours
    left join meters on meters.meter = usage_hours.meter
),

daily as (
    select
        usage_date,
        provider_id,
        account_id,
        project_id,
        workspace_id,
        api_key_id,
        team_id,
        user_key,
        cost_center_id,
        model_id,
        cast(sum(list_cost_usd) as decimal(38, 12)) as list_cost_usd,
        cast(sum(contracted_cost_usd) as decimal(38, 12)) as contracted_cost_usd,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(case when is_input then token_quantity end) as bigint) as input_tokens,
        cast(sum(case when is_cache_read then token_quantity end) as bigint) as cache_read_tokens,
        cast(sum(case when not is_input then token_quantity end) as bigint) as output_tokens,
        cast(sum(token_quantity) as bigint) as total_tokens,
        cast(sum(case when is_unpriced then token_quantity else 0 * token_quantity end) as bigint) as unpriced_tokens
    from classified
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)

select
    {{ surrogate_key(['usage_date', 'provider_id', 'account_id', 'project_id', 'workspace_id', 'api_key_id', 'team_id',
        'user_key', 'model_id']) }} as usage_daily_key,
    *
from daily
