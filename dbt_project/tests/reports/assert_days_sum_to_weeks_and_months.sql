{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_monthly"}}}) }}
{% set dimensions = ["provider_id", "model_id", "team_id", "project_id", "cost_center_id", "cost_kind"] %}
{% set measures = cost_money_columns() + cost_count_columns() %}
{% for period, model in [("week", "rpt_cost_weekly"), ("month", "rpt_cost_monthly")] %}
    {{ 'union all' if not loop.first }}
    (
        select '{{ period }}' as period, *
        from
            (
                select
                    cast({{ dbt.date_trunc(period, "usage_date") }} as date) as period_start_date,
                    {{ dimensions | join(", ") }}
                    {%- for measure in measures %}
                        , cast(sum({{ measure }}) as decimal(38, 12)) as {{ measure }}
                    {% endfor %}
                from {{ ref("rpt_cost_daily") }}
                group by 1, 2, 3, 4, 5, 6, 7
                except
                select
                    {{ period }}_start_date,
                    {{ dimensions | join(", ") }}
                    {%- for measure in measures %}, cast({{ measure }} as decimal(38, 12)){% endfor %}
                from {{ ref(model) }}
            ) as days_without_period
    )
{% endfor %}
