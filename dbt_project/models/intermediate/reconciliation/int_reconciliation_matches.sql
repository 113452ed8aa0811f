{#- Charges with a quantity, each with the known unit price that gives its amount within the rounding tolerance:
    quantity times price is compared with the amount, nothing is divided. Of several the best explanation and then the
    nearest. -#}
with
    charges as (
        select billed.*, case when billed.billing_currency <> 'USD' then 1 else 0 end as has_currency
        from {{ ref("int_reconciliation_billed") }} as billed
        left join {{ ref("int_reconciliation_amount_cells") }} as amounts on {{ same_cell("amounts", "billed") }}
        where billed.charge_kind = 'comparable' and amounts.provider_id is null and billed.billed_cost_usd is not null
    ),

    compared as (
        select
            charges.charge_key,
            rates.rate,
            rates.origin,
            abs(charges.billed_cost_usd - {{ priced("charges.quantity", "rates.rate") }}) as distance_usd
        from charges {{ join_rates("charges") }}
        where
            abs(charges.billed_cost_usd - {{ priced("charges.quantity", "rates.rate") }})
            <= limits.rounding_usd_per_charge
    ),

    used_that_day as ({{ rates_used() }}),

    ranked as (
        select
            compared.*,
            row_number() over (
                partition by compared.charge_key
                order by
                    case when used.rate is not null then 0 else compared.origin end,
                    compared.distance_usd,
                    compared.rate
            ) as match_rank
        from compared
        inner join charges on charges.charge_key = compared.charge_key
        left join used_that_day as used on {{ same_cell("used", "charges") }} and used.rate = compared.rate
    )

select
    charges.charge_key,
    {% for column in reconciliation_cell() %} charges.{{ column }}, {% endfor %}
    charges.grain,
    charges.cell_month,
    charges.has_currency,
    charges.quantity,
    charges.billed_cost_usd,
    ranked.rate,
    ranked.origin
from charges
left join ranked on ranked.charge_key = charges.charge_key and ranked.match_rank = 1
