{#- The unit prices that a charge may have been rated at, best explanation first: 1 the contracted price of metered
    usage of the same SKU and month, 2 that of another variant or context step of the model (its list price times what
    the contract leaves of the list price). -#}
with
    metered as (
        select
            provider_id,
            account_id,
            cell_month,
            model_key,
            meter_key,
            rate,
            sum(quantity) as quantity,
            {{ money_sum("metered_cost_usd") }} as metered_cost_usd,
            {{ money_sum("list_cost_usd") }} as list_cost_usd
        from {{ ref("int_reconciliation_metered") }}
        where rate > 0 and meter_key <> ''
        group by 1, 2, 3, 4, 5, 6
    ),

    main_rates as (
        select
            *,
            row_number() over (
                partition by provider_id, account_id, cell_month, model_key, meter_key order by quantity desc, rate
            ) as rate_rank
        from metered
    ),

    main as (
        select *, coalesce({{ ratio("metered_cost_usd", "list_cost_usd", 12) }}, 1) as contract_ratio
        from main_rates
        where rate_rank = 1
    ),

    contexts as (
        select distinct provider_id, model_id, price_provider_id, price_model_id
        from {{ ref("int_usage_contexts") }}
        where price_model_id is not null
    ),

    listed as (
        select distinct
            main.provider_id,
            main.account_id,
            main.cell_month,
            main.model_key,
            main.meter_key,
            main.contract_ratio,
            prices.price_usd_per_unit
        from main
        inner join
            contexts
            on coalesce(contexts.provider_id, 'unknown') = main.provider_id
            and contexts.model_id = main.model_key
        inner join
            {{ ref("stg_prices__model_prices") }} as prices
            on prices.price_provider_id = contexts.price_provider_id
            and prices.price_model_id = contexts.price_model_id
            and prices.meter = main.meter_key
            and prices.valid_from_utc < cast(main.cell_month as timestamp) + interval '1' month
            and prices.valid_to_utc > cast(main.cell_month as timestamp)
        where prices.price_usd_per_unit > 0 and prices.known_to_utc is null
    ),

    candidates as (
        select provider_id, account_id, cell_month, model_key, meter_key, rate, 1 as origin
        from metered
        union all
        select
            provider_id,
            account_id,
            cell_month,
            model_key,
            meter_key,
            cast(
                cast(price_usd_per_unit as decimal(20, 12)) * cast(contract_ratio as decimal(16, 12)) as decimal(38, 12)
            ),
            2
        from listed
    )

select
    candidates.provider_id,
    candidates.account_id,
    candidates.cell_month,
    candidates.model_key,
    candidates.meter_key,
    candidates.rate,
    min(candidates.origin) as origin,
    max(main.rate) as main_rate,
    max(main.contract_ratio) as contract_ratio
from candidates
inner join
    main
    on main.provider_id = candidates.provider_id
    and main.account_id = candidates.account_id
    and main.cell_month = candidates.cell_month
    and main.model_key = candidates.model_key
    and main.meter_key = candidates.meter_key
group by 1, 2, 3, 4, 5, 6
