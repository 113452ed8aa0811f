{#
   What each dollar of spend rests on. The bases of a day sum to its spend; what a basis does not know is counted beside
   it.
#}
with
    items as (
        select
            usage_date,
            provider_id,
            cost_kind,
            cost_basis,
            {{ money_sum("allocated_cost_usd") }} as spend_usd,
            cast(sum(spend_item_count) as bigint) as spend_item_count,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count,
            cast(sum(request_count) as bigint) as request_count
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3, 4
    )

select
    {{ surrogate_key(["usage_date", "provider_id", "cost_kind", "cost_basis"]) }} as spend_basis_key,
    usage_date,
    provider_id,
    cost_kind,
    cost_basis,
    case
        cost_basis
        when 'billed'
        then 'billed'
        when 'recorded'
        then 'recorded'
        when 'contracted'
        then 'priced'
        when 'estimated'
        then 'estimated'
        else 'declared or rated'
    end as coverage_class,
    spend_usd,
    spend_item_count,
    unknown_cost_item_count,
    request_count
from items
