{#
  What nobody owns, named by the narrowest thing that could be given an owner: the api key, else the project, else
  the workspace, else the account. Each unowned dollar appears once, so the table sums to all unallocated spend.
#}
with unowned as (
    select
        usage_date,
        provider_id,
        case
            when api_key_id is not null then 'api_key'
            when project_id is not null then 'project'
            when workspace_id is not null then 'workspace'
            when account_id is not null then 'account'
            else 'none'
        end as subject_type,
        coalesce(api_key_id, project_id, workspace_id, account_id, 'none') as subject_id,
        allocated_cost_usd,
        request_count
    from {{ ref('fct_allocated_costs_daily') }}
    where allocation_method = 'unallocated'
),

newest_day as (
    select max(usage_date) as usage_date from {{ ref('fct_allocated_costs_daily') }}
),

subjects as (
    select
        unowned.provider_id,
        unowned.subject_type,
        unowned.subject_id,
        cast(sum(unowned.allocated_cost_usd) as decimal(38, 12)) as spend_usd,
        cast(
            sum(case
                when {{ dbt.datediff('unowned.usage_date', 'newest_day.usage_date', 'day') }} < 30
                    then unowned.allocated_cost_usd
            end) as decimal(38, 12)
        ) as last_30_days_spend_usd,
        cast(sum(unowned.request_count) as bigint) as request_count,
        min(unowned.usage_date) as first_seen_date,
        max(unowned.usage_date) as last_seen_date
    from unowned
    cross join newest_day
    group by 1, 2, 3
)

select
    {{ surrogate_key(['provider_id', 'subject_type', 'subject_id']) }} as unallocated_key,
    cast(row_number() over (order by coalesce(spend_usd, 0) desc, subject_type, subject_id, provider_id) as bigint)
        as spend_rank,
    provider_id,
    subject_type,
    subject_id,
    spend_usd,
    last_30_days_spend_usd,
    {{ ratio('spend_usd', 'sum(spend_usd) over ()', 12) }} as unallocated_share_ratio,
    request_count,
    first_seen_date,
    last_seen_date
from subjects
