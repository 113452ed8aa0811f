{#- The usage under each charge by owner, weighted by what it was metered to cost, and what no owner's usage explains
    (`is_residual`): billed above metered, and usage that nobody owns. Charges of the same account, model and days share
    their evidence. -#}
with
    charges as (
        select
            {{ evidence_key() }} as evidence_key,
            provider_id,
            billing_account_id,
            project_id as sub_account_id,
            model_id,
            usage_date,
            charge_last_date,
            {{ money_sum("case when charge_category = 'Usage' then spend_usd end") }} as billed_cost_usd
        from {{ ref("int_spend_items") }}
        where
            spend_item_type = 'charge'
            and is_llm_charge
            and provider_id is not null
            and usage_date in (select usage_date from {{ ref("int_allocation_rebuild_days") }})
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    -- A charge that names no model is explained by all usage of its account, so it is held against all charges of
    -- the account.
    billed as (
        select
            evidence_key,
            provider_id,
            billing_account_id,
            sub_account_id,
            model_id,
            usage_date,
            charge_last_date,
            case
                when model_id is not null
                then billed_cost_usd
                else
                    sum(billed_cost_usd) over (
                        partition by provider_id, billing_account_id, sub_account_id, usage_date, charge_last_date
                    )
            end as billed_cost_usd
        from charges
    ),

    days as (
        select billed.*, billed.usage_date as covered_date
        from billed
        union all
        select billed.*, dates.date_day
        from billed
        inner join
            {{ ref("int_dates") }} as dates
            on dates.date_day > billed.usage_date
            and dates.date_day <= billed.charge_last_date
        where billed.charge_last_date > billed.usage_date
    ),

    used as (
        select
            items.usage_date,
            items.provider_id,
            items.account_id,
            items.project_id,
            items.workspace_id,
            items.model_id,
            owners.team_id,
            owners.owner_project_id,
            owners.cost_center_id,
            owners.allocation_method <> 'unallocated' as is_owned,
            sum(items.metered_cost_usd) as metered_cost_usd
        from {{ ref("int_spend_items") }} as items
        inner join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = items.owner_lookup_key
        where
            items.spend_item_type = 'usage'
            and items.metered_cost_usd > 0
            and items.usage_date in (select covered_date from days)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ),

    -- Of all charges: one of another day may name the sub-account of usage that a charge here covers too.
    naming as (
        select distinct provider_id, project_id as sub_account_id, usage_date, charge_last_date
        from {{ ref("int_spend_items") }}
        where spend_item_type = 'charge' and is_llm_charge and provider_id is not null and project_id is not null
    ),

    named as (
        select provider_id, usage_date as covered_date, sub_account_id
        from naming
        where usage_date in (select covered_date from days)
        union
        select naming.provider_id, dates.date_day, naming.sub_account_id
        from naming
        inner join
            {{ ref("int_dates") }} as dates
            on dates.date_day > naming.usage_date
            and dates.date_day <= naming.charge_last_date
        where naming.charge_last_date > naming.usage_date and dates.date_day in (select covered_date from days)
    ),

    -- Where the bill names the sub-account of some usage, that usage explains its charges and no others.
    placed as (
        select
            used.*,
            coalesce(accounts.sub_account_id, projects.sub_account_id, workspaces.sub_account_id)
            is not null as is_named
        from used
        {%- for name, column in [
                ("accounts", "account_id"),
                ("projects", "project_id"),
                ("workspaces", "workspace_id"),
            ] %}
            left join
                named as {{ name }}
                on {{ name }}.provider_id = used.provider_id
                and {{ name }}.covered_date = used.usage_date
                and {{ name }}.sub_account_id = used.{{ column }}
        {%- endfor %}
    ),

    seen as (
        select
            days.evidence_key,
            used.is_owned,
            used.team_id,
            used.owner_project_id,
            used.cost_center_id,
            {{ money_sum("used.metered_cost_usd") }} as metered_cost_usd
        from days
        inner join
            placed as used
            on used.provider_id = days.provider_id
            and used.usage_date = days.covered_date
            and (days.model_id is null or days.model_id = used.model_id)
            and case
                when days.sub_account_id is not null
                then days.sub_account_id in (used.account_id, used.project_id, used.workspace_id)
                when used.is_named
                then false
                else
                    coalesce(used.account_id, days.billing_account_id, '')
                    = coalesce(days.billing_account_id, used.account_id, '')
            end
        group by 1, 2, 3, 4, 5
    ),

    explained as (
        select
            evidence_key,
            sum(metered_cost_usd) as metered_cost_usd,
            sum(case when is_owned then metered_cost_usd end) as owned_cost_usd
        from seen
        group by 1
    )

select
    evidence_key,
    team_id,
    owner_project_id,
    cost_center_id,
    false as is_residual,
    metered_cost_usd,
    {{ to_units("metered_cost_usd") }} as weight
from seen
where is_owned
union all
select
    billed.evidence_key,
    cast(null as string),
    cast(null as string),
    cast(null as string),
    true,
    cast(null as decimal(38, 12)),
    {{
        to_units(
            "greatest(coalesce(billed.billed_cost_usd, 0) - explained.metered_cost_usd, 0) +"
            " explained.metered_cost_usd - explained.owned_cost_usd"
        )
    }}
from billed
inner join explained on explained.evidence_key = billed.evidence_key
where explained.owned_cost_usd > 0
