{{ config(meta={"dagster": {"ref": {"name": "fct_allocated_costs_daily"}}}) }}
with
    daily as (
        select
            usage_date,
            sum(request_count) as request_count,
            sum(input_tokens) as input_tokens,
            sum(output_tokens) as output_tokens
        from {{ ref("int_llm_usage_daily") }}
        group by 1
    ),

    allocated as (
        select
            usage_date,
            sum(request_count) as request_count,
            sum(input_tokens) as input_tokens,
            sum(output_tokens) as output_tokens
        from {{ ref("fct_allocated_costs_daily") }}
        where spend_item_type = 'usage'
        group by 1
    )

    (
        select *
        from daily
        except
        select *
        from allocated
    )
union all
(
    select *
    from allocated
    except
    select *
    from daily
)
