{#- Commitments by day: what a day of them costs, amortised (upfront × quantity spread over the days of the term,
    exactly) and as it is paid; what bills that name the commitment charge for the day; and whether use could be seen
    at all that day. A bill names a commitment by its id as commitment discount, or as resource: the whole name or the
    last part of a longer one. A charge over several days counts in equal parts on each. -#}
with
    bounds as (
        select min(month_start_date) as first_day, max(usage_date) as last_day
        from {{ ref("int_kpi_days") }}
        cross join
            (select min({{ month_of("usage_date") }}) as month_start_date from {{ ref("int_kpi_days") }}) as firsts
    ),

    -- On which days use could be seen at all: telemetry of GPUs, usage of the provider, bills.
    seen_gpus as (
        select min(usage_date) as first_date, max(usage_date) as last_date from {{ ref("int_gpu_usage_hourly") }}
    ),

    seen_bills as (select min(charge_date) as first_date, max(charge_date) as last_date from {{ ref("int_charges") }}),

    seen_usage as (
        select provider_id, min(usage_date) as first_date, max(usage_date) as last_date
        from {{ ref("int_llm_usage_daily") }}
        group by 1
    ),

    days as (
        select
            commitments.*,
            dates.date_day,
            cast(commitments.valid_from_utc as date) as first_date,
            {{ days_between("cast(commitments.valid_from_utc as date)", "cast(commitments.valid_to_utc as date)") }}
            as day_count,
            coalesce(
                case
                    commitments.commitment_type
                    when 'reservation'
                    then dates.date_day between seen_gpus.first_date and seen_gpus.last_date
                    when 'aws_savings_plan'
                    then dates.date_day between seen_bills.first_date and seen_bills.last_date
                    else dates.date_day between seen_usage.first_date and seen_usage.last_date
                end,
                false
            ) as is_seen
        from {{ ref("stg_org__commitments") }} as commitments {{ join_provider("lower(commitments.provider_name)") }}
        inner join {{ ref("int_dates") }} as dates on {{ valid_on("commitments", "dates.date_day") }}
        inner join bounds on dates.date_day between bounds.first_day and bounds.last_day
        cross join seen_gpus
        cross join seen_bills
        left join seen_usage on seen_usage.provider_id = coalesce(aliases.provider_id, lower(commitments.provider_name))
    ),

    priced as (
        select
            *,
            cast(
                24 * total_hourly_usd + case
                    when total_upfront_usd > 0
                    then
                        {{
                            equal_part(
                                "total_upfront_usd",
                                "day_count",
                                days_between("first_date", "date_day") ~ " + 1",
                            )
                        }}
                    else 0
                end as decimal(38, 12)
            ) as amortized_cost_usd,
            cast(
                24 * total_hourly_usd
                + case when date_day = first_date then total_upfront_usd else 0 end as decimal(38, 12)
            ) as cash_cost_usd
        from days
    ),

    charge_names as (
        {%- for name in [
            "commitment_discount_id",
            "resource_id",
            "reverse(split_part(reverse(resource_id), '/', 1))",
        ] %}
            select
                charge_key,
                lower({{ name }}) as name,
                charge_date,
                {{ last_day_of_charge("charge_date", "charge_period_end_utc") }} as charge_last_date,
                coalesce(case when billing_currency = 'USD' then effective_cost end, billed_cost_usd) as cost_usd
            from {{ ref("int_charges") }}
            where charge_date is not null and {{ name }} is not null {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    named as (
        select distinct
            commitments.commitment_id,
            charge_names.charge_key,
            charge_names.charge_date,
            charge_names.charge_last_date,
            charge_names.cost_usd
        from (select distinct commitment_id from days) as commitments
        inner join charge_names on charge_names.name = lower(commitments.commitment_id)
        where charge_names.cost_usd is not null
    ),

    bills as (
        select
            named.commitment_id,
            days.date_day,
            {{
                money_sum(
                    "case when named.cost_usd < 0 then -1 else 1 end * "
                    ~ equal_part(
                        "abs(named.cost_usd)",
                        "(" ~ days_between("named.charge_date", "named.charge_last_date") ~ " + 1)",
                        "(" ~ days_between("named.charge_date", "days.date_day") ~ " + 1)",
                    )
                )
            }} as billed_cost_usd
        from named
        inner join
            (select distinct commitment_id, date_day from days) as days
            on days.commitment_id = named.commitment_id
            and days.date_day between named.charge_date and named.charge_last_date
        group by 1, 2
    ),

    own_items as (select distinct item_id from {{ ref("int_own_cost_items") }})

select
    priced.*,
    bills.billed_cost_usd,
    case
        when max(bills.billed_cost_usd) over (partition by priced.commitment_id) is not null
        then 'bill'
        when own_items.item_id is not null
        then 'own_costs'
        when priced.commitment_type = 'reservation'
        then 'gpu_rate'
        else 'nowhere'
    end as spend_source
from priced
left join bills on bills.commitment_id = priced.commitment_id and bills.date_day = priced.date_day
left join own_items on own_items.item_id = priced.commitment_id
