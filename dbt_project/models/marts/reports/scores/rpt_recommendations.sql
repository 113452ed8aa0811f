{#- What could cost less, in the order in which it pays: each line's incremental saving is what it brings once those
    before it are done, so that these add up and the savings alone do not. -#}
select
    recommendations.recommendation_id,
    recommendations.strategy,
    recommendations.portfolio_order,
    recommendations.title,
    recommendations.description,
    recommendations.actions,
    recommendations.lever,
    recommendations.saving_kind,
    recommendations.scope_type,
    recommendations.scope_id,
    coalesce(projects.team_id, case when recommendations.scope_type = 'team' then teams.team_id end) as owner_team_id,
    recommendations.provider_id,
    recommendations.current_model_id,
    recommendations.suggested_model_id,
    recommendations.period_start_date,
    recommendations.period_end_date,
    cast(recommendations.current_cost_usd as decimal(38, 12)) as current_cost_usd,
    cast(recommendations.projected_cost_usd as decimal(38, 12)) as projected_cost_usd,
    cast(recommendations.saving_usd as decimal(38, 12)) as saving_usd,
    cast(recommendations.saving_lower_usd as decimal(38, 12)) as saving_lower_usd,
    cast(recommendations.saving_upper_usd as decimal(38, 12)) as saving_upper_usd,
    cast(recommendations.incremental_saving_usd as decimal(38, 12)) as incremental_saving_usd,
    cast(recommendations.saving_pct as double) as saving_pct,
    recommendations.effort,
    recommendations.risk,
    recommendations.priority,
    cast(recommendations.score as double) as score,
    recommendations.status,
    coalesce(recommendations.status, 'proposed') in ('proposed', 'accepted') as is_open,
    recommendations.evidence,
    recommendations.evidence_query,
    recommendations.model_name,
    recommendations.model_version,
    recommendations.scored_at_utc
from {{ source("ml", "recommendations") }} as recommendations
left join
    {{ ref("dim_projects") }} as projects
    on recommendations.scope_type = 'project'
    and projects.project_id = recommendations.scope_id
left join {{ ref("dim_teams") }} as teams on teams.team_id = recommendations.scope_id
