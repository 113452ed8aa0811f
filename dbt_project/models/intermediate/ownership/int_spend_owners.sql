{#- The one owner of each distinct combination of day, provider, key, project, workspace, account, tags and team.
    Precedence: api key, project, workspace, account, tag, reported team; what none of them finds is unallocated. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="usage_date",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_changed_days(ref('int_allocation_day_fingerprints')) }}",
    )
}}

with
    lookups as (
        select distinct
            owner_lookup_key,
            usage_date,
            provider_id,
            account_id,
            billing_account_id,
            project_id,
            workspace_id,
            api_key_id,
            team_id,
            tags
        from {{ ref("int_spend_items") }}
        {%- if is_incremental() %}
            where usage_date in ({{ days_to_rebuild(ref("int_allocation_day_fingerprints"), this, lookback_days=0) }})
        {%- endif %}
    ),

    subjects as (
        {% for type, column, rank in [
            ("api_key", "api_key_id", 1),
            ("project", "project_id", 2),
            ("workspace", "workspace_id", 4),
            ("account", "account_id", 5),
            ("account", "billing_account_id", 6),
        ] -%}
            select
                owner_lookup_key,
                usage_date,
                provider_id,
                '{{ type }}' as subject_type,
                {{ column }} as subject_id,
                {{ rank }} as precedence
            from lookups
            where {{ column }} is not null
            union all
        {% endfor -%}
        select lookups.owner_lookup_key, lookups.usage_date, lookups.provider_id, 'tag', pairs.tag, 7
        from lookups
        inner join
            (
                {{
                    named_tags(
                        "lookups",
                        "select subject_id as tag from " ~ ref("int_ownership") ~ " where subject_type = 'tag'",
                    )
                }}
            ) as pairs
            on pairs.tags = lookups.tags
            and pairs.provider_id is not distinct from lookups.provider_id
    ),

    owned as (
        select
            subjects.owner_lookup_key,
            subjects.usage_date,
            subjects.subject_type as allocation_method,
            subjects.precedence,
            case when ownership.provider_name is null then 1 else 0 end as generality,
            ownership.valid_from_utc,
            subjects.subject_id,
            ownership.team_id,
            ownership.project_id,
            ownership.cost_center_id
        from subjects
        inner join
            {{ ref("int_ownership") }} as ownership
            on ownership.subject_type = subjects.subject_type
            and ownership.subject_id = subjects.subject_id
            and (ownership.provider_id is null or ownership.provider_id = subjects.provider_id)
            and {{ valid_on("ownership", "subjects.usage_date") }}
    ),

    candidates as (
        select
            owner_lookup_key,
            usage_date,
            allocation_method,
            precedence,
            generality,
            valid_from_utc,
            subject_id,
            team_id,
            project_id,
            cost_center_id
        from owned
        union all
        -- A project that the organisation itself describes owns what is reported under its id.
        select
            lookups.owner_lookup_key,
            lookups.usage_date,
            'project',
            3,
            0,
            projects.valid_from_utc,
            lookups.project_id,
            cast(null as string),
            projects.project_id,
            cast(null as string)
        from lookups
        inner join
            {{ ref("stg_org__projects") }} as projects
            on projects.project_id = lookups.project_id
            and {{ valid_on("projects", "lookups.usage_date") }}
        union all
        select
            owner_lookup_key,
            usage_date,
            'reported_team',
            8,
            0,
            cast(null as timestamp),
            team_id,
            team_id,
            cast(null as string),
            cast(null as string)
        from lookups
        where team_id is not null
        union all
        select
            owner_lookup_key,
            usage_date,
            'unallocated',
            9,
            0,
            cast(null as timestamp),
            cast(null as string),
            cast(null as string),
            cast(null as string),
            cast(null as string)
        from lookups
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by owner_lookup_key
                order by precedence, generality, valid_from_utc desc, subject_id, team_id, project_id, cost_center_id
            ) as candidate_rank
        from candidates
    ),

    with_team as (
        select
            ranked.owner_lookup_key,
            ranked.usage_date,
            ranked.allocation_method,
            ranked.project_id as owner_project_id,
            ranked.cost_center_id,
            coalesce(ranked.team_id, projects.team_id) as team_id,
            row_number() over (
                partition by ranked.owner_lookup_key order by projects.valid_from_utc desc, projects.team_id
            ) as project_rank
        from ranked
        left join
            {{ ref("stg_org__projects") }} as projects
            on projects.project_id = ranked.project_id
            and {{ valid_on("projects", "ranked.usage_date") }}
        where ranked.candidate_rank = 1
    ),

    with_cost_center as (
        select
            with_team.owner_lookup_key,
            with_team.usage_date,
            with_team.allocation_method,
            with_team.team_id,
            with_team.owner_project_id,
            coalesce(with_team.cost_center_id, teams.cost_center_id, 'unallocated') as cost_center_id,
            row_number() over (
                partition by with_team.owner_lookup_key order by teams.valid_from_utc desc, teams.cost_center_id
            ) as team_rank
        from with_team
        left join
            {{ ref("stg_org__teams") }} as teams
            on teams.team_id = with_team.team_id
            and {{ valid_on("teams", "with_team.usage_date") }}
        where with_team.project_rank = 1
    )

select
    owned.owner_lookup_key,
    owned.usage_date,
    owned.allocation_method,
    owned.team_id,
    owned.owner_project_id,
    owned.cost_center_id,
    fingerprints.inputs_fingerprint as _inputs_fingerprint
from with_cost_center as owned
inner join {{ ref("int_allocation_day_fingerprints") }} as fingerprints on fingerprints.usage_date = owned.usage_date
where owned.team_rank = 1
