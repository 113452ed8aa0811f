{#- The differences of the first stage, metered → billed, each in one class. What the evidence of no class covers is
    'unknown', computed as gap minus everything else: the classes of a comparison sum to its gap by construction. -#}
with
    differences as (
        select
            differences.*, timing.residual_class as quantity_class, coalesce(timing.has_no_bill, false) as has_no_bill
        from {{ ref("int_reconciliation_differences") }} as differences
        left join {{ ref("int_reconciliation_timing") }} as timing on {{ same_cell("timing", "differences") }}
    ),

    settled as (
        select
            *,
            unpriced_usd
            + misrated_usd
            + discount_usd
            + fx_usd
            + rounding_usd
            + case when quantity_class = 'unknown' then 0 else quantity_usd end as explained_usd
        from differences
    ),

    classified as (
        {%- for class, amount in [
            ("unpriced_sku", "unpriced_usd"),
            ("tier_or_context_misrated", "misrated_usd"),
            ("negotiated_discount", "discount_usd"),
            ("fx", "fx_usd"),
            ("rounding", "rounding_usd"),
            ("unknown", "gap_usd - explained_usd"),
        ] %}
            select settled.*, '{{ class }}' as residual_class, cast({{ amount }} as decimal(38, 12)) as amount_usd
            from settled
            union all
        {%- endfor %}
        select settled.*, quantity_class as residual_class, quantity_usd as amount_usd
        from settled
        where quantity_class <> 'unknown'
    ),

    charges as (
        select
            *,
            case
                when charge_kind = 'tax'
                then 'tax'
                when charge_kind = 'credit'
                then 'credit'
                else 'in_cost_not_in_usage'
            end as residual_class
        from {{ ref("int_reconciliation_billed") }}
        where charge_kind <> 'comparable' and billed_cost_usd <> 0
    )

select
    {{ reconciliation_cell() | join(", ") }},
    grain,
    residual_class,
    amount_usd,
    metered_cost_usd,
    billed_cost_usd,
    cast(metered_quantity as decimal(38, 12)) as metered_quantity,
    cast(billed_quantity as decimal(38, 12)) as billed_quantity,
    charge_count,
    factor,
    has_no_bill,
    cast(null as string) as charge_description
from classified
where amount_usd <> 0
union all
select
    {{ reconciliation_cell() | join(", ") }},
    min(grain),
    residual_class,
    {{ money_sum("billed_cost_usd") }},
    cast(0 as decimal(38, 12)),
    {{ money_sum("billed_cost_usd") }},
    cast(null as decimal(38, 12)),
    cast(null as decimal(38, 12)),
    count(*),
    cast(null as decimal(10, 4)),
    false,
    charge_description
from charges
group by {{ reconciliation_cell() | join(", ") }}, residual_class, charge_description
