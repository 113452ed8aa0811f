{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
with
    requests as (
        select
            usage_date,
            provider_id,
            raw_model,
            sum(priced_meters_list_cost_usd) as list_cost_usd,
            sum(priced_meters_contracted_cost_usd) as contracted_cost_usd
        from {{ ref("fct_llm_requests") }}
        where
            {{ newest_days("usage_date") }}
            and has_reported_usage
            and not has_unknown_usage
            and usage_date not in (select usage_date from {{ ref("int_report_coverage") }})
            and usage_date not in (select usage_date from {{ ref("int_usage_agreed_parts") }})
        group by 1, 2, 3
    ),

    hourly as (
        select
            usage_date,
            provider_id,
            raw_model,
            coalesce(sum(list_cost_usd), 0) as list_cost_usd,
            coalesce(sum(contracted_cost_usd), 0) as contracted_cost_usd
        from {{ ref("fct_llm_usage_hourly") }}
        where
            {{ newest_days("usage_date") }}
            and has_reported_usage
            and unknown_usage_reason is null
            and event_source not like 'api/%'
            and usage_date not in (select usage_date from {{ ref("int_report_coverage") }})
            and usage_date not in (select usage_date from {{ ref("int_usage_agreed_parts") }})
        group by 1, 2, 3
    )

    (
        select *
        from requests
        except
        select *
        from hourly
    )
union all
(
    select *
    from hourly
    except
    select *
    from requests
)
