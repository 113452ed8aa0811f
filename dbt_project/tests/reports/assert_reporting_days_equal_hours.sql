{{ config(meta={"dagster": {"ref": {"name": "rpt_metered_cost_daily_reporting_zone"}}}) }}
{% set measures = ["list_cost_usd", "contracted_cost_usd", "request_count", "total_tokens"] %}
with
    hours as (
        select
            {{ reporting_date("usage_hour_utc") }} as reporting_date,
            provider_id,
            list_cost_usd,
            contracted_cost_usd,
            request_count,
            case when is_token then quantity else 0 end as total_tokens
        from {{ ref("fct_llm_usage_hourly") }}
        where {{ newest_days("usage_date + interval '1' day") }}
    ),

    expected as (
        select
            'day' as period,
            reporting_date,
            provider_id
            {% for measure in measures %}, coalesce(sum({{ measure }}), 0) as {{ measure }}{% endfor %}
        from hours
        where {{ newest_days("reporting_date") }}
        group by 1, 2, 3
        union all
        select
            'all',
            cast(null as date),
            provider_id,
            coalesce(sum(list_cost_usd), 0),
            coalesce(sum(contracted_cost_usd), 0),
            coalesce(sum(request_count), 0),
            sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))
        from {{ ref("int_llm_usage_daily") }}
        group by 1, 2, 3
    ),

    reported as (
        {%- for period, day in [("day", "reporting_date"), ("all", "cast(null as date)")] %}
            {{ 'union all' if not loop.first }}
            select
                '{{ period }}' as period,
                {{ day }} as reporting_date,
                provider_id
                {% for measure in measures %}, coalesce(sum({{ measure }}), 0) as {{ measure }}{% endfor %}
            from {{ ref("rpt_metered_cost_daily_reporting_zone") }}
            {%- if period == "day" %} where {{ newest_days("reporting_date") }} {%- endif %}
            group by 1, 2, 3
        {%- endfor %}
    )

    (
        select *
        from expected
        except
        select *
        from reported
    )
union all
(
    select *
    from reported
    except
    select *
    from expected
)
