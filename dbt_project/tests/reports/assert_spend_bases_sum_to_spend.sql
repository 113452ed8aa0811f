{{ config(meta={"dagster": {"ref": {"name": "rpt_spend_basis_daily"}}}) }}
with
    bases as (
        select usage_date, provider_id, cost_kind, sum(spend_usd) as spend_usd
        from {{ ref("rpt_spend_basis_daily") }}
        group by 1, 2, 3
    ),

    allocated as (
        select usage_date, provider_id, cost_kind, sum(allocated_cost_usd) as spend_usd
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3
    )

    (
        select *
        from bases
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
    from bases
)
