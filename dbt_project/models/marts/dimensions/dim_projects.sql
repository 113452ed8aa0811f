with
    source as (select * from {{ ref("stg_org__projects") }}),

    ranked as (select source.*, {{ current_rank("source.project_id") }} as current_rank from source),

    described as (
        select project_id, project_name, team_id, environment, monthly_revenue_usd, true as is_described
        from ranked
        where current_rank = 1
    ),

    referred as (
        select project_id
        from {{ ref("stg_org__ownership") }}
        except
        select project_id
        from described
    )

select *
from described
union all
select
    project_id, cast(null as string), cast(null as string), cast(null as string), cast(null as decimal(38, 12)), false
from referred
where project_id is not null
