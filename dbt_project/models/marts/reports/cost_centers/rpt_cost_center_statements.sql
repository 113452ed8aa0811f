{#- What finance sends: one line per cost center and month, in cents, closed months as they were frozen. -#}
with
    statements as (
        select
            statement_period_date,
            min(period_status) as period_status,
            cost_center_id,
            {%- for type in ["direct", "shared", "overhead", "correction"] %}
                {{ money_sum("case when line_type = '" ~ type ~ "' then statement_amount_usd else 0 end") }}
                as {{ type }}_usd,
            {%- endfor %}
            {{- kind_columns("statement_amount_usd", "usd") }},
            {{ money_sum("statement_amount_usd") }} as statement_amount_usd,
            {{ money_sum("amount_usd") }} as amount_usd,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(unknown_cost_item_count) as bigint) as unknown_cost_item_count
        from {{ ref("fct_chargeback_lines") }}
        group by 1, 3
    )

select
    statements.statement_period_date,
    statements.period_status,
    statements.cost_center_id,
    cost_centers.cost_center_name,
    cost_centers.owner,
    statements.direct_usd,
    statements.shared_usd,
    statements.overhead_usd,
    statements.correction_usd,
    statements.llm_usd,
    statements.infrastructure_usd,
    statements.own_usd,
    statements.statement_amount_usd,
    statements.amount_usd,
    statements.request_count,
    {{ ratio("statements.amount_usd", "statements.request_count", 12) }} as average_cost_usd_per_request,
    statements.unknown_cost_item_count
from statements
left join {{ ref("dim_cost_centers") }} as cost_centers on cost_centers.cost_center_id = statements.cost_center_id
