{#
  Unit costs divide the priced usage of a model by its own telemetry, never a bill by somebody's event count, and
  are NULL as soon as part of that usage has no price: half a cost over all requests would look like a cheap model.
  Spend is LLM spend: shares of models are not thinned by servers and salaries.
#}
with
    daily as (
        select *, {{ month_of("usage_date") }} as month_start_date
        from {{ ref("rpt_cost_daily") }}
        where cost_kind = 'llm'
    ),

    periods as (
        select 'month' as period_type, month_start_date as period_start_date, *
        from daily
        union all
        select 'all_time' as period_type, (select min(month_start_date) from daily) as period_start_date, *
        from daily
    ),

    by_model as (
        select period_type, period_start_date, provider_id, model_id, {{ sum_cost_measures() }}
        from periods
        group by 1, 2, 3, 4
    ),

    with_totals as (
        select
            *,
            sum(spend_usd) over (partition by period_type, period_start_date) as period_spend_usd,
            sum(contracted_cost_usd) over (partition by period_type, period_start_date) as period_contracted_cost_usd,
            sum(request_count) over (partition by period_type, period_start_date) as period_request_count,
            case when coalesce(unpriced_tokens, 0) = 0 then contracted_cost_usd end as complete_cost_usd
        from by_model
    )

select
    {{ surrogate_key(["period_type", "period_start_date", "provider_id", "model_id"]) }} as model_comparison_key,
    period_type,
    period_start_date,
    provider_id,
    model_id,
    {%- for column in cost_money_columns() + ["cost_basis"] + cost_count_columns() %} {{ column }}, {%- endfor %}
    {{ ratio("spend_usd", "period_spend_usd", 12) }} as spend_share_ratio,
    {{ ratio("contracted_cost_usd", "period_contracted_cost_usd", 12) }} as contracted_cost_share_ratio,
    {{ ratio("request_count", "period_request_count", 12) }} as request_share_ratio,
    {{ ratio("complete_cost_usd", "request_count", 12) }} as contracted_cost_usd_per_request,
    {{ ratio("1000000 * cast(complete_cost_usd as double)", "total_tokens", 12) }}
    as contracted_cost_usd_per_million_tokens,
    {{ ratio("cache_read_tokens", "input_tokens", 12) }} as cache_read_ratio,
    {{ ratio("output_tokens", "input_tokens", 12) }} as output_tokens_per_input_token
from with_totals
