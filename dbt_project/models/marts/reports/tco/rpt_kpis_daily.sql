{#- Key figures by day. A figure whose parts are not known that day is NULL, which is not 0. -#}
with
    figures as (
        {%- for kpi, numerator, denominator in [
            ("cost_per_request", "serving_cost_usd", "request_count"),
            ("cost_per_1k_tokens", "1000 * serving_cost_usd", "total_tokens"),
            ("cost_per_user_action", "serving_cost_usd", "action_count"),
            ("gpu_utilization_efficiency", "100 * gpu_used_seconds", "gpu_paid_seconds"),
            ("cost_per_active_user", "serving_cost_30_days_usd", "active_user_count"),
            (
                "infrastructure_unit_cost",
                "3600 * (infrastructure_cost_usd + coalesce(overhead_cost_usd, 0))",
                "gpu_paid_seconds",
            ),
        ] %}
            select
                usage_date,
                '{{ kpi }}' as kpi,
                cast({{ numerator }} as double) as numerator,
                cast({{ denominator }} as double) as denominator
            from {{ ref("int_kpi_days") }} {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select
    {{ surrogate_key(["figures.usage_date", "figures.kpi"]) }} as kpi_daily_key,
    figures.usage_date,
    figures.kpi,
    definitions.kpi_name,
    definitions.unit,
    figures.numerator,
    figures.denominator,
    {{ ratio("figures.numerator", "figures.denominator", 9) }} as kpi_value
from figures
inner join {{ ref("kpi_definitions") }} as definitions on definitions.kpi = figures.kpi
