{#- From `candidates` to `ranked`: which reported row an event group belongs to. Rows that agree in as many names are
    told apart by size: groups that have no choice take their part first, and the others go, with all their meters, to
    the row whose remainder holds most of them, then to the one they leave least over of. -#}
{% macro best_fit_ctes() -%}
    agreed as (select *, max(agreement) over (partition by event_group_key, meter) as best_agreement from candidates),

    best as (
        select *, count(*) over (partition by event_group_key, meter) as choice_count
        from agreed
        where agreement = best_agreement
    ),

    certain as (
        select reported_usage_key, reported_meter, sum(quantity) as quantity
        from best
        where choice_count = 1
        group by 1, 2
    ),

    open_choices as (
        select
            best.event_group_key,
            best.reported_usage_key,
            best.reported_meter,
            sum(best.quantity) as quantity,
            greatest(max(best.reported_quantity) - coalesce(max(certain.quantity), 0), 0) as remainder
        from best
        left join
            certain
            on certain.reported_usage_key = best.reported_usage_key
            and certain.reported_meter = best.reported_meter
        where best.choice_count > 1
        group by 1, 2, 3
    ),

    fits as (
        select
            event_group_key,
            reported_usage_key,
            sum(least(quantity, remainder)) as fitting_quantity,
            sum(remainder - least(quantity, remainder)) as left_over_quantity
        from open_choices
        group by 1, 2
    ),

    ranked as (
        select
            best.*,
            row_number() over (
                partition by best.event_group_key, best.meter
                order by
                    coalesce(fits.fitting_quantity, 0) desc,
                    coalesce(fits.left_over_quantity, 0),
                    best.reported_quantity desc,
                    best.reported_usage_key
            ) as candidate_rank
        from best
        left join
            fits on fits.event_group_key = best.event_group_key and fits.reported_usage_key = best.reported_usage_key
    )
{%- endmacro %}

{#- The arithmetic of int_reported_shares, from `matched`, `reported`, `counted` and `event_groups` to `parts`. -#}
{% macro split_ctes() -%}
    floored as (
        select
            matched.event_group_key,
            matched.meter,
            matched.reported_meter,
            matched.reported_usage_key,
            reported.usage_date,
            reported.quantity as reported_quantity,
            case
                when matched.counted_quantity <= reported.quantity
                then matched.quantity
                else {{ whole_share("matched.quantity", "reported.quantity", "matched.counted_quantity") }}
            end as floor_quantity,
            case
                when matched.counted_quantity <= reported.quantity
                then 0
                else {{ share_remainder("matched.quantity", "reported.quantity", "matched.counted_quantity") }}
            end as remainder,
            matched.counted_quantity > reported.quantity as is_scaled
        from matched
        inner join
            reported
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
            usage_date,
            reported_usage_key,
            event_group_key,
            meter,
            reported_meter,
            false as is_unseen,
            floor_quantity + case when is_scaled and deal_rank <= left_over then 1 else 0 end as quantity
        from dealt
    ),

    seen as (select reported_usage_key, reported_meter, sum(quantity) as quantity from shares group by 1, 2),

    unseen as (
        select
            reported.usage_date,
            reported.reported_usage_key,
            cast(null as string) as event_group_key,
            reported.meter,
            reported.meter as reported_meter,
            true as is_unseen,
            reported.quantity - coalesce(seen.quantity, 0) as quantity
        from reported
        left join seen on seen.reported_usage_key = reported.reported_usage_key and seen.reported_meter = reported.meter
    ),

    reported_by_day as (select distinct event_source, usage_date, meter from reported),

    kept as (
        select
            groups.usage_date,
            cast(null as string) as reported_usage_key,
            counted.event_group_key,
            counted.meter,
            counted.reported_meter,
            false as is_unseen,
            counted.quantity
        from counted
        inner join event_groups as groups on groups.event_group_key = counted.event_group_key
        left join
            reported_by_day
            on reported_by_day.event_source = groups.report_source
            and reported_by_day.usage_date = groups.usage_date
            and reported_by_day.meter = counted.reported_meter
        -- Reasoning and citations are information inside output; on their own they would be rows without usage.
        where reported_by_day.meter is null and counted.meter not in ('reasoning_surcharge', 'citation_surcharge')
    ),

    parts as (
        {% for name in ["shares", "unseen", "kept"] -%}
            select
                usage_date, reported_usage_key, event_group_key, meter, is_unseen, cast(quantity as bigint) as quantity
            from {{ name }}
            where quantity <> 0 {{ 'union all' if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}
