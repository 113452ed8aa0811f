{#- Spend per budget scope and day. A cost center budget takes in its whole subtree; a project budget what the project
    owns or, where ownership says nothing, what is reported under its id. -#}
with allocated as (
    select * from {{ ref('fct_allocated_costs_daily') }}
),

scoped as (
    select usage_date, 'global' as scope_type, cast(null as varchar) as scope_id, allocated_cost_usd from allocated
    union all
    select usage_date, 'team', team_id, allocated_cost_usd from allocated where team_id is not null
    union all
    select usage_date, 'project', coalesce(owner_project_id, project_id), allocated_cost_usd
    from allocated
    where coalesce(owner_project_id, project_id) is not null
    union all
    select usage_date, 'provider', provider_id, allocated_cost_usd from allocated where provider_id is not null
    union all
    select allocated.usage_date, 'cost_center', ancestors.ancestor_id, allocated.allocated_cost_usd
    from allocated
    inner join {{ ref('int_cost_center_ancestors') }} as ancestors
        on ancestors.cost_center_id = allocated.cost_center_id
)

select usage_date, scope_type, scope_id, {{ money_sum('allocated_cost_usd') }} as spend_usd
from scoped
group by 1, 2, 3
