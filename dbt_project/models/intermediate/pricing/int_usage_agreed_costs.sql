{#- The parts of each row and meter together again: its exact cost, or why it is unknown. The price is there where all
    units have the same. -#}
select
    usage_row_id,
    meter,
    max(usage_date) as usage_date,
    cast(sum(part_quantity) as bigint) as quantity,
    case
        when count(*) = count(contracted_cost_usd) then {{ money_sum("contracted_cost_usd") }}
    end as contracted_cost_usd,
    case
        when
            count(*) = count(contracted_cost_usd)
            and min(contracted_price_usd_per_unit) = max(contracted_price_usd_per_unit)
        then min(contracted_price_usd_per_unit)
    end as contracted_price_usd_per_unit,
    case
        when count(*) = count(contracted_cost_usd)
        then cast(null as varchar)
        when max(case when is_unknown_account then 1 else 0 end) = 1
        then 'account_not_reported'
        else 'no_price_for_tier'
    end as unpriced_reason
from {{ ref("int_usage_agreed_parts") }}
group by 1, 2
