{#- No name and no address leaves the organisation's tables: people are told apart by a label. -#}
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
    user_id,
    {{ surrogate_key(["user_id"]) }} as user_key,
    'user-' || substr({{ surrogate_key(["user_id"]) }}, 1, 8) as user_label,
    team_id,
    is_described,
    first_seen_date,
    last_seen_date
from users
