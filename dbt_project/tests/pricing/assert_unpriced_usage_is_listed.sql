{{ config(meta={"dagster": {"ref": {"name": "fct_unpriced_usage_daily"}}}) }}
with
    hourly as (
        select usage_date, meter, sum(quantity) as quantity
        from {{ ref("fct_llm_usage_hourly") }}
        where contracted_cost_usd is null
        group by 1, 2
    ),

    listed as (
        select usage_date, meter, sum(quantity) as quantity from {{ ref("fct_unpriced_usage_daily") }} group by 1, 2
    )

    (
        select *
        from hourly
        except
        select *
        from listed
    )
union all
(
    select *
    from listed
    except
    select *
    from hourly
)
