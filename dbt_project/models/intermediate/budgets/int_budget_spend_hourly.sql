{#- Cost of metered usage (contracted, or recorded) per UTC hour and scope that has an hourly budget: bills know days
    only. Owners are those of the day, before rules split anything. -#}
with
    budgeted as (
        select distinct scope_type, scope_id, {{ budget_scope_key() }} as scope_key
        from {{ ref("int_budgets") }}
        where period = 'hour'
    ),

    metered as (
        select
            hourly.usage_hour_utc,
            hourly.usage_date,
            hourly.provider_id,
            hourly.account_id,
            hourly.project_id,
            hourly.workspace_id,
            hourly.api_key_id,
            hourly.user_id,
            hourly.team_id,
            hourly.feature,
            hourly.model_id,
            {{ money_sum(metered_spend("hourly", "recorded")) }} as spend_usd,
            cast(
                sum(
                    case when hourly.unpriced_reason is not null and recorded.usage_row_id is null then 1 else 0 end
                ) as bigint
            ) as unknown_cost_item_count
        from {{ ref("int_usage_priced_hourly") }} as hourly
        left join {{ ref("int_usage_recorded_spend") }} as recorded on recorded.usage_row_id = hourly.usage_row_id
        where is_billable and exists (select 1 from budgeted)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ),

    keyed as (select *, {{ usage_owner_lookup_key("metered") }} as owner_lookup_key from metered),

    owned as (
        select
            keyed.usage_hour_utc,
            keyed.usage_date,
            keyed.provider_id,
            keyed.user_id,
            keyed.model_id,
            keyed.feature,
            keyed.spend_usd,
            keyed.unknown_cost_item_count,
            owners.team_id as owner_team_id,
            coalesce(owners.owner_project_id, keyed.project_id) as budget_project_id,
            coalesce(owners.cost_center_id, 'unallocated') as cost_center_id
        from keyed
        left join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = keyed.owner_lookup_key
    ),

    scoped as (
        select
            usage_hour_utc, 'global' as scope_type, cast(null as string) as scope_id, spend_usd, unknown_cost_item_count
        from owned
        {%- for scope, column in [
                ("team", "owner_team_id"),
                ("project", "budget_project_id"),
                ("provider", "provider_id"),
                ("user", "user_id"),
                ("model", "lower(model_id)"),
                ("feature", "feature"),
            ] %}
            union all
            select usage_hour_utc, '{{ scope }}', {{ column }}, spend_usd, unknown_cost_item_count
            from owned
            where {{ column }} is not null
        {%- endfor %}
        union all
        select
            owned.usage_hour_utc, 'cost_center', ancestors.ancestor_id, owned.spend_usd, owned.unknown_cost_item_count
        from owned
        inner join
            {{ ref("int_cost_center_ancestors") }} as ancestors
            on ancestors.cost_center_id = owned.cost_center_id
            and {{ valid_on("ancestors", "owned.usage_date") }}
    )

select
    scoped.usage_hour_utc,
    scoped.scope_type,
    budgeted.scope_id,
    {{ money_sum("scoped.spend_usd") }} as spend_usd,
    cast(sum(scoped.unknown_cost_item_count) as bigint) as unknown_cost_item_count
from scoped
inner join budgeted on budgeted.scope_type = scoped.scope_type and budgeted.scope_key = coalesce(scoped.scope_id, '')
group by 1, 2, 3
