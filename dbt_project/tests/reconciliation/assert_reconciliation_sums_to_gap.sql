{{ config(meta={"dagster": {"ref": {"name": "fct_reconciliation_monthly"}}}) }}
select provider_id, account_id, usage_date as period_date, stage, sum(amount_usd) as classes_usd
from {{ ref("fct_reconciliation_daily") }}
group by 1, 2, 3, 4
having sum(amount_usd) <> max(day_billed_cost_usd) - max(day_metered_cost_usd)
union all
select provider_id, account_id, month_date, stage, sum(amount_usd)
from {{ ref("fct_reconciliation_monthly") }}
group by 1, 2, 3, 4
having
    sum(amount_usd) <> max(
        case
            when stage = 'metered_to_billed'
            then month_billed_cost_usd - month_metered_cost_usd
            else month_invoiced_usd - month_billed_cost_usd
        end
    )
