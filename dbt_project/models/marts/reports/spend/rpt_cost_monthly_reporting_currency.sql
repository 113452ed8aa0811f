{#- Spend in the declared reporting currency: each day at the rate of its day, rounded half-even once per row of a
    day. -#}
{%- set reporting_currency = var("reporting_currency") %}
with
    daily as (
        select costs.*, {{ converted("costs.spend_usd", "rates.units_per_usd") }} as spend
        from {{ ref("rpt_cost_daily") }} as costs
        left join
            {{ ref("int_fx_rates") }} as rates
            on rates.currency = '{{ reporting_currency }}'
            and {{ valid_on("rates", "costs.usage_date") }}
    ),

    monthly as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            provider_id,
            cost_center_id,
            cost_kind,
            {{ money_sum("spend_usd") }} as spend_usd,
            {{ money_sum("spend") }} as converted_spend,
            {{ money_sum("case when spend is null then spend_usd end") }} as unconverted_spend_usd,
            cast(
                count(distinct case when spend is null and spend_usd is not null then usage_date end) as bigint
            ) as days_without_rate
        from daily
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["month_start_date", "provider_id", "cost_center_id", "cost_kind"]) }}
    as cost_monthly_reporting_currency_key,
    month_start_date,
    provider_id,
    cost_center_id,
    cost_kind,
    '{{ reporting_currency }}' as spend_currency,
    case when days_without_rate = 0 then converted_spend end as spend,
    converted_spend,
    spend_usd,
    unconverted_spend_usd,
    days_without_rate
from monthly
