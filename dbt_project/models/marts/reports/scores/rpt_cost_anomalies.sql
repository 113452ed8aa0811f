{# The flagged days with somebody to ask: the team of a team series or of a key's owner, and who answers for it. #}
with
    anomalies as (select * from {{ source("ml", "cost_anomalies") }} where is_anomaly),

    owned as (
        select
            anomalies.*,
            case when anomalies.scope_type = 'team' then anomalies.scope_id else api_keys.team_id end as owner_team_id,
            api_keys.cost_center_id as key_cost_center_id
        from anomalies
        left join
            {{ ref("dim_api_keys") }} as api_keys
            on anomalies.scope_type = 'api_key'
            and api_keys.api_key_id = anomalies.scope_id
    )

select
    owned.anomaly_id,
    owned.series_id,
    owned.scope_type,
    owned.scope_id,
    case when owned.basis = 'billed' then 'all' else {{ series_cost_kind("owned") }} end as cost_kind,
    owned.basis,
    owned.usage_date,
    owned.severity,
    cast(owned.actual_cost_usd as decimal(38, 12)) as actual_cost_usd,
    cast(owned.expected_cost_usd as decimal(38, 12)) as expected_cost_usd,
    cast(owned.impact_usd as decimal(38, 12)) as impact_usd,
    owned.incident_id,
    owned.reason,
    teams.team_id as owner_team_id,
    teams.team_name as owner_team_name,
    coalesce(owned.key_cost_center_id, teams.cost_center_id) as cost_center_id,
    coalesce(teams.owner, cost_centers.owner) as owner,
    cast(owned.z_score as double) as z_score,
    cast(owned.same_weekday_z as double) as same_weekday_z,
    cast(owned.isolation_score as double) as isolation_score,
    cast(owned.p_value as double) as p_value,
    owned.fitted_through_date,
    owned.model_name,
    owned.model_version,
    owned.scored_at_utc
from owned
left join {{ ref("dim_teams") }} as teams on teams.team_id = owned.owner_team_id
left join
    {{ ref("dim_cost_centers") }} as cost_centers
    on cost_centers.cost_center_id = coalesce(owned.key_cost_center_id, teams.cost_center_id)
