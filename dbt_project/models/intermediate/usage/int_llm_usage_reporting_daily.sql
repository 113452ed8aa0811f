{#- The daily usage by days of the reporting zone. Where that is UTC, a view of what is there. Elsewhere a UTC day falls
    into two days, so it is summed once more from its hours; rebuilt by UTC day, as the facts are, and wholly when the
    zone changes, which is part of the fingerprint. -#}
-- depends_on: {{ ref('int_llm_usage_daily') }}
-- depends_on: {{ ref('int_usage_priced_hourly') }}
-- depends_on: {{ ref('int_llm_usage_hourly') }}
-- depends_on: {{ ref('int_usage_recorded_spend') }}
-- depends_on: {{ ref('int_usage_cost_fingerprints') }}
{{
    config(
        materialized="view" if var("reporting_time_zone") == "UTC" else "incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(reporting_day_fingerprints(ref('int_usage_cost_fingerprints'), this)) }}",
    )
}}

{%- set dimensions = daily_usage_dimensions() %}
{%- set measures = [
    "list_cost_usd",
    "contracted_cost_usd",
    "usage_row_count",
    "unknown_cost_row_count",
    "request_count",
    "error_count",
    "input_tokens",
    "output_tokens",
    "spend_usd",
    "unknown_spend_row_count",
] %}

{% if reporting_zone_is_utc() %}
    select
        usage_date as reporting_date,
        cast('UTC' as string) as day_time_zone,
        {{ (dimensions + measures) | join(", ") }},
        _inputs_fingerprint
    from {{ ref("int_llm_usage_daily") }}
{% else %}
    {%- set expected = reporting_day_fingerprints(ref("int_usage_cost_fingerprints"), this) %}
    with
        seen_hours as (
            select distinct usage_hour_utc
            from {{ ref("int_llm_usage_hourly") }}
            {%- if is_incremental() %} where usage_date in ({{ days_to_rebuild(expected, this) }})
            {%- endif %}
        ),

        -- Each hour is placed once, not each row: the zone's calendar is the dear part.
        placed_hours as (
            select usage_hour_utc, {{ reporting_date("usage_hour_utc") }} as reporting_date from seen_hours
        ),

        summed as (
            select
                placed_hours.reporting_date,
                {%- for column in dimensions if column != 'cost_basis' %} hourly.{{ column }},
                {%- endfor %}
                coalesce(recorded.cost_basis, 'contracted') as cost_basis,
                {{ money_sum("hourly.list_cost_usd") }} as list_cost_usd,
                {{ money_sum("hourly.contracted_cost_usd") }} as contracted_cost_usd,
                cast(count(*) as bigint) as usage_row_count,
                cast(count(*) - count(hourly.contracted_cost_usd) as bigint) as unknown_cost_row_count,
                cast(sum(hourly.request_count) as bigint) as request_count,
                cast(sum(hourly.error_count) as bigint) as error_count,
                cast(
                    sum(case when hourly.meter in {{ token_meters("input") }} then hourly.quantity else 0 end) as bigint
                ) as input_tokens,
                cast(
                    sum(
                        case when hourly.meter in {{ token_meters("output") }} then hourly.quantity else 0 end
                    ) as bigint
                ) as output_tokens,
                {{ money_sum(metered_spend("hourly", "recorded")) }} as spend_usd,
                cast(count(*) - count({{ metered_spend("hourly", "recorded") }}) as bigint) as unknown_spend_row_count
            from {{ ref("int_usage_priced_hourly") }} as hourly
            inner join placed_hours on placed_hours.usage_hour_utc = hourly.usage_hour_utc
            left join {{ ref("int_usage_recorded_spend") }} as recorded on recorded.usage_row_id = hourly.usage_row_id
            {%- if is_incremental() %} where hourly.usage_date in ({{ days_to_rebuild(expected, this) }})
            {%- endif %}
            group by 1{% for _ in dimensions %}, {{ loop.index + 1 }}{% endfor %}
        )

    select
        summed.reporting_date,
        cast('{{ var("reporting_time_zone") }}' as string) as day_time_zone,
        {%- for column in dimensions + measures %} summed.{{ column }},
        {%- endfor %}
        fingerprints.inputs_fingerprint as _inputs_fingerprint
    from summed
    inner join {{ expected }} as fingerprints on fingerprints.usage_date = summed.usage_date
{% endif %}
