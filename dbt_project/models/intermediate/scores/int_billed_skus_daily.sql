{#- The amounts of each SKU and day, with what its words say about variant, context step and unit. Left out:
    corrections, other currencies, periods over a day. -#}
with
    charges as (
        select
            charge_date as usage_date,
            provider_id,
            charge_source,
            billing_account_id,
            sub_account_id,
            coalesce(sku_id, sku_meter, charge_description) as sku_id,
            coalesce(charge_description, sku_meter) as sku_name,
            model_id,
            meter,
            ' '
            || {{
                words_of(
                    "coalesce(sku_meter, '') || ' ' || coalesce(sku_id, '') || ' ' || coalesce(charge_description, '')"
                )
            }}
            || ' ' as sku_words,
            coalesce(consumed_quantity, pricing_quantity) as quantity,
            lower(
                replace(case when consumed_quantity is not null then consumed_unit else pricing_unit end, '_', ' ')
            ) as unit_words,
            billed_cost
        from {{ ref("int_charges") }}
        where
            is_llm_charge
            and charge_category = 'Usage'
            and charge_class is null
            and billing_currency = 'USD'
            and billed_cost_usd is not null
            and provider_id is not null
            and charge_date is not null
            and coalesce(charge_period_end_utc, charge_period_start_utc) <= charge_period_start_utc + interval '1' day
            and coalesce(sku_id, sku_meter, charge_description) is not null
    ),

    worded as (
        select
            *,
            case
                when sku_words like '% batch %'
                then 'processing=batch'
                when sku_words like '% flex %'
                then 'service_tier=flex'
                when sku_words like '% priority %'
                then 'service_tier=priority'
                else 'standard'
            end as sku_variant,
            case
                when sku_words like '% long context %' or sku_words like '% 200k%context %' then 'long' else 'base'
            end as sku_context,
            case
                when unit_words in ('1m tokens', '1000000 tokens', '1m', 'million tokens')
                then cast(1000000 as decimal(7, 0))
                when unit_words in ('1k tokens', '1000 tokens', '1k', 'thousand tokens')
                then cast(1000 as decimal(7, 0))
                when unit_words in ('tokens', 'token', 'characters', 'requests', 'searches', 'each', 'units', '1')
                then cast(1 as decimal(7, 0))
            end as units_per_quantity
        from charges
    ),

    lines as (
        select
            usage_date,
            provider_id,
            charge_source,
            billing_account_id,
            sub_account_id,
            sku_id,
            model_id,
            meter,
            sku_variant,
            sku_context,
            max(sku_name) as sku_name,
            case
                when count(case when abs(quantity) < 100000000000000 then 1 end) = count(*)
                then
                    cast(
                        sum(
                            case when abs(quantity) < 100000000000000 then cast(quantity as decimal(26, 12)) end
                            * coalesce(units_per_quantity, cast(1 as decimal(7, 0)))
                        ) as decimal(38, 12)
                    )
            end as quantity,
            count(units_per_quantity) = count(*) as is_unit_known,
            {{ money_sum("billed_cost") }} as billed_cost_usd,
            cast(count(*) as bigint) as charge_count
        from worded
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    )

select *
from lines
