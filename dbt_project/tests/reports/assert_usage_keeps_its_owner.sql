{{ config(meta={"dagster": {"ref": {"name": "rpt_cost_daily"}}}) }}
with
    rolled_up as (
        select usage_date, provider_id, model_id, team_id, cost_center_id, sum(request_count) as request_count
        from {{ ref("rpt_cost_daily") }}
        group by 1, 2, 3, 4, 5
        having sum(request_count) > 0
    ),

    allocated as (
        select usage_date, provider_id, model_id, team_id, cost_center_id, sum(request_count) as request_count
        from {{ ref("fct_allocated_costs_daily") }}
        group by 1, 2, 3, 4, 5
        having sum(request_count) > 0
    ),

    only_rolled_up as (
        select *
        from rolled_up
        except
        select *
        from allocated
    ),

    only_allocated as (
        select *
        from allocated
        except
        select *
        from rolled_up
    )

select 'rolled up' as side, *
from only_rolled_up
union all
select 'allocated' as side, *
from only_allocated
