{#
   How each month's spend found its owners, and what every rule moved. A rule that is valid in the month and moved
   nothing is here with 0, so that a scope with a typing error is seen.
#}
with
    months as (
        select distinct {{ month_of("usage_date") }} as month_start_date from {{ ref("fct_allocated_costs_daily") }}
    ),

    used as (
        select
            {{ month_of("usage_date") }} as month_start_date,
            allocation_stage,
            allocation_method,
            rule_id,
            {{ money_sum("allocated_cost_usd") }} as spend_usd,
            cast(count(distinct case when allocated_ratio <> 0 then spend_item_key end) as bigint) as split_item_count
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3, 4
    ),

    idle as (
        select distinct months.month_start_date, rules.rule_id, rules.method
        from months
        inner join
            {{ ref("dim_allocation_rules") }} as rules
            on rules.valid_from_utc < cast({{ dbt.dateadd("month", 1, "months.month_start_date") }} as timestamp)
            and rules.valid_to_utc > cast(months.month_start_date as timestamp)
        left join used on used.month_start_date = months.month_start_date and used.rule_id = rules.rule_id
        where used.rule_id is null
    ),

    listed as (
        select *
        from used
        union all
        select
            month_start_date,
            case when method = 'overhead' then 'overhead' else 'shared' end,
            method,
            rule_id,
            cast(0 as decimal(38, 12)),
            cast(0 as bigint)
        from idle
    )

select
    {{ surrogate_key(["month_start_date", "allocation_stage", "allocation_method", "rule_id"]) }}
    as allocation_monthly_key,
    *
from listed
