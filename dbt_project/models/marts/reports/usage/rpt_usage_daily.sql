{#
  The usage side of every rollup, summed once per day: reports read this table instead of the hourly fact, so that
  each of them costs as much as there are days, not hours and meters. Rebuilt by day, as the fact is.
#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(report_day_fingerprints(ref('int_usage_cost_fingerprints'), this)) }}",
    )
}}
{% set dimensions = [
    "usage_date",
    "provider_id",
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "user_id",
    "team_id",
    "customer_id",
    "feature",
    "environment",
    "model_id",
    "event_source",
] %}
with
    usage_hours as (
        select *
        from {{ ref("fct_llm_usage_hourly") }}
        {%- if is_incremental() %}
            where
                usage_date
                in ({{ days_to_rebuild(report_day_fingerprints(ref("int_usage_cost_fingerprints"), this), this) }})
        {%- endif %}
    ),

    classified as (
        select
            usage_hours.*,
            case when meters.is_token then usage_hours.quantity end as token_quantity,
            meters.is_input_token as is_input,
            usage_hours.meter in ('cache_read', 'audio_cache_read', 'image_cache_read') as is_cache_read
        from usage_hours
        inner join {{ ref("meters") }} as meters on meters.meter = usage_hours.meter
    ),

    daily as (
        select
            {{ dimensions | join(",\n        ") }},
            {{ money_sum("list_cost_usd") }} as list_cost_usd,
            {{ money_sum("contracted_cost_usd") }} as contracted_cost_usd,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(case when is_input then token_quantity end) as bigint) as input_tokens,
            cast(sum(case when is_cache_read then token_quantity end) as bigint) as cache_read_tokens,
            cast(sum(case when not is_input then token_quantity end) as bigint) as output_tokens,
            cast(sum(token_quantity) as bigint) as total_tokens,
            cast(
                sum(case when unpriced_reason is null then 0 * token_quantity else token_quantity end) as bigint
            ) as unpriced_tokens
        from classified
        group by {% for _ in dimensions %} {{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    keyed as (
        select
            *,
            {{ surrogate_key(dimensions) }} as usage_daily_key,
            {{ usage_owner_lookup_key("daily") }} as owner_lookup_key
        from daily
    )

select keyed.*, fingerprints.inputs_fingerprint as _inputs_fingerprint
from keyed
inner join
    {{ report_day_fingerprints(ref("int_usage_cost_fingerprints"), this) }} as fingerprints
    on fingerprints.usage_date = keyed.usage_date
