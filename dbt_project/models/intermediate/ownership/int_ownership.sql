{#- Ownership rows with the provider's id instead of its spelling, and the owners that items of total cost of ownership
    name. -#}
select
    ownership.subject_type,
    case
        when ownership.subject_type = 'account'
        then {{ account_at("ownership.subject_id", "aliases.provider_id") }}
        when ownership.subject_type in ('project', 'workspace')
        then {{ account_of("ownership.subject_id") }}
        else ownership.subject_id
    end as subject_id,
    ownership.provider_name,
    case
        when ownership.provider_name is not null then coalesce(aliases.provider_id, lower(ownership.provider_name))
    end as provider_id,
    ownership.team_id,
    ownership.project_id,
    ownership.cost_center_id,
    coalesce(ownership.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
    coalesce(ownership.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc
from {{ ref("stg_org__ownership") }} as ownership {{ join_provider("lower(ownership.provider_name)") }}
union all
-- An account that no provider is named for may be one of AWS, whose charges have its zeros.
select
    subject_type,
    {{ aws_account("subject_id") }},
    provider_name,
    'aws',
    team_id,
    project_id,
    cost_center_id,
    coalesce(valid_from_utc, cast('1900-01-01' as timestamp)),
    coalesce(valid_to_utc, cast('2200-01-01' as timestamp))
from {{ ref("stg_org__ownership") }}
where subject_type = 'account' and provider_name is null and {{ aws_account("subject_id") }} <> subject_id
union all
select
    'account',
    'tco:' || item_id,
    cast(null as string),
    cast(null as string),
    team_id,
    project_id,
    cost_center_id,
    valid_from_utc,
    valid_to_utc
from {{ ref("int_own_cost_items") }}
where coalesce(team_id, project_id, cost_center_id) is not null
