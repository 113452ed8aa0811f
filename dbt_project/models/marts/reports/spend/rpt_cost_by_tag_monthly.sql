select
    {{ surrogate_key([month_of("usage_date"), "provider_id", "tag"]) }} as cost_by_tag_key,
    {{ month_of("usage_date") }} as month_start_date,
    provider_id,
    tag,
    {{ money_sum("spend_usd") }} as spend_usd,
    {{ money_sum("metered_cost_usd") }} as contracted_cost_usd
from {{ ref("int_tagged_spend_daily") }}
group by 1, 2, 3, 4
