with
    daily as (select *, {{ month_of("usage_date") }} as month_start_date from {{ ref("rpt_cost_daily") }}),

    scoped as (
        {%- for scope_type in ["provider", "model", "team", "project", "cost_center"] %}
            {{ 'union all' if not loop.first }}
            select
                '{{ scope_type }}' as scope_type,
                {{ scope_type }}_id as scope_id,
                month_start_date,
                cost_kind,
                spend_usd
            from daily
        {%- endfor %}
    ),

    subjects as (
        select
            month_start_date,
            scope_type,
            coalesce(scope_id, case when scope_type = 'team' then 'unallocated' else 'none' end) as scope_id,
            scope_id is not null as is_named,
            cast(sum(spend_usd) as decimal(38, 12)) as spend_usd,
            {%- for kind in ["llm", "infrastructure", "own"] %}
                cast(
                    coalesce(sum(case when cost_kind = '{{ kind }}' then spend_usd end), 0) as decimal(38, 12)
                ) as {{ kind }}_spend_usd{{ ',' if not loop.last }}
            {%- endfor %}
        from scoped
        group by 1, 2, 3, 4
        having sum(spend_usd) is not null
    )

select
    month_start_date,
    scope_type,
    scope_id,
    is_named,
    spend_usd,
    llm_spend_usd,
    infrastructure_spend_usd,
    own_spend_usd,
    {{ ratio("spend_usd", "sum(spend_usd) over (partition by month_start_date, scope_type)", 12) }}
    as spend_share_ratio,
    cast(
        row_number() over (
            partition by month_start_date, scope_type order by is_named desc, spend_usd desc, scope_id
        ) as bigint
    ) as spend_rank
from subjects
