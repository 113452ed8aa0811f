{% set subjects = ['provider', 'model', 'team'] %}
with ranking as (
    select * from {{ ref('rpt_spend_ranking_monthly') }}
)

select
    month_start_date,
    {%- for subject in subjects %}
    {%- set is_first = "scope_type = '" ~ subject ~ "' and spend_rank = 1 and is_named" %}
    max(case when {{ is_first }} then scope_id end) as top_{{ subject }}_id,
    max(case when {{ is_first }} then spend_usd end) as top_{{ subject }}_spend_usd,
    max(case when {{ is_first }} then spend_share_ratio end) as top_{{ subject }}_share_ratio,
    {%- endfor %}
    coalesce(
        max(case when scope_type = 'cost_center' and scope_id = 'unallocated' then spend_usd end),
        cast(0 as decimal(38, 12))
    ) as unallocated_spend_usd,
    coalesce(
        max(case when scope_type = 'cost_center' and scope_id = 'unallocated' then spend_share_ratio end),
        cast(0 as decimal(38, 12))
    ) as unallocated_share_ratio
from ranking
group by 1
