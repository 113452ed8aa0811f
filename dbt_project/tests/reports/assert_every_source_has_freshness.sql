{{ config(meta={"dagster": {"ref": {"name": "rpt_source_freshness"}}}) }}
with
    newest as (
        select source, max(latest_data_date) as latest_data_date
        from
            (
                select {{ usage_origin("event_source") }} as source, max(usage_date) as latest_data_date
                from {{ ref("fct_llm_usage_hourly") }}
                group by 1
                union all
                select {{ charge_origin("charge_source") }}, max(charge_date)
                from {{ ref("fct_charges") }}
                group by 1
            ) as dates
        group by 1
    ),

    reported as (
        select
            case when source_type = 'billing' then source_type else source end as source,
            max(latest_data_date) as latest_data_date
        from {{ ref("rpt_source_freshness") }}
        group by 1
    )

select newest.source, newest.latest_data_date, reported.latest_data_date as reported_date
from newest
left join reported on reported.source = newest.source
where reported.latest_data_date is null or reported.latest_data_date <> newest.latest_data_date
