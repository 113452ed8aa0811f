{{ config(meta={"dagster": {"ref": {"name": "int_reconciliation_metered_items"}}}) }}
select provider_id, account_id, cell_date, model_key, meter_key, count(distinct residual_class) as class_count
from {{ ref("int_reconciliation_metered_items") }}
where charge_description is null and (metered_cost_usd = 0 or billed_cost_usd = 0) and charge_count = 0
group by 1, 2, 3, 4, 5
having count(distinct residual_class) > 1
union all
-- And no class of a comparison is listed twice.
select provider_id, account_id, cell_date, model_key, meter_key || residual_class, count(*)
from {{ ref("int_reconciliation_metered_items") }}
where grain <> 'charge'
group by 1, 2, 3, 4, 5
having count(*) > 1
