{#
  Providers and teams rank by spend. Models rank by priced usage: most bills name no model, so that by spend the model
  with the only talkative bill would lead.
#}
with
    ranking as (select * from {{ ref("rpt_spend_ranking_monthly") }}),

    leaders as (
        select
            month_start_date,
            {%- for subject in ["provider", "team"] %}
                {%- set is_first = "scope_type = '" ~ subject ~ "' and spend_rank = 1 and is_named" %}
                max(case when {{ is_first }} then scope_id end) as top_{{ subject }}_id,
                max(case when {{ is_first }} then spend_usd end) as top_{{ subject }}_spend_usd,
                max(case when {{ is_first }} then spend_share_ratio end) as top_{{ subject }}_share_ratio,
            {%- endfor %}
            max(case when scope_type = 'cost_center' then spend_usd end) as unallocated_spend_usd,
            max(case when scope_type = 'cost_center' then spend_share_ratio end) as unallocated_share_ratio
        from ranking
        where scope_type in ('provider', 'team') or (scope_type = 'cost_center' and scope_id = 'unallocated')
        group by 1
    ),

    models as (
        select
            period_start_date as month_start_date,
            model_id,
            contracted_cost_usd,
            contracted_cost_share_ratio,
            row_number() over (
                partition by period_start_date order by contracted_cost_usd desc, model_id, provider_id
            ) as cost_rank
        from {{ ref("rpt_model_comparison") }}
        where period_type = 'month' and model_id is not null and contracted_cost_usd is not null
    )

select
    leaders.month_start_date,
    leaders.top_provider_id,
    leaders.top_provider_spend_usd,
    leaders.top_provider_share_ratio,
    leaders.top_team_id,
    leaders.top_team_spend_usd,
    leaders.top_team_share_ratio,
    models.model_id as top_model_id,
    models.contracted_cost_usd as top_model_contracted_cost_usd,
    models.contracted_cost_share_ratio as top_model_share_ratio,
    coalesce(leaders.unallocated_spend_usd, cast(0 as decimal(38, 12))) as unallocated_spend_usd,
    coalesce(leaders.unallocated_share_ratio, cast(0 as decimal(38, 12))) as unallocated_share_ratio
from leaders
left join models on models.month_start_date = leaders.month_start_date and models.cost_rank = 1
