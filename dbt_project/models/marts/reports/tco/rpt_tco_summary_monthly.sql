{#- What it all costs, by month: five groups that sum to the total, and how that stands to the budget of everything, the
    month before and what was projected for the month before it began. -#}
with
    months as (
        select
            month_start_date,
            {{ money_sum("cost_usd") }} as total_cost_usd,
            {%- for group in cost_groups() %}
                {{ kind_sum(group, "cost_usd", "cost_group") }} as {{ group }}_cost_usd,
            {%- endfor %}
            {%- for component in ["fixed", "variable", "one_time"] %}
                {{ kind_sum(component, "cost_usd", "cost_component") }} as {{ component }}_cost_usd,
            {%- endfor %}
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from {{ ref("fct_tco_monthly") }}
        group by 1
    ),

    budgets as (
        select months.month_start_date, {{ money_sum("budgets.amount_usd") }} as budget_usd
        from months
        inner join
            {{ ref("dim_budgets") }} as budgets
            on budgets.scope_type = 'global'
            and budgets.counts = 'total'
            and budgets.period = 'month'
            and {{ valid_on("budgets", "months.month_start_date") }}
        group by 1
        having count(*) = count(budgets.amount_usd)
    ),

    -- What was said last before a month began, by kind of money; a total needs all kinds that the month has.
    said as (
        select
            period_start_date as month_start_date,
            cost_kind,
            forecast_cost_usd,
            row_number() over (
                partition by period_start_date, cost_kind order by trained_through_date desc, scored_at_utc desc
            ) as newest
        from {{ ref("rpt_projection_accuracy") }}
        where
            (scope_type = 'total' or (scope_type = 'cost_kind' and cost_kind <> 'llm'))
            and trained_through_date < period_start_date
    ),

    kinds as (
        select month_start_date, cast(count(distinct cost_kind) as bigint) as kind_count
        from {{ ref("fct_tco_monthly") }}
        group by 1
    ),

    projections as (
        select
            said.month_start_date,
            case
                when count(*) >= max(kinds.kind_count) then {{ money_sum("said.forecast_cost_usd") }}
            end as projected_cost_usd
        from said
        inner join kinds on kinds.month_start_date = said.month_start_date
        where said.newest = 1
        group by 1
    ),

    compute as (
        select
            month_start_date,
            {{ percent("coalesce(sum(committed_cost_usd), 0)", "sum(effective_cost_usd)") }} as reserved_share_pct
        from {{ ref("rpt_infrastructure_summary") }}
        where section = 'compute'
        group by 1
    ),

    tokens as (
        select month_start_date, {{ percent("sum(cache_read_tokens)", "sum(input_tokens)") }} as cache_hit_rate_pct
        from {{ ref("rpt_cost_monthly") }}
        group by 1
    ),

    joined as (
        select
            months.*,
            previous_months.total_cost_usd as previous_month_cost_usd,
            cast(months.total_cost_usd - previous_months.total_cost_usd as decimal(38, 12)) as change_usd,
            budgets.budget_usd,
            projections.projected_cost_usd,
            previous_projections.projected_cost_usd as previous_projected_cost_usd,
            compute.reserved_share_pct,
            tokens.cache_hit_rate_pct
        from months
        left join
            months as previous_months
            on previous_months.month_start_date
            = cast({{ dbt.dateadd("month", -1, "months.month_start_date") }} as date)
        left join budgets on budgets.month_start_date = months.month_start_date
        left join projections on projections.month_start_date = months.month_start_date
        left join
            projections as previous_projections
            on previous_projections.month_start_date = previous_months.month_start_date
        left join compute on compute.month_start_date = months.month_start_date
        left join tokens on tokens.month_start_date = months.month_start_date
    )

select
    month_start_date,
    total_cost_usd,
    {%- for group in cost_groups() %}
        {{ group }}_cost_usd, {{ percent(group ~ "_cost_usd", "total_cost_usd") }} as {{ group }}_pct,
    {%- endfor %}
    fixed_cost_usd,
    variable_cost_usd,
    one_time_cost_usd,
    unknown_cost_item_count,
    cast(total_cost_usd * 12 as decimal(38, 12)) as annualized_cost_usd,
    previous_month_cost_usd,
    change_usd,
    {{ percent("change_usd", "previous_month_cost_usd") }} as change_pct,
    budget_usd,
    {{ percent("total_cost_usd", "budget_usd") }} as budget_pct,
    projected_cost_usd,
    case
        when previous_projected_cost_usd is not null and previous_month_cost_usd > 0
        then
            cast(
                greatest(
                    0,
                    100 - abs(
                        {{
                            percent(
                                "previous_projected_cost_usd - previous_month_cost_usd", "previous_month_cost_usd"
                            )
                        }}
                    )
                ) as decimal(38, 12)
            )
    end as previous_projection_accuracy_pct,
    reserved_share_pct,
    cache_hit_rate_pct,
    nullif(
        concat_ws(
            ' ',
            case
                when reserved_share_pct < 50
                then
                    'Only '
                    || cast(cast(round(reserved_share_pct, 0) as integer) as string)
                    || ' % of compute is reserved (below 50 %).'
            end,
            case
                when cache_hit_rate_pct < 40
                then
                    'The cache serves '
                    || cast(cast(round(cache_hit_rate_pct, 0) as integer) as string)
                    || ' % of input tokens (below 40 %).'
            end,
            case when total_cost_usd > budget_usd then 'The month is over the budget of everything.' end,
            case
                when unknown_cost_item_count > 0
                then
                    cast(unknown_cost_item_count as string)
                    || ' items have no known cost: the total is at least this much.'
            end
        ),
        ''
    ) as highlights
from joined
