with
    series as (select * from {{ ref("rpt_spend_series_daily") }}),

    {% set windows = {
        "month_to_date_spend_usd": ", date_trunc('month', usage_date)",
        "year_to_date_spend_usd": ", date_trunc('year', usage_date)",
        "cumulative_spend_usd": "",
    } -%}
    running as (
        select
            series_id,
            scope_type,
            scope_id,
            {{ series_cost_kind() }} as cost_kind,
            usage_date,
            spend_usd
            {%- for column, period in windows.items() %}
                ,
                cast(
                    sum(spend_usd) over (
                        partition by scope_type, scope_id{{ period }}
                        order by usage_date
                        rows between unbounded preceding and current row
                    ) as decimal(38, 12)
                ) as {{ column }}
            {%- endfor %}
        from series
    )

select *
from running
