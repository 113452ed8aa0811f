{#- What-ifs beside what was: each whole month as if the changes of a scenario had held in it. Changes apply in the
    order of the file: a percentage to every line that it is about, those added by earlier rows included. What usage
    grows by says something of months to come only (costops tco --scenario). -#}
with
    whole_months as (
        select month_start_date
        from {{ ref("fct_tco_monthly") }}
        group by 1
        having
            max(day_count)
            >=
            {{ days_between("month_start_date", "cast(" ~ dbt.dateadd("month", 1, "month_start_date") ~ " as date)") }}
    ),

    changes as (
        select *, row_number() over (partition by scenario_id order by _source_row) as step
        from {{ ref("stg_org__tco_scenarios") }}
    ),

    scenarios as (
        select 'baseline' as scenario_id, 'As it was' as scenario_name
        union all
        select scenario_id, max(scenario_name)
        from changes
        group by 1
    ),

    additions as (
        {%- for usd in ["monthly_usd", ratio("one_time_usd", "coalesce(amortization_months, 36)", 12)] %}
            select
                scenario_id,
                step,
                cost_group,
                coalesce(category, cost_group, 'other') as category,
                coalesce(item_id, 'scenario:' || cast(step as string)) as item_id,
                lower(coalesce(provider_name, 'other')) as provider,
                {{ usd }} as cost_usd
            from changes
            where {{ usd }} is not null {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    lines as (
        select
            costs.month_start_date,
            scenarios.scenario_id,
            cast(0 as bigint) as step,
            costs.tco_monthly_key as line_id,
            costs.cost_group,
            costs.category,
            costs.item_id,
            coalesce(costs.provider_id, 'other') as provider,
            costs.cost_usd
        from {{ ref("fct_tco_monthly") }} as costs
        inner join whole_months on whole_months.month_start_date = costs.month_start_date
        cross join scenarios
        where costs.cost_usd is not null
        union all
        select
            whole_months.month_start_date,
            additions.scenario_id,
            additions.step,
            cast(row_number() over (order by additions.scenario_id, additions.step) as string),
            coalesce(additions.cost_group, {{ cost_group(own_cost_kind("additions.category"), "additions.category") }}),
            additions.category,
            additions.item_id,
            additions.provider,
            additions.cost_usd
        from additions
        cross join whole_months
    ),

    -- All percentages that come after a line, multiplied.
    factors as (
        select
            lines.month_start_date,
            lines.scenario_id,
            lines.step,
            lines.line_id,
            case
                when min(changes.change_pct) <= -100
                then 0
                else exp(sum(ln(1 + cast(greatest(changes.change_pct, -99.999999999999) as double) * 0.01)))
            end as factor
        from lines
        inner join
            changes
            on changes.scenario_id = lines.scenario_id
            and changes.step > lines.step
            and coalesce(changes.cost_group, lines.cost_group) = lines.cost_group
            and coalesce(changes.category, lines.category) = lines.category
            and coalesce(changes.item_id, lines.item_id) = lines.item_id
            and coalesce(lower(changes.provider_name), lines.provider) = lines.provider
        where changes.change_pct is not null
        group by 1, 2, 3, 4
    ),

    changed as (
        select
            lines.*,
            case
                when factors.factor is null
                then lines.cost_usd
                else {{ rounded("cast(lines.cost_usd as double) * factors.factor", 9) }}
            end as scenario_cost_usd
        from lines
        left join
            factors
            on factors.month_start_date = lines.month_start_date
            and factors.scenario_id = lines.scenario_id
            and factors.step = lines.step
            and factors.line_id = lines.line_id
    ),

    members as (
        {%- for dimension, column in [
            ("total", "'total'"),
            ("cost_group", "cost_group"),
            ("category", "category"),
            ("provider", "provider"),
        ] %}
            select
                month_start_date,
                scenario_id,
                '{{ dimension }}' as dimension,
                {{ column }} as member,
                {{ money_sum("scenario_cost_usd") }} as cost_usd,
                {{ money_sum("case when step = 0 then cost_usd else 0 end") }} as baseline_cost_usd
            from changed
            group by 1, 2, 4 {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select
    {{ surrogate_key(["members.month_start_date", "members.scenario_id", "members.dimension", "members.member"]) }}
    as tco_scenario_key,
    members.month_start_date,
    members.scenario_id,
    scenarios.scenario_name,
    members.dimension,
    members.member,
    members.cost_usd,
    cast(members.cost_usd * 12 as decimal(38, 12)) as annualized_cost_usd,
    members.baseline_cost_usd,
    members.cost_usd - members.baseline_cost_usd as difference_usd,
    {{ percent("members.cost_usd - members.baseline_cost_usd", "members.baseline_cost_usd") }} as difference_pct
from members
inner join scenarios on scenarios.scenario_id = members.scenario_id
