{#- Each spend item goes whole to the one owner of its key, project, workspace, account, tag or team on its day, so
    every ratio is 1 and the sum is the spend to the last decimal (assert_allocation_conserves_cost). -#}
{%- set dimensions = [
    'usage_date', 'spend_item_type', 'provider_id', 'account_id', 'project_id', 'workspace_id', 'api_key_id', 'user_id',
    'customer_id', 'feature', 'environment', 'model_id', 'charge_category', 'service_name', 'team_id',
    'owner_project_id', 'cost_center_id', 'allocation_method', 'cost_basis'
] %}

with allocated as (
    select
        items.usage_date, items.spend_item_type, items.provider_id, items.account_id,
        -- A bill's sub-account stands in for project and workspace only while looking for the owner.
        case when items.spend_item_type <> 'charge' then items.project_id end as project_id,
        case when items.spend_item_type <> 'charge' then items.workspace_id end as workspace_id,
        items.api_key_id, items.user_id, items.customer_id, items.feature, items.environment, items.model_id,
        items.charge_category, items.service_name,
        owners.team_id, owners.owner_project_id, owners.cost_center_id, owners.allocation_method,
        items.cost_basis, items.spend_usd, items.list_cost_usd, items.spend_item_count, items.unknown_cost_item_count,
        items.request_count, items.input_tokens, items.output_tokens
    from {{ ref('int_spend_items') }} as items
    inner join {{ ref('int_spend_owners') }} as owners
        on owners.owner_lookup_key = items.owner_lookup_key
),

grouped as (
    select
        {{ dimensions | join(', ') }},
        {{ money_sum('spend_usd') }} as allocated_cost_usd,
        {{ money_sum('list_cost_usd') }} as list_cost_usd,
        cast(sum(spend_item_count) as bigint) as spend_item_count,
        cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens
    from allocated
    group by {% for _ in dimensions %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
)

select
    {{ surrogate_key(dimensions) }} as allocated_cost_key,
    usage_date, spend_item_type, provider_id, account_id, project_id, workspace_id, api_key_id, user_id, customer_id, feature,
    environment, model_id, charge_category, service_name, team_id, owner_project_id, cost_center_id, allocation_method,
    cast(1 as decimal(38, 12)) as allocated_ratio,
    allocated_cost_usd, cost_basis, list_cost_usd, spend_item_count, unknown_cost_item_count, request_count,
    input_tokens, output_tokens
from grouped
