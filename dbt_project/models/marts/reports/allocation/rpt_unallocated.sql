{#
   What no cost center carries, named by the thing whose owner is missing: a team or project without a cost center, else
   the api key, the project, the workspace or the account that nobody owns. Each such dollar appears once, so the table
   sums to the cost center `unallocated`. Why it is there stands beside it: what is negative is never without a word.
#}
with
    unowned as (
        select
            usage_date,
            provider_id,
            case
                when team_id is not null
                then 'team'
                when owner_project_id is not null
                then 'project'
                when api_key_id is not null
                then 'api_key'
                when project_id is not null
                then 'project'
                when workspace_id is not null
                then 'workspace'
                when account_id is not null
                then 'account'
                else 'none'
            end as subject_type,
            coalesce(team_id, owner_project_id, api_key_id, project_id, workspace_id, account_id, 'none') as subject_id,
            case
                when allocation_stage = 'prepaid_balance'
                then 'prepaid_not_consumed'
                when charge_category = 'Credit'
                then 'credit_without_owner'
                when allocated_cost_usd < 0 and charge_category = 'Purchase'
                then 'refund_of_commitment'
                when allocated_cost_usd < 0
                then 'refund_or_correction'
                when charge_category = 'Tax'
                then 'tax_without_owner'
                when spend_item_type = 'tco'
                then 'own_cost_without_owner'
                when spend_item_type = 'gpu'
                then 'gpu_without_owner'
                when team_id is not null
                then 'team_without_cost_center'
                when owner_project_id is not null
                then 'project_without_team'
                else 'no_owner'
            end as unallocated_reason,
            cost_kind,
            allocated_cost_usd,
            request_count,
            user_id
        from {{ ref("fct_allocated_costs_daily") }}
        where cost_center_id = 'unallocated'
    ),

    newest_day as (select max(usage_date) as usage_date from {{ ref("fct_allocated_costs_daily") }}),

    subjects as (
        select
            unowned.provider_id,
            unowned.subject_type,
            unowned.subject_id,
            unowned.unallocated_reason,
            unowned.cost_kind,
            cast(sum(unowned.allocated_cost_usd) as decimal(38, 12)) as spend_usd,
            cast(
                sum(
                    case
                        when {{ dbt.datediff("unowned.usage_date", "newest_day.usage_date", "day") }} < 30
                        then unowned.allocated_cost_usd
                    end
                ) as decimal(38, 12)
            ) as last_30_days_spend_usd,
            cast(sum(unowned.request_count) as bigint) as request_count,
            min(unowned.usage_date) as first_seen_date,
            max(unowned.usage_date) as last_seen_date
        from unowned
        cross join newest_day
        group by 1, 2, 3, 4, 5
    ),

    callers as (
        select
            provider_id,
            subject_type,
            subject_id,
            user_id,
            row_number() over (
                partition by provider_id, subject_type, subject_id order by sum(request_count) desc, user_id
            ) as caller_rank
        from unowned
        where user_id is not null and request_count > 0
        group by 1, 2, 3, 4
    ),

    -- Who made most of the requests knows what the key is for; else the team itself, where only its cost center is
    -- missing.
    asked as (
        select
            subjects.*,
            users.user_key as ask_user_key,
            coalesce(
                users.team_id, case when subjects.subject_type = 'team' then subjects.subject_id end
            ) as ask_team_id
        from subjects
        left join
            callers
            on callers.subject_type = subjects.subject_type
            and callers.subject_id = subjects.subject_id
            and coalesce(callers.provider_id, '') = coalesce(subjects.provider_id, '')
            and callers.caller_rank = 1
        left join {{ ref("dim_users") }} as users on users.user_id = callers.user_id
    )

select
    {{ surrogate_key(["provider_id", "subject_type", "subject_id", "unallocated_reason", "cost_kind"]) }}
    as unallocated_key,
    cast(
        row_number() over (
            order by coalesce(spend_usd, 0) desc, subject_type, subject_id, provider_id, unallocated_reason, cost_kind
        ) as bigint
    ) as spend_rank,
    provider_id,
    subject_type,
    subject_id,
    unallocated_reason,
    cost_kind,
    spend_usd,
    last_30_days_spend_usd,
    {{ ratio("spend_usd", "sum(spend_usd) over ()", 12) }} as unallocated_share_ratio,
    request_count,
    first_seen_date,
    last_seen_date,
    asked.ask_user_key,
    asked.ask_team_id,
    teams.owner as ask_owner
from asked
left join {{ ref("dim_teams") }} as teams on teams.team_id = asked.ask_team_id
