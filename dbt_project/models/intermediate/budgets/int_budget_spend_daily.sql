{#- Spend per budgeted scope, kind of money that a budget of it counts, and day. A cost center takes in its subtree of
    that day; a project what it owns or, where ownership says nothing, what is reported under its id; a tag the charges
    that carry it, whole. Bills name no users and features and seldom models, so these are held against the cost of
    metered usage (contracted, or recorded), billed or not, by days of the reporting zone. -#}
with
    allocated as (
        select *, coalesce(owner_project_id, project_id) as budget_project_id
        from {{ ref("int_allocated_costs_daily") }}
    ),

    tag_pairs as (
        {{
            named_tags(
                ref("int_spend_items") | string,
                "select scope_id as tag from " ~ ref("int_budgets") ~ " where scope_type = 'tag'",
            )
        }}
    ),

    scoped as (
        select
            usage_date,
            'global' as scope_type,
            cast(null as string) as scope_id,
            allocated_cost_usd as spend_usd,
            cost_basis,
            unknown_cost_item_count,
            cost_kind
        from allocated
        {%- for scope, column in [
                ("team", "team_id"),
                ("project", "budget_project_id"),
                ("provider", "provider_id"),
            ] %}
            union all
            select
                usage_date,
                '{{ scope }}',
                {{ column }},
                allocated_cost_usd,
                cost_basis,
                unknown_cost_item_count,
                cost_kind
            from allocated
            where {{ column }} is not null
        {%- endfor %}
        union all
        select
            allocated.usage_date,
            'cost_center',
            ancestors.ancestor_id,
            allocated.allocated_cost_usd,
            allocated.cost_basis,
            allocated.unknown_cost_item_count,
            allocated.cost_kind
        from allocated
        inner join
            {{ ref("int_cost_center_ancestors") }} as ancestors
            on ancestors.cost_center_id = allocated.cost_center_id
            and {{ valid_on("ancestors", "allocated.usage_date") }}
        union all
        select
            items.usage_date,
            'tag',
            tag_pairs.tag,
            items.spend_usd,
            items.cost_basis,
            items.unknown_cost_item_count,
            items.cost_kind
        from {{ ref("int_spend_items") }} as items
        inner join
            tag_pairs on tag_pairs.tags = items.tags and tag_pairs.provider_id is not distinct from items.provider_id
        {%- for scope, column in [("user", "user_id"), ("model", "lower(model_id)"), ("feature", "feature")] %}
            union all
            select reporting_date, '{{ scope }}', {{ column }}, spend_usd, cost_basis, unknown_spend_row_count, 'llm'
            from {{ ref("int_llm_usage_reporting_daily") }}
            where {{ column }} is not null
        {%- endfor %}
    ),

    budgeted as (
        select distinct scope_type, scope_id, {{ budget_scope_key() }} as scope_key, counts
        from {{ ref("int_budgets") }}
    )

select
    scoped.usage_date,
    scoped.scope_type,
    budgeted.scope_id,
    budgeted.counts,
    {{ money_sum("scoped.spend_usd") }} as spend_usd,
    cast(sum(scoped.unknown_cost_item_count) as bigint) as unknown_cost_item_count,
    min(scoped.cost_basis) as least_cost_basis,
    max(scoped.cost_basis) as greatest_cost_basis
from scoped
inner join
    budgeted
    on budgeted.scope_type = scoped.scope_type
    and budgeted.scope_key = coalesce(scoped.scope_id, '')
    and budgeted.counts in (scoped.cost_kind, 'total')
group by 1, 2, 3, 4
