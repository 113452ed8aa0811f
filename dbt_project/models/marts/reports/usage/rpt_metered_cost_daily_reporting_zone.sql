{#- Metered usage by days of the reporting zone: what a bill knows by UTC day only is not here. Owners are those of the
    UTC day of each hour, as everywhere else. -#}
with
    usage_days as (
        select usage_lines.*, {{ usage_owner_lookup_key("usage_lines") }} as owner_lookup_key
        from {{ ref("int_llm_usage_reporting_daily") }} as usage_lines
    ),

    owned as (
        select
            usage_days.reporting_date,
            usage_days.provider_id,
            usage_days.model_id,
            owners.team_id,
            coalesce(owners.owner_project_id, usage_days.project_id) as project_id,
            coalesce(owners.cost_center_id, 'unallocated') as cost_center_id,
            {{ money_sum("usage_days.list_cost_usd") }} as list_cost_usd,
            {{ money_sum("usage_days.contracted_cost_usd") }} as contracted_cost_usd,
            cast(sum(usage_days.unknown_cost_row_count) as bigint) as unknown_cost_row_count,
            cast(sum(usage_days.request_count) as bigint) as request_count,
            cast(sum(usage_days.input_tokens) as bigint) as input_tokens,
            cast(sum(usage_days.output_tokens) as bigint) as output_tokens
        from usage_days
        left join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = usage_days.owner_lookup_key
        group by 1, 2, 3, 4, 5, 6
    ),

    seen_hours as (select distinct usage_hour_utc from {{ ref("int_llm_usage_hourly") }}),

    days as (
        select {{ reporting_date("usage_hour_utc") }} as reporting_date, cast(count(*) as bigint) as hour_count
        from seen_hours
        group by 1
    ),

    bounded as (
        select reporting_date, hour_count, cast(reporting_date + interval '1' day as date) as next_date from days
    ),

    timed as (
        select
            reporting_date,
            hour_count,
            {{ reporting_day_start("reporting_date") }} as day_start_at_utc,
            {{ reporting_day_start("next_date") }} as day_end_at_utc
        from bounded
    )

select
    {{
        surrogate_key(
            [
                "owned.reporting_date",
                "owned.provider_id",
                "owned.model_id",
                "owned.team_id",
                "owned.project_id",
                "owned.cost_center_id",
            ]
        )
    }} as metered_cost_daily_key,
    owned.reporting_date,
    cast('{{ var("reporting_time_zone") }}' as string) as day_time_zone,
    timed.day_start_at_utc,
    timed.day_end_at_utc,
    cast(
        {{ microseconds_between("timed.day_start_at_utc", "timed.day_end_at_utc") }} / 3600000000 as bigint
    ) as hours_in_day,
    timed.hour_count,
    owned.provider_id,
    owned.model_id,
    owned.team_id,
    owned.project_id,
    owned.cost_center_id,
    owned.list_cost_usd,
    owned.contracted_cost_usd,
    owned.unknown_cost_row_count,
    owned.request_count,
    owned.input_tokens,
    owned.output_tokens,
    coalesce(owned.input_tokens, 0) + coalesce(owned.output_tokens, 0) as total_tokens
from owned
inner join timed on timed.reporting_date = owned.reporting_date
