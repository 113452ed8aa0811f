{#
  Spend and usage are facts of different grain (a charge has no token count, a request no invoice), so they are never
  joined row to row: each is summed to the dimensions they share, the two sums are stacked, and the stack is summed.
  That is a full outer join that treats NULL as a value and cannot multiply a row.
#}
with
    allocated as (
        select
            *,
            -- Usage under a bill costs 0 there, as its cost is in the charges: what it cost by itself nobody knows.
            case
                when spend_item_type in ('charge', 'prepaid_balance') or cost_basis <> 'billed' then allocated_cost_usd
            end as known_spend_usd
        from {{ ref("int_allocated_costs_daily") }}
    ),

    spend as (
        select
            usage_date,
            provider_id,
            model_id,
            team_id,
            coalesce(owner_project_id, project_id) as project_id,
            cost_center_id,
            cost_kind,
            known_spend_usd as spend_usd,
            case when cost_basis = 'billed' then known_spend_usd end as billed_spend_usd,
            cast(null as decimal(38, 12)) as list_cost_usd,
            cast(null as decimal(38, 12)) as contracted_cost_usd,
            cost_basis,
            {%- for column in cost_count_columns() %}
                cast(null as bigint) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from allocated
    ),

    usage_lines as (
        select
            usage.usage_date,
            usage.provider_id,
            usage.model_id,
            owners.team_id,
            coalesce(owners.owner_project_id, usage.project_id) as project_id,
            coalesce(owners.cost_center_id, 'unallocated') as cost_center_id,
            'llm' as cost_kind,
            cast(null as decimal(38, 12)) as spend_usd,
            cast(null as decimal(38, 12)) as billed_spend_usd,
            usage.list_cost_usd,
            usage.contracted_cost_usd,
            cast(null as string) as cost_basis,
            {%- for column in cost_count_columns() %} usage.{{ column }}{{ ',' if not loop.last }} {%- endfor %}
        from {{ ref("rpt_usage_daily") }} as usage
        left join {{ ref("int_spend_owners") }} as owners on owners.owner_lookup_key = usage.owner_lookup_key
    ),

    stacked as (
        select *
        from spend
        union all
        select *
        from usage_lines
    ),

    daily as (
        select
            usage_date, provider_id, model_id, team_id, project_id, cost_center_id, cost_kind, {{ sum_cost_measures() }}
        from stacked
        group by 1, 2, 3, 4, 5, 6, 7
    )

select
    {{
        surrogate_key(
            ["usage_date", "provider_id", "model_id", "team_id", "project_id", "cost_center_id", "cost_kind"]
        )
    }} as cost_daily_key, *
from daily
