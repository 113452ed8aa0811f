{#- Charges as FOCUS counts them. A commitment is a purchase with effective cost 0; what draws on it is billed 0; what
    nothing drew on is a row of its own. AWS prints covered usage at its price and takes it back on negation lines: both
    are 0 here, so the latter leave. Keeps the sum of billed cost as far as a bill's negations equal what it
    covered. -#}
with
    charges as (select * from {{ ref("int_charges") }} where line_type is distinct from 'SavingsPlanNegation'),

    numbered as (
        select
            charges.*,
            row_number() over (
                partition by charge_source, charge_date, sub_account_id, region_id, sku_id order by charge_key
            ) as equal_line_number
        from charges
    ),

    own as (
        select
            numbered.*,
            charge_category as focus_charge_category,
            case
                when line_type = 'SavingsPlanCoveredUsage' then cast(0 as decimal(38, 12)) else billed_cost
            end as focus_billed_cost,
            case
                when charge_source <> 'focus' and charge_category = 'Purchase' and commitment_discount_id is not null
                then cast(0 as decimal(38, 12))
                else coalesce(effective_cost, billed_cost)
            end as focus_effective_cost,
            false as is_unused_part
        from numbered
    ),

    unused as (
        select
            numbered.*,
            'Usage' as focus_charge_category,
            cast(0 as decimal(38, 12)) as focus_billed_cost,
            unused_commitment_cost as focus_effective_cost,
            true as is_unused_part
        from numbered
        where unused_commitment_cost <> 0 and charge_category = 'Purchase'
    ),

    lines as (
        select *
        from own
        union all
        select *
        from unused
    )

select
    lines.*,
    quantities.quantity as usage_quantity,
    case when lines.meter = 'web_search' then 'Requests' else 'Tokens' end as usage_unit
from lines
left join
    {{ ref("int_focus_quantities_anthropic") }} as quantities
    on lines.charge_source = 'anthropic_api'
    and lines.equal_line_number = 1
    and lines.charge_category = 'Usage'
    and quantities.charge_date = lines.charge_date
    and quantities.workspace_id = coalesce(lines.sub_account_id, '')
    and quantities.region_id = coalesce(lines.region_id, '')
    and quantities.line_item = lines.sku_id
