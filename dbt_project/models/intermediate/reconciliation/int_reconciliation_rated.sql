{#- Charges with a quantity and the unit price and factor they were rated at: the price alone where that explains the
    amount, else a price times the factor of the account or of the SKU. Both are NULL where nothing explains it. -#}
with
    charges as (select * from {{ ref("int_reconciliation_matches") }}),

    factored as (
        {%- for scope in ["account", "sku"] %}
            {{ 'union all' if not loop.first }}
            select charges.*, factors.factor, factors.factor_class, {{ loop.index }} as factor_rank
            from charges
            inner join
                {{ ref("int_reconciliation_factors") }} as factors
                on factors.provider_id = charges.provider_id
                and factors.account_id = charges.account_id
                and factors.cell_month = charges.cell_month
                and factors.model_key = {{ "'*'" if scope == "account" else "charges.model_key" }}
                and factors.meter_key = {{ "'*'" if scope == "account" else "charges.meter_key" }}
            where charges.rate is null
        {%- endfor %}
    ),

    compared as (
        select
            charges.charge_key,
            rates.rate,
            rates.origin,
            charges.factor,
            charges.factor_class,
            charges.factor_rank,
            abs(
                charges.billed_cost_usd - {{ scaled(priced("charges.quantity", "rates.rate"), "charges.factor") }}
            ) as distance_usd,
            limits.rounding_usd_per_charge + cast(
                cast({{ priced("charges.quantity", "rates.rate") }} as decimal(20, 8))
                * cast(limits.discount_ratio as decimal(8, 6)) as decimal(38, 12)
            ) as tolerance_usd
        from factored as charges {{ join_rates("charges") }}
    ),

    used_that_day as ({{ rates_used() }}),

    ranked as (
        select
            compared.*,
            row_number() over (
                partition by compared.charge_key
                order by
                    compared.factor_rank,
                    case when used.rate is not null then 0 else compared.origin end,
                    compared.distance_usd,
                    compared.rate
            ) as match_rank
        from compared
        inner join charges on charges.charge_key = compared.charge_key
        left join used_that_day as used on {{ same_cell("used", "charges") }} and used.rate = compared.rate
        where compared.distance_usd <= compared.tolerance_usd
    )

select
    charges.charge_key,
    {% for column in reconciliation_cell() %} charges.{{ column }}, {% endfor %}
    charges.grain,
    charges.cell_month,
    charges.quantity,
    charges.billed_cost_usd,
    coalesce(charges.rate, ranked.rate) as rate,
    ranked.factor,
    ranked.factor_class
from charges
left join ranked on ranked.charge_key = charges.charge_key and ranked.match_rank = 1
