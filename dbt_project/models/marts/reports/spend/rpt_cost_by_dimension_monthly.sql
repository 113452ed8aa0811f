{#
  The same spend seen from each side: every dimension sums to all spend of the month. What a row does not say (a charge
  names no user) is the row whose id is NULL.
#}
with
    allocated as (
        select *, coalesce(owner_project_id, project_id) as any_project_id from {{ ref("fct_allocated_costs_daily") }}
    ),

    sides as (
        {%- for dimension, column in [
            ("team", "team_id"),
            ("project", "any_project_id"),
            ("cost_center", "cost_center_id"),
            ("feature", "feature"),
            ("customer", "customer_id"),
            ("environment", "environment"),
            ("user", "user_id"),
            ("api_key", "api_key_id"),
        ] %}
            select
                {{ month_of("usage_date") }} as month_start_date,
                '{{ dimension }}' as dimension,
                {{ column }} as dimension_id,
                {{ money_sum("allocated_cost_usd") }} as spend_usd,
                {{ money_sum("case when allocation_stage = 'shared' then allocated_cost_usd end") }}
                as shared_spend_usd,
                {{ money_sum("case when allocation_stage = 'overhead' then allocated_cost_usd end") }}
                as overhead_spend_usd,
                {{- kind_columns("allocated_cost_usd") }},
                cast(sum(request_count) as bigint) as request_count,
                cast(sum(input_tokens + output_tokens) as bigint) as total_tokens
            from allocated
            group by 1, 2, 3 {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

select
    {{ surrogate_key(["month_start_date", "dimension", "dimension_id"]) }} as cost_by_dimension_key,
    month_start_date,
    dimension,
    dimension_id,
    spend_usd,
    {{ ratio("spend_usd", "sum(spend_usd) over (partition by month_start_date, dimension)", 12) }} as spend_share_ratio,
    shared_spend_usd,
    overhead_spend_usd,
    llm_spend_usd,
    infrastructure_spend_usd,
    own_spend_usd,
    request_count,
    total_tokens
from sides
