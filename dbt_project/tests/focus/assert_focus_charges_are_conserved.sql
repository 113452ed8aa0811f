{{ config(meta={"dagster": {"ref": {"name": "focus_cost_and_usage"}}}) }}
with
    charged as (
        select
            charge_source,
            billing_currency,
            count(*) as charge_count,
            sum(case when line_type = 'SavingsPlanCoveredUsage' then 0 else billed_cost end) as billed_cost
        from {{ ref("fct_charges") }}
        where line_type is distinct from 'SavingsPlanNegation'
        group by 1, 2
    ),

    shown as (
        select
            "x_ChargeSource" as charge_source,
            nullif("BillingCurrency", 'XXX') as billing_currency,
            count(*) as charge_count,
            sum("BilledCost") as billed_cost
        from {{ ref("focus_cost_and_usage") }}
        where "x_ChargeKey" not like '%-unused'
        group by 1, 2
    )

    (
        select *
        from charged
        except
        select *
        from shown
    )
union all
(
    select *
    from shown
    except
    select *
    from charged
)
