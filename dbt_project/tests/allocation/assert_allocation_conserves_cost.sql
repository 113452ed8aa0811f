{{ config(meta={"dagster": {"ref": {"name": "fct_allocated_costs_daily"}}}) }}
with
    spend as (
        select
            charge_date as usage_date,
            'charge' as spend_item_type,
            provider_id,
            sum(billed_cost_usd) as cost_usd,
            count(*) as item_count
        from {{ ref("fct_charges") }}
        group by 1, 2, 3
        union all
        select
            daily.usage_date,
            'usage',
            daily.provider_id,
            sum(
                case
                    when
                        not exists (
                            select 1
                            from {{ ref("int_bill_coverage") }} as coverage
                            where
                                coverage.provider_id = daily.provider_id
                                and coverage.account_id = coalesce(daily.account_id, '')
                                and coverage.usage_date = daily.usage_date
                        )
                    then daily.spend_usd
                    else 0
                end
            ),
            sum(daily.usage_row_count)
        from {{ ref("int_llm_usage_daily") }} as daily
        group by 1, 2, 3
        union all
        select
            adjusted.usage_date,
            'adjustment',
            adjusted.provider_id,
            sum(
                case
                    when
                        not exists (
                            select 1
                            from {{ ref("int_bill_coverage") }} as coverage
                            where
                                coverage.provider_id = adjusted.provider_id
                                and coverage.account_id = coalesce(adjusted.account_id, '')
                                and coverage.usage_date = adjusted.usage_date
                        )
                    then adjusted.contracted_difference_usd
                    else 0
                end
            ),
            count(*)
        from {{ ref("fct_price_adjustments") }} as adjusted
        group by 1, 2, 3
        union all
        select usage_date, 'tco', cast(null as string), sum(cost_usd), count(*)
        from {{ ref("int_tco_costs_daily") }}
        group by 1
        union all
        select usage_date, 'gpu', cast(null as string), sum(cost_usd), sum(gpu_hour_count)
        from {{ ref("int_gpu_costs_daily") }}
        group by 1
    ),

    allocated as (
        select
            usage_date,
            -- By effective cost, what was drawn and what is not yet consumed are together what was billed.
            case when spend_item_type = 'prepaid_balance' then 'charge' else spend_item_type end as spend_item_type,
            provider_id,
            sum(allocated_cost_usd) as cost_usd,
            sum(spend_item_count) as item_count
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3
    )

    (
        select *
        from spend
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
    from spend
)
