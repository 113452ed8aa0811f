{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
with
    reported as (
        select event_source, usage_date, meter, sum(quantity) as quantity
        from {{ ref("int_reported_meters") }}
        where quantity <> 0 and meter not in ('reasoning_surcharge', 'citation_surcharge')
        group by 1, 2, 3
    ),

    hourly as (
        select
            hourly.event_source,
            hourly.usage_date,
            case
                when {{ has_pooled_input("hourly.event_source") }} and meters.is_input_token
                then 'uncached_input'
                else hourly.meter
            end as meter,
            sum(hourly.quantity) as quantity
        from {{ ref("fct_llm_usage_hourly") }} as hourly
        inner join {{ ref("meters") }} as meters on meters.meter = hourly.meter
        where hourly.event_source like 'api/%' and hourly.meter not in ('reasoning_surcharge', 'citation_surcharge')
        group by 1, 2, 3
    )

    (
        select *
        from reported
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
    from reported
)
