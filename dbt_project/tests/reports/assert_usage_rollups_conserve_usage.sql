{{ config(meta={"dagster": {"ref": {"name": "rpt_usage_daily"}}}) }}
{% set measures = ["list_cost_usd", "contracted_cost_usd", "request_count"] %}
with
    metered as (
        select
            {%- for measure in measures %} coalesce(sum({{ measure }}), 0) as {{ measure }}, {%- endfor %}
            coalesce(sum(case when is_token then quantity end), 0) as total_tokens
        from {{ ref("fct_llm_usage_hourly") }}
    ),

    rollups as (
        {%- for model in [
            "rpt_usage_daily",
            "rpt_cost_daily",
            "rpt_cost_monthly",
            "rpt_cost_by_user_monthly",
            "rpt_metered_cost_daily_reporting_zone",
        ] %}
            {{ 'union all' if not loop.first }}
            select
                '{{ model }}' as rollup,
                {%- for measure in measures + ["total_tokens"] %}
                    coalesce(sum({{ measure }}), 0) as {{ measure }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ ref(model) }}
        {%- endfor %}
    )

select rollups.*
from rollups
cross join metered
where
    {%- for measure in measures + ["total_tokens"] %}
        {{ 'or' if not loop.first }} rollups.{{ measure }} <> metered.{{ measure }}
    {%- endfor %}
