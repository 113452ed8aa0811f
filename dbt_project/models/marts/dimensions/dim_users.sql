{#- No name and no address of a person leaves the organisation's tables: people are told apart by a label. A service
    account is nobody and keeps its name. -#}
with
    source as (select * from {{ ref("stg_org__users") }}),

    ranked as (select source.*, {{ current_rank("source.user_id") }} as current_rank from source),

    described as (select user_id, team_id from ranked where current_rank = 1),

    seen as (
        select user_id, min(usage_date) as first_seen_date, max(usage_date) as last_seen_date
        from {{ ref("int_llm_usage_daily") }}
        where user_id is not null
        group by 1
    ),

    service_accounts as (
        select
            id as user_id,
            case when name not like '%@%' then name end as service_account_name,
            row_number() over (partition by id order by is_listed desc, received_at_utc desc, name) as listing_rank
        from {{ ref("stg_openai__service_accounts") }}
    ),

    people as (
        select id as user_id
        from {{ ref("stg_openai__users") }}
        union
        select user_id
        from {{ ref("stg_anthropic__members") }}
        union
        select user_id
        from described
    ),

    users as (
        select
            coalesce(seen.user_id, described.user_id) as user_id,
            described.team_id,
            described.user_id is not null as is_described,
            seen.first_seen_date,
            seen.last_seen_date
        from seen
        full outer join described on described.user_id = seen.user_id
    )

select
    users.user_id,
    {{ surrogate_key(["users.user_id"]) }} as user_key,
    'user-' || substr({{ surrogate_key(["users.user_id"]) }}, 1, 8) as user_label,
    case
        when service_accounts.user_id is not null then 'service_account' when people.user_id is not null then 'person'
    end as user_type,
    service_accounts.service_account_name,
    users.team_id,
    users.is_described,
    users.first_seen_date,
    users.last_seen_date
from users
left join service_accounts on service_accounts.user_id = users.user_id and service_accounts.listing_rank = 1
left join people on people.user_id = users.user_id
