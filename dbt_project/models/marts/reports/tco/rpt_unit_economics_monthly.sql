{#- What one of something costs, by month: the whole by its quantities, features and customers by what their metered
    usage costs at contract prices. Quantities that nothing measures come from business_metrics.csv; so does
    revenue. -#}
with
    totals as (
        select
            month_start_date,
            {{ money_sum("cost_usd") }} as cost_usd,
            {{ money_sum("case when cost_kind = 'llm' then cost_usd end") }} as llm_cost_usd
        from {{ ref("fct_tco_monthly") }}
        group by 1
    ),

    usage as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            cast(sum(request_count) as decimal(38, 12)) as requests,
            cast(count(distinct user_id) as decimal(38, 12)) as active_users
        from {{ ref("int_llm_usage_daily") }}
        group by 1
    ),

    stated as (
        select
            {{ month_of("valid_from_utc") }} as month_start_date,
            metric,
            coalesce(subject_type, '') as subject_type,
            coalesce(subject_id, '') as subject_id,
            cast(sum(value) as decimal(38, 12)) as quantity
        from {{ ref("stg_org__business_metrics") }}
        group by 1, 2, 3, 4
    ),

    revenues as (
        select month_start_date, subject_type, subject_id, quantity as revenue_usd
        from stated
        where metric = 'revenue_usd'
    ),

    quantities as (
        select month_start_date, 'request' as unit, requests as quantity, 'metered' as quantity_source
        from usage
        union all
        select
            usage.month_start_date,
            'query',
            coalesce(stated.quantity, usage.requests),
            case when stated.quantity is null then 'metered' else 'stated' end
        from usage
        left join
            stated
            on stated.month_start_date = usage.month_start_date
            and stated.metric = 'queries'
            and stated.subject_type = ''
        union all
        select
            usage.month_start_date,
            'thousand_queries',
            cast(coalesce(stated.quantity, usage.requests) * cast(0.001 as decimal(3, 3)) as decimal(38, 12)),
            case when stated.quantity is null then 'metered' else 'stated' end
        from usage
        left join
            stated
            on stated.month_start_date = usage.month_start_date
            and stated.metric = 'queries'
            and stated.subject_type = ''
        union all
        select
            usage.month_start_date,
            'active_user',
            coalesce(stated.quantity, usage.active_users),
            case when stated.quantity is null then 'metered' else 'stated' end
        from usage
        left join
            stated
            on stated.month_start_date = usage.month_start_date
            and stated.metric = 'active_users'
            and stated.subject_type = ''
        union all
        select month_start_date, case when metric = 'documents' then 'document' else metric end, quantity, 'stated'
        from stated
        where subject_type = '' and metric not in ('queries', 'active_users', 'revenue_usd')
    ),

    subjects as (
        {%- for subject, column in [("feature", "feature"), ("customer", "customer_id")] %}
            select
                {{ month_of("usage_date") }} as month_start_date,
                '{{ subject }}' as unit,
                {{ column }} as subject_id,
                cast(sum(request_count) as decimal(38, 12)) as request_count,
                {{ money_sum("contracted_cost_usd") }} as cost_usd,
                cast(sum(unknown_cost_row_count) as bigint) as unknown_cost_row_count
            from {{ ref("int_llm_usage_daily") }}
            where {{ column }} is not null
            group by 1, 3 {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    rows_of_both as (
        select
            quantities.month_start_date,
            quantities.unit,
            cast(null as string) as subject_id,
            quantities.quantity,
            quantities.quantity_source,
            'total' as counts,
            totals.cost_usd,
            totals.llm_cost_usd,
            revenues.revenue_usd
        from quantities
        inner join totals on totals.month_start_date = quantities.month_start_date
        left join revenues on revenues.month_start_date = quantities.month_start_date and revenues.subject_type = ''
        union all
        select
            subjects.month_start_date,
            subjects.unit,
            subjects.subject_id,
            subjects.request_count,
            'metered',
            'llm',
            subjects.cost_usd,
            subjects.cost_usd,
            revenues.revenue_usd
        from subjects
        left join
            revenues
            on revenues.month_start_date = subjects.month_start_date
            and revenues.subject_type = subjects.unit
            and revenues.subject_id = subjects.subject_id
    )

select
    {{ surrogate_key(["month_start_date", "unit", "subject_id"]) }} as unit_economics_key,
    month_start_date,
    unit,
    subject_id,
    quantity,
    quantity_source,
    counts,
    cost_usd,
    llm_cost_usd,
    {{ ratio("cost_usd", "quantity", 9) }} as cost_per_unit_usd,
    {{ ratio("llm_cost_usd", "quantity", 9) }} as llm_cost_per_unit_usd,
    revenue_usd,
    cast(revenue_usd - cost_usd as decimal(38, 12)) as margin_usd,
    {{ percent("revenue_usd - cost_usd", "revenue_usd") }} as margin_pct
from rows_of_both
