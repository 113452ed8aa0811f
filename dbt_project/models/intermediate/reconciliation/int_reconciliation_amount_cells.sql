{#- Cells that can only be compared by amount: coarser than a SKU, or with a charge whose quantity the bill does not state. -#}
select
    {{ reconciliation_cell() | join(', ') }},
    min(grain) as grain,
    min(cell_month) as cell_month,
    count(*) as charge_count,
    max(case when billing_currency <> 'USD' then 1 else 0 end) as has_currency,
    {{ money_sum('coalesce(billed_cost_usd, 0)') }} as billed_cost_usd
from {{ ref('int_reconciliation_billed') }}
where charge_kind = 'comparable'
group by 1, 2, 3, 4, 5
having count(quantity) < count(*)
