{#- Budgets with defaults filled in: one that says nothing counts LLM spend and alerts when it is used up. amount_usd is
    NULL where the amount is in another currency. What is held against metered usage goes by days of the reporting zone,
    what is held against bills by UTC days; hours are UTC hours. -#}
select
    budgets.budget_id,
    coalesce(budgets.budget_name, budgets.budget_id) as budget_name,
    budgets.owner,
    budgets.scope_type,
    case
        when budgets.scope_type = 'provider'
        then coalesce(aliases.provider_id, lower(budgets.scope_id))
        when budgets.scope_type <> 'global'
        then budgets.scope_id
    end as scope_id,
    budgets.period,
    case
        when budgets.scope_type in {{ metered_budget_scopes() }} and budgets.period <> 'hour'
        then cast('{{ var("reporting_time_zone") }}' as string)
        else cast('UTC' as string)
    end as day_time_zone,
    coalesce(budgets.amount, budgets.amount_usd) as amount,
    coalesce(budgets.currency, 'USD') as currency,
    budgets.amount_usd,
    coalesce(budgets.counts, 'llm') as counts,
    coalesce(budgets.thresholds_pct, '50;75;90;100') as thresholds_pct,
    coalesce(budgets.alert_thresholds_pct, '75;90;100') as alert_thresholds_pct,
    budgets.alert_projected_pct,
    coalesce(budgets.valid_from_utc, cast('1900-01-01' as timestamp)) as valid_from_utc,
    coalesce(budgets.valid_to_utc, cast('2200-01-01' as timestamp)) as valid_to_utc,
    budgets._source_row
from {{ ref("stg_org__budgets") }} as budgets {{ join_provider("lower(budgets.scope_id)") }}
