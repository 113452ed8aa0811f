{{ config(meta={"dagster": {"ref": {"name": "fct_llm_usage_hourly"}}}) }}
with
    daily as (
        select
            usage_date,
            provider_id,
            api_key_id,
            model_id,
            sum(list_cost_usd) as list_cost_usd,
            sum(contracted_cost_usd) as contracted_cost_usd,
            sum(unknown_cost_row_count) > 0 as has_unknown_cost,
            sum(request_count) as request_count,
            sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as tokens
        from {{ ref("int_llm_usage_daily") }}
        where {{ newest_days("usage_date") }}
        group by 1, 2, 3, 4
    ),

    hourly as (
        select
            usage_date,
            provider_id,
            api_key_id,
            model_id,
            sum(list_cost_usd) as list_cost_usd,
            sum(contracted_cost_usd) as contracted_cost_usd,
            max(case when contracted_cost_usd is null then 1 else 0 end) = 1 as has_unknown_cost,
            sum(request_count) as request_count,
            sum(case when is_token then quantity else 0 end) as tokens
        from {{ ref("fct_llm_usage_hourly") }}
        where {{ newest_days("usage_date") }}
        group by 1, 2, 3, 4
    )

    (
        select *
        from daily
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
    from daily
)
