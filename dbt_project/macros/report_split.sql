{#- The arithmetic of int_reported_shares, from `matched`, `reported`, `counted` and `event_groups` to `parts`. -#}
{% macro split_ctes() -%}
floored as (
    select
        matched.event_group_key, matched.meter, matched.reported_meter, matched.reported_usage_key, reported.usage_date,
        reported.quantity as reported_quantity,
        case
            when matched.counted_quantity <= reported.quantity then matched.quantity
            else {{ whole_share('matched.quantity', 'reported.quantity', 'matched.counted_quantity') }}
        end as floor_quantity,
        case
            when matched.counted_quantity <= reported.quantity then 0
            else {{ share_remainder('matched.quantity', 'reported.quantity', 'matched.counted_quantity') }}
        end as remainder,
        matched.counted_quantity > reported.quantity as is_scaled
    from matched
    inner join reported
        on reported.reported_usage_key = matched.reported_usage_key
        and reported.meter = matched.reported_meter
),

dealt as (
    select
        *,
        reported_quantity - sum(floor_quantity) over (partition by reported_usage_key, reported_meter) as left_over,
        row_number() over (
            partition by reported_usage_key, reported_meter order by remainder desc, event_group_key, meter
        ) as deal_rank
    from floored
),

shares as (
    select
        usage_date, reported_usage_key, event_group_key, meter, reported_meter, false as is_unseen,
        floor_quantity + case when is_scaled and deal_rank <= left_over then 1 else 0 end as quantity
    from dealt
),

seen as (
    select reported_usage_key, reported_meter, sum(quantity) as quantity from shares group by 1, 2
),

unseen as (
    select
        reported.usage_date, reported.reported_usage_key, cast(null as varchar) as event_group_key, reported.meter,
        reported.meter as reported_meter, true as is_unseen, reported.quantity - coalesce(seen.quantity, 0) as quantity
    from reported
    left join seen
        on seen.reported_usage_key = reported.reported_usage_key
        and seen.reported_meter = reported.meter
),

reported_by_day as (
    select distinct event_source, usage_date, meter from reported
),

kept as (
    select
        groups.usage_date, cast(null as varchar) as reported_usage_key, counted.event_group_key, counted.meter,
        counted.reported_meter, false as is_unseen, counted.quantity
    from counted
    inner join event_groups as groups
        on groups.event_group_key = counted.event_group_key
    left join reported_by_day
        on reported_by_day.event_source = groups.report_source
        and reported_by_day.usage_date = groups.usage_date
        and reported_by_day.meter = counted.reported_meter
    -- Reasoning and citations are information inside output; on their own they would be rows without usage.
    where reported_by_day.meter is null and counted.meter not in ('reasoning_surcharge', 'citation_surcharge')
),

parts as (
    {% for name in ['shares', 'unseen', 'kept'] -%}
    select usage_date, reported_usage_key, event_group_key, meter, is_unseen, cast(quantity as bigint) as quantity
    from {{ name }}
    where quantity <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endmacro %}
