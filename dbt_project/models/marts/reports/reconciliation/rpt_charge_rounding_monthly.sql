select
    charge_source,
    provider_id,
    {{ month_of("charge_date") }} as month_start_date,
    billing_currency,
    cast(count(*) as bigint) as charge_count,
    cast(sum(case when billed_cost_rounding <> 0 then 1 else 0 end) as bigint) as rounded_charge_count,
    cast(sum(case when billed_cost_rounding is null then 1 else 0 end) as bigint) as unknown_rounding_charge_count,
    {{ money_sum("billed_cost") }} as billed_cost,
    cast(sum(billed_cost_rounding) as decimal(38, 30)) as billed_cost_rounding
from {{ ref("fct_charges") }}
group by 1, 2, 3, 4
