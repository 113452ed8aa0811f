{#
  An average divides by the days it knows: inside the observed range of the series a day without rows is a known
  zero, a day of nothing but usage of unknown cost is left out, and nothing before the first day counts.
#}
with
    series as (select * from {{ ref("rpt_spend_series_daily") }}),

    windowed as (
        select
            series_id,
            scope_type,
            scope_id,
            {{ series_cost_kind() }} as cost_kind,
            usage_date,
            is_observed,
            spend_usd
            {%- for days in [7, 14, 30] %}
                ,
                cast(
                    sum(spend_usd) over (
                        partition by scope_type, scope_id
                        order by usage_date rows between {{ days - 1 }} preceding and current row
                    ) as decimal(38, 12)
                ) as trailing_{{ days }}_day_spend_usd,
                cast(
                    count(spend_usd) over (
                        partition by scope_type, scope_id
                        order by usage_date rows between {{ days - 1 }} preceding and current row
                    ) as bigint
                ) as trailing_{{ days }}_day_known_days
            {%- endfor %}
        from series
    )

select
    series_id,
    scope_type,
    scope_id,
    cost_kind,
    usage_date,
    is_observed,
    spend_usd
    {%- for days in [7, 14, 30] %}
        ,
        trailing_{{ days }}_day_spend_usd,
        trailing_{{ days }}_day_known_days,
        {{ ratio("trailing_" ~ days ~ "_day_spend_usd", "trailing_" ~ days ~ "_day_known_days", 12) }}
        as trailing_{{ days }}_day_average_usd_per_day
    {%- endfor %}
from windowed
