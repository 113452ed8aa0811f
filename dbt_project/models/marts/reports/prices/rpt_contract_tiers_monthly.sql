select
    {{ surrogate_key(["month_start_date", "tier_scope", "tier_from_units", "tier_to_units", "is_unknown_account"]) }}
    as contract_tier_key,
    month_start_date,
    tier_scope,
    tier_from_units,
    nullif(tier_to_units, 9223372036854775807) as tier_to_units,
    is_unknown_account,
    cast(sum(part_quantity) as bigint) as quantity,
    {{ money_sum("contracted_cost_usd") }} as contracted_cost_usd,
    cast(sum(case when contracted_cost_usd is null then part_quantity else 0 end) as bigint) as unpriced_quantity
from {{ ref("int_usage_agreed_parts") }}
group by month_start_date, tier_scope, tier_from_units, tier_to_units, is_unknown_account
