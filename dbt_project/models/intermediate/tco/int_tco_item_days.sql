{#- Items of own costs on the days on which they are valid, from the first day with usage, GPUs or charges to the
    last: what a fixed or one-time amount costs that day, and the rate of variable ones. A fixed amount is divided
    over all days of its calendar period, a one-time amount over all days of its amortisation, exactly; a part of a
    period has the days that fall into it. -#}
with
    driver_days as (
        select charge_date as usage_date
        from {{ ref("int_charges") }}
        where charge_date is not null
        union
        select usage_date
        from {{ ref("int_llm_usage_hourly") }}
    ),

    cost_days as (
        select usage_date
        from driver_days
        union
        select usage_date
        from {{ ref("int_gpu_usage_hourly") }}
    ),

    bounds as (select min(usage_date) as first_day, max(usage_date) as last_day from cost_days),

    item_days as (
        select
            items.*,
            dates.date_day as usage_date,
            case when items.period = 'once' then 'day' else coalesce(items.period, 'day') end as calendar_period,
            cast(items.valid_from_utc as date) as first_date,
            cast(
                {{
                    dbt.dateadd(
                        "month", "coalesce(items.amortization_months, 36)", "cast(items.valid_from_utc as date)"
                    )
                }} as date
            ) as amortized_date
        from {{ ref("int_own_cost_items") }} as items
        inner join {{ ref("int_dates") }} as dates on {{ valid_on("items", "dates.date_day") }}
        inner join bounds on dates.date_day between bounds.first_day and bounds.last_day
    ),

    placed as (
        select
            *,
            case
                when period = 'once' then first_date else cast(date_trunc(calendar_period, usage_date) as date)
            end as period_start_date,
            case
                when period = 'once' then amortized_date else {{ next_period_date("calendar_period", "usage_date") }}
            end as next_period_date
        from item_days
    ),

    counted as (
        select
            *,
            {{ days_between("period_start_date", "usage_date") }} + 1 as day_number,
            {{ days_between("period_start_date", "next_period_date") }} as day_count
        from placed
    )

select
    counted.item_id,
    counted.item_name,
    counted.category,
    counted.cost_behavior,
    counted.role_type,
    counted.provider_name,
    counted.vendor_name,
    counted.quantity,
    counted.unit,
    counted.tags,
    counted.notes,
    -- The day after the last: of the amortisation, or of the item where that is sooner.
    case
        when counted.period = 'once' and counted.amortized_date < cast(counted.valid_to_utc as date)
        then counted.amortized_date
        when counted.valid_to_utc < cast('2200-01-01' as timestamp)
        then cast(counted.valid_to_utc as date)
    end as ends_before_date,
    counted.usage_date,
    case when counted.driver = 'percent_of_spend' then 'USD' else counted.currency end as rate_currency,
    counted.currency,
    counted.driver,
    counted.rate,
    driver_days.usage_date is not null as has_driver,
    case
        when counted.amount is not null and counted.usage_date < counted.next_period_date
        then {{ equal_part("counted.amount", "counted.day_count", "counted.day_number") }}
    end as standing_cost,
    case when counted.currency = 'USD' then cast(1 as decimal(38, 12)) else rates.usd_per_unit end as usd_per_unit
from counted
left join driver_days on driver_days.usage_date = counted.usage_date
left join
    {{ ref("int_fx_rates") }} as rates
    on rates.currency = counted.currency
    and {{ valid_on("rates", "counted.usage_date") }}
