{#- The hourly fact without hours and meters: what allocation and the dimensions read. Rebuilt by the same
    fingerprints as the fact, so that one more day costs that day. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='usage_date',
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_vanished_days(ref('int_usage_day_fingerprints')) }}"
) }}

{%- set dimensions = ['usage_date', 'provider_id', 'account_id', 'project_id', 'workspace_id', 'api_key_id', 'user_id', 'team_id', 'customer_id', 'feature', 'environment', 'model_id', 'is_billable'] %}
{%- set input_meters = [] %}
{%- for meter in usage_meters() if meter.is_input %}{% do input_meters.append("'" ~ meter.meter ~ "'") %}{% endfor %}

with hourly as (
    select * from {{ ref('fct_llm_usage_hourly') }}
    {%- if is_incremental() %}
    where usage_date in ({{ days_to_rebuild(ref('int_usage_day_fingerprints'), this) }})
    {%- endif %}
),

daily as (
    select
        {{ dimensions | join(', ') }},
        {{ money_sum('list_cost_usd') }} as list_cost_usd,
        {{ money_sum('contracted_cost_usd') }} as contracted_cost_usd,
        cast(count(*) as bigint) as usage_row_count,
        cast(count(*) - count(contracted_cost_usd) as bigint) as unknown_cost_row_count,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(error_count) as bigint) as error_count,
        cast(sum(case when is_token and meter in ({{ input_meters | join(', ') }}) then quantity else 0 end) as bigint) as input_tokens,
        cast(sum(case when is_token and meter not in ({{ input_meters | join(', ') }}) then quantity else 0 end) as bigint) as output_tokens,
        max(_inputs_fingerprint) as _inputs_fingerprint
    from hourly
    group by {% for _ in dimensions %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
)

select * from daily
