with
    seen as (
        select api_key_id, min(usage_date) as first_seen_date, max(usage_date) as last_seen_date
        from {{ ref("int_llm_usage_daily") }}
        where api_key_id is not null
        group by 1
    ),

    ranked as (
        select
            source.subject_id as api_key_id,
            source.team_id,
            source.project_id,
            source.cost_center_id,
            row_number() over (
                partition by source.subject_id order by source.valid_from_utc desc, source.provider_id, source.team_id
            ) as owner_rank
        from {{ ref("int_ownership") }} as source
        where source.subject_type = 'api_key' and {{ valid_on("source", today()) }}
    ),

    owned as (select * from ranked where owner_rank = 1),

    keys as (
        select
            coalesce(seen.api_key_id, owned.api_key_id) as api_key_id,
            owned.project_id as owner_project_id,
            coalesce(owned.team_id, projects.team_id) as team_id,
            owned.cost_center_id,
            owned.api_key_id is not null as is_owned,
            seen.first_seen_date,
            seen.last_seen_date
        from seen
        full outer join owned on owned.api_key_id = seen.api_key_id
        left join {{ ref("dim_projects") }} as projects on projects.project_id = owned.project_id
    )

select
    keys.api_key_id,
    keys.team_id,
    keys.owner_project_id,
    coalesce(keys.cost_center_id, teams.cost_center_id) as cost_center_id,
    keys.is_owned,
    keys.first_seen_date,
    keys.last_seen_date
from keys
left join {{ ref("dim_teams") }} as teams on teams.team_id = keys.team_id
