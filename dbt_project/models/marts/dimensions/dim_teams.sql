with
    source as (select * from {{ ref("stg_org__teams") }}),

    ranked as (select source.*, {{ current_rank("source.team_id") }} as current_rank from source),

    described as (
        select team_id, team_name, cost_center_id, owner, true as is_described from ranked where current_rank = 1
    ),

    referred as (
        select team_id
        from {{ ref("int_llm_usage_daily") }}
        union
        select team_id
        from {{ ref("stg_org__projects") }}
        union
        select team_id
        from {{ ref("stg_org__ownership") }}
        union
        select team_id
        from {{ ref("stg_org__users") }}
        except
        select team_id
        from described
    )

select *
from described
union all
select team_id, cast(null as string), cast(null as string), cast(null as string), false
from referred
where team_id is not null
