{#- Cells that can only be compared by amount: coarser than a SKU, with a charge whose quantity the bill does not state,
    or with usage whose cost is known and has no single unit price. -#}
with
    blended as (
        select distinct {{ reconciliation_cell() | join(", ") }}
        from {{ ref("int_reconciliation_metered") }}
        where rate is null and not is_unpriced
    )

select
    {% for column in reconciliation_cell() %} billed.{{ column }}, {% endfor %}
    min(billed.grain) as grain,
    min(billed.cell_month) as cell_month,
    count(*) as charge_count,
    max(case when billed.billing_currency <> 'USD' then 1 else 0 end) as has_currency,
    {{ money_sum("coalesce(billed.billed_cost_usd, 0)") }} as billed_cost_usd
from {{ ref("int_reconciliation_billed") }} as billed
left join blended on {{ same_cell("blended", "billed") }}
where billed.charge_kind = 'comparable'
group by 1, 2, 3, 4, 5
having count(billed.quantity) < count(*) or count(blended.provider_id) > 0
