{#- Requests are aggregated to the grain at which prices are constant (hour × dimensions × price card), then taken
    apart into meters, then priced: exact, and far cheaper than pricing each event. Rebuilt by whole days: those whose
    fingerprint differs from the stored one (new, replaced or vanished files, changed prices) and the look-back window. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='usage_date',
    on_schema_change='append_new_columns',
    pre_hook="{{ delete_vanished_days(ref('int_usage_day_fingerprints')) }}"
) }}

{%- set dimensions = ['usage_hour_utc', 'usage_date'] + context_columns() + usage_dimensions() + ['price_card_number'] %}
{%- set key_columns = ['cards.price_card_key'] %}
{%- for column in dimensions if column != 'price_card_number' %}{% do key_columns.append('hourly.' ~ column) %}{% endfor %}

with requests as (
    select * from {{ ref('int_requests_carded') }}
    {%- if is_incremental() %}
    {%- set bounds = rebuild_bounds(ref('int_usage_day_fingerprints'), this) %}
    where
        requested_at_utc >= cast('{{ bounds[0] }}' as timestamp)
        and requested_at_utc < cast('{{ bounds[1] }}' as timestamp) + interval '1' day
        and usage_date in ({{ days_to_rebuild(ref('int_usage_day_fingerprints'), this) }})
    {%- endif %}
),

hourly as (
    select
        {{ dimensions | join(', ') }},
        {%- for column in usage_columns() + ['billable_audio_milliseconds', 'request_count', 'billable_request_count'] %}
        cast(sum({{ column }}) as bigint) as {{ column }},
        {%- endfor %}
        cast(sum(case when is_error then 1 else 0 end) as bigint) as error_count,
        cast(count(recorded_cost_usd) as bigint) as recorded_cost_request_count,
        {{ money_sum('recorded_cost_usd') }} as recorded_cost_usd
    from requests
    group by {% for _ in dimensions %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
),

described as (
    select
        hourly.*,
        {{ surrogate_key(key_columns) }} as group_key,
        contexts.provider_id,
        contexts.model_id,
        contexts.price_variant,
        contexts.unpriced_reason as context_unpriced_reason,
        cards.price_card_key,
        cards.context_tier,
        fingerprints.inputs_fingerprint
    from hourly
    inner join {{ ref('int_usage_day_fingerprints') }} as fingerprints
        on fingerprints.usage_date = hourly.usage_date
    left join {{ ref('int_usage_contexts') }} as contexts
        on {{ same_context('contexts', 'hourly') }}
    left join {{ ref('int_price_cards') }} as cards
        on cards.price_card_number = hourly.price_card_number
),

metered as (
    {%- for meter in usage_meters() %}
    select
        group_key, {{ dimensions | join(', ') }},
        provider_id, model_id, price_variant, context_unpriced_reason, price_card_key, context_tier, inputs_fingerprint,
        '{{ meter.meter }}' as meter, '{{ meter.unit }}' as unit, {{ meter.is_token }} as is_token,
        {{ meter.column }} as quantity,
        case when is_billable then {{ meter.billed }} else 0 end as billable_quantity,
        {%- set is_request = meter.meter == 'request' %}
        {{ 'request_count' if is_request else 'cast(null as bigint)' }} as request_count,
        {{ 'error_count' if is_request else 'cast(null as bigint)' }} as error_count,
        {{ 'recorded_cost_request_count' if is_request else 'cast(null as bigint)' }} as recorded_cost_request_count,
        {{ 'recorded_cost_usd' if is_request else 'cast(null as decimal(38, 12))' }} as recorded_cost_usd
    from described
    where {{ meter.column }} <> 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

priced as (
    select
        metered.*,
        prices.price_key,
        prices.list_price_usd_per_unit,
        prices.contracted_price_usd_per_unit,
        prices.is_charged,
        metered.billable_quantity <> 0 and metered.meter = 'request' and not metered.has_reported_usage as is_unknown_usage
    from metered
    left join {{ ref('int_price_card_meters') }} as prices
        on prices.price_card_number = metered.price_card_number
        and prices.meter = metered.meter
)

select
    group_key || '-' || meter as usage_hourly_key,
    usage_hour_utc,
    usage_date,
    provider_id,
    account_id, project_id, workspace_id, api_key_id, user_id, team_id, customer_id, feature, environment,
    model_id,
    nullif(model, '') as raw_model,
    nullif(service_tier, '') as service_tier,
    is_batch,
    nullif(speed, '') as speed,
    price_variant, context_tier, price_card_key, region, event_source, is_billable, has_reported_usage,
    meter, unit, is_token, quantity, billable_quantity, request_count, error_count, recorded_cost_request_count,
    price_key, list_price_usd_per_unit, contracted_price_usd_per_unit,
    {{ metered_cost('list_price_usd_per_unit') }} as list_cost_usd,
    {{ metered_cost('contracted_price_usd_per_unit') }} as contracted_cost_usd,
    recorded_cost_usd,
    case
        when billable_quantity = 0 then cast(null as varchar)
        when is_unknown_usage then 'usage_not_reported'
        when contracted_price_usd_per_unit is not null then cast(null as varchar)
        when price_card_number is not null then 'no_price_for_meter'
        else coalesce(context_unpriced_reason, 'no_price_at_time')
    end as unpriced_reason,
    inputs_fingerprint as _inputs_fingerprint
from priced
-- Surcharges exist only where the list prices them; the counts behind them lie inside output.
where coalesce(is_charged, false) or meter not in ('reasoning_surcharge', 'citation_surcharge')
