{#- Items of total cost of ownership by day, from the first day with usage or charges to the last. A fixed amount is
    divided over all days of its calendar period, a one-time amount over all days of its amortisation, exactly; a part
    of a period has the days that fall into it. Variable cost is rate × what the day had. Other currencies go by the
    rate of the day. -#}
with
    bounds as (
        select min(usage_date) as first_day, max(usage_date) as last_day from {{ ref("int_tco_drivers_daily") }}
    ),

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
        from {{ ref("stg_org__tco_items") }} as items
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
                when period = 'once'
                then amortized_date
                else cast(date_trunc(calendar_period, usage_date) + {{ period_length("calendar_period") }} as date)
            end as next_period_date
        from item_days
    ),

    counted as (
        select
            *,
            {{ days_between("period_start_date", "usage_date") }} + 1 as day_number,
            {{ days_between("period_start_date", "next_period_date") }} as day_count
        from placed
    ),

    standing as (
        select
            item_id,
            item_name,
            category,
            cost_behavior,
            vendor_name,
            amount,
            currency,
            usage_date,
            case when cost_behavior = 'one_time' then 'one_time' else 'fixed' end as cost_component,
            {{ equal_part("amount", "day_count", "day_number") }} as cost
        from counted
        where amount is not null and usage_date < next_period_date
    ),

    moving as (
        select
            item_days.item_id,
            item_days.item_name,
            item_days.category,
            item_days.cost_behavior,
            item_days.vendor_name,
            case when item_days.driver = 'percent_of_spend' then 'USD' else item_days.currency end as currency,
            item_days.usage_date,
            case
                when item_days.driver = 'request'
                then {{ priced("drivers.request_count", "item_days.rate") }}
                when item_days.driver = 'million_tokens'
                then
                    cast(
                        cast(
                            cast(drivers.total_tokens as decimal(18, 0))
                            * cast(0.000001 as decimal(6, 6)) as decimal(24, 6)
                        )
                        * cast(item_days.rate as decimal(14, 6)) as decimal(38, 12)
                    )
                when item_days.driver = 'percent_of_spend'
                then
                    cast(
                        cast(drivers.spend_usd as decimal(26, 12)) * cast(
                            cast(item_days.rate as decimal(10, 6)) * cast(0.01 as decimal(2, 2)) as decimal(12, 8)
                        ) as decimal(38, 12)
                    )
            end as cost
        from item_days
        inner join {{ ref("int_tco_drivers_daily") }} as drivers on drivers.usage_date = item_days.usage_date
        where item_days.rate is not null
    ),

    costs as (
        select item_id, item_name, category, cost_behavior, cost_component, vendor_name, currency, usage_date, cost
        from standing
        union all
        select item_id, item_name, category, cost_behavior, 'variable', vendor_name, currency, usage_date, cost
        from moving
    )

select
    costs.item_id,
    costs.item_name,
    costs.category,
    costs.cost_behavior,
    costs.cost_component,
    costs.vendor_name,
    costs.currency,
    costs.usage_date,
    case
        when costs.currency = 'USD' then costs.cost else {{ converted("costs.cost", "rates.usd_per_unit") }}
    end as cost_usd
from costs
left join
    {{ ref("int_fx_rates") }} as rates
    on rates.currency = costs.currency
    and {{ valid_on("rates", "costs.usage_date") }}
