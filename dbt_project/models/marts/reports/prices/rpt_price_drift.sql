{#- What bills imply that prices are, beside the agreed ones. Filter by is_drift and is_current for what to act on. -#}
with
    prices as (
        select
            *,
            {{ surrogate_key(["provider_id", "charge_source", "billing_account_id", "sku_id", "model_id"]) }}
            as series_key
        from {{ source("ml", "implied_prices") }}
    ),

    newest as (select series_key, max(stretch_to_date) as stretch_to_date from prices group by series_key),

    skus as (
        select
            {{ surrogate_key(["provider_id", "charge_source", "billing_account_id", "sku_id", "model_id"]) }}
            as series_key,
            max(sku_name) as sku_name
        from {{ ref("int_billed_quantities_daily") }}
        group by 1
    )

select
    prices.implied_price_id,
    prices.provider_id,
    prices.charge_source,
    prices.billing_account_id,
    prices.sku_id,
    skus.sku_name,
    prices.model_id,
    prices.meter,
    prices.price_variant,
    prices.context_tier,
    prices.stretch_from_date,
    prices.stretch_to_date,
    prices.stretch_to_date = newest.stretch_to_date as is_current,
    prices.classification,
    prices.is_drift,
    prices.changed_on_date,
    prices.reason,
    {{ per_million("prices.list_price_usd_per_unit") }} as list_price_usd_per_million_units,
    {{ per_million("prices.contracted_price_usd_per_unit") }} as contracted_price_usd_per_million_units,
    {{ per_million("coalesce(prices.snapped_price_usd_per_unit, prices.fitted_price_usd_per_unit)") }}
    as implied_price_usd_per_million_units,
    {{ per_million("prices.lower_price_usd_per_unit") }} as lower_price_usd_per_million_units,
    {{ per_million("prices.upper_price_usd_per_unit") }} as upper_price_usd_per_million_units,
    {{ per_million("prices.fitted_price_usd_per_unit") }} as fitted_price_usd_per_million_units,
    {{ per_million("prices.snapped_price_usd_per_unit") }} as snapped_price_usd_per_million_units,
    prices.snap_rule,
    cast(prices.price_ratio as double) as price_ratio,
    cast(prices.previous_price_ratio as double) as previous_price_ratio,
    cast(prices.monthly_effect_usd as decimal(38, 12)) as monthly_effect_usd,
    cast(prices.confidence as double) as confidence,
    prices.billed_day_count,
    prices.charge_count,
    cast(prices.quantity as decimal(38, 12)) as quantity,
    prices.quantity_source,
    cast(prices.billed_cost_usd as decimal(38, 12)) as billed_cost_usd,
    cast(prices.expected_cost_usd as decimal(38, 12)) as expected_cost_usd,
    prices.collinear_meters,
    cast(prices.variance_inflation as double) as variance_inflation,
    prices.irregular_day_count,
    {{ per_million("prices.baseline_price_usd_per_unit") }} as baseline_price_usd_per_million_units,
    prices.model_name,
    prices.model_version,
    prices.scored_at_utc
from prices
inner join newest on newest.series_key = prices.series_key
left join skus on skus.series_key = prices.series_key
