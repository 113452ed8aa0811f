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

    listed as (
        select id as api_key_id, name, status, is_listed, received_at_utc
        from {{ ref("stg_openai__api_keys") }}
        union all
        select api_key_id, api_key_name, status, is_listed, received_at_utc
        from {{ ref("stg_anthropic__api_keys") }}
    ),

    -- Names that hold an address stay out, as people's names do.
    named as (
        select
            api_key_id,
            case when name not like '%@%' then name end as api_key_name,
            status as api_key_status,
            row_number() over (
                partition by api_key_id order by is_listed desc, received_at_utc desc, name, status
            ) as listing_rank
        from listed
    ),

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
    named.api_key_name,
    named.api_key_status,
    keys.team_id,
    keys.owner_project_id,
    coalesce(keys.cost_center_id, teams.cost_center_id) as cost_center_id,
    keys.is_owned,
    keys.first_seen_date,
    keys.last_seen_date
from keys
left join {{ ref("dim_teams") }} as teams on teams.team_id = keys.team_id
left join named on named.api_key_id = keys.api_key_id and named.listing_rank = 1
