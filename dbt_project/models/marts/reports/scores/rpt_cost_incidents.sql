{# The incidents with somebody to ask and whether somebody has said that it is known; the drivers sum to the impact. #}
{%- set drivers = ["volume", "model_mix", "tier_mix", "tokens_per_request", "cache_rate", "price", "other"] %}
with
    incidents as (select * from {{ source("ml", "cost_incidents") }}),

    acknowledged as (
        select target as incident_target, min(acted_at_utc) as acknowledged_at_utc
        from {{ source("alerts", "actions") }}
        where action = 'ack' and target like 'incident:%'
        group by target
    ),

    owned as (
        select
            incidents.*,
            coalesce(
                case when incidents.scope_type = 'team' then incidents.scope_id end, api_keys.team_id, projects.team_id
            ) as owner_team_id
        from incidents
        left join
            {{ ref("dim_api_keys") }} as api_keys
            on incidents.scope_type = 'api_key'
            and api_keys.api_key_id = incidents.scope_id
        left join
            {{ ref("dim_projects") }} as projects
            on incidents.scope_type = 'project'
            and projects.project_id = incidents.scope_id
    )

select
    owned.incident_id,
    owned.basis,
    owned.kind,
    owned.scope_type,
    owned.scope_id,
    owned.first_date,
    owned.last_date,
    owned.day_count,
    case
        when owned.status = 'open' and acknowledged.incident_target is not null then 'acknowledged' else owned.status
    end as status,
    acknowledged.acknowledged_at_utc,
    owned.severity,
    cast(owned.actual_cost_usd as decimal(38, 12)) as actual_cost_usd,
    cast(owned.expected_cost_usd as decimal(38, 12)) as expected_cost_usd,
    cast(owned.impact_usd as decimal(38, 12)) as impact_usd,
    {%- for driver in drivers %}
        cast(owned.{{ driver }}_change_usd as decimal(38, 12)) as {{ driver }}_change_usd,
    {%- endfor %}
    owned.slices,
    owned.series_ids,
    owned.reason,
    owned.evidence_query,
    teams.team_id as owner_team_id,
    teams.team_name as owner_team_name,
    teams.owner,
    owned.model_name,
    owned.model_version,
    owned.scored_at_utc
from owned
left join {{ ref("dim_teams") }} as teams on teams.team_id = owned.owner_team_id
left join acknowledged on acknowledged.incident_target = {{ dbt.concat(["'incident:'", "owned.incident_id"]) }}
