"""Statements, reconciliation, total cost of ownership.

Put here: figures that finance closes with. Keep out: operations.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, count, share, text, usd

MONTHS = "between date_trunc('month', $first::date) and $last"
KNOWN = """case when line_type in ('billed', 'invoiced') and amount_usd = 0 and status <> 'reconciled' then null
        else amount_usd end"""
"""Of a bill or an invoice that has not come nothing is known."""
_STATEMENT = {
    "cost_center_name": text("Cost center"),
    "owner": text("Owner"),
    "direct_usd": usd("Direct"),
    "shared_usd": usd("Shared"),
    "overhead_usd": usd("Overhead"),
    "correction_usd": usd("Corrections"),
}
FIGURES = (
    Figure(
        "statements",
        "What is each cost center charged?",
        f"""
select coalesce(cost_center_name, cost_center_id, 'unallocated') as cost_center_name, owner,
    sum(direct_usd) as direct_usd, sum(shared_usd) as shared_usd,
    sum(overhead_usd) as overhead_usd, sum(correction_usd) as correction_usd,
    sum(statement_amount_usd) as statement_usd,
    case when bool_and(period_status = 'closed') then 'closed' else 'open' end as period_status
from rpt_cost_center_statements where statement_period_date {MONTHS}
group by all order by statement_usd desc nulls last, cost_center_name""",
        {**_STATEMENT, "statement_usd": usd("Charged"), "period_status": text("Month is")},
        "No statement lies in this period.",
    ),
    Figure(
        "statement_lines",
        "What is charged for?",
        f"""
select coalesce(centers.cost_center_name, lines.cost_center_id, 'unallocated') as cost_center_name, lines.team_id,
    lines.provider_id, lines.category, lines.line_type, lines.charge_period_date,
    sum(lines.statement_amount_usd) as amount_usd
from fct_chargeback_lines as lines left join dim_cost_centers as centers using (cost_center_id)
where lines.statement_period_date {MONTHS}
group by all order by cost_center_name, amount_usd desc, team_id, provider_id, category, line_type""",
        {
            "cost_center_name": text("Cost center"), "team_id": text("Team"), "provider_id": text("Provider"),
            "category": text("Category"), "line_type": text("Line"), "charge_period_date": Shown("Month", Unit.MONTH),
            "amount_usd": usd("Charged"),
        },
        "No statement lies in this period.",
    ),
    Figure(
        "showback",
        "What does each cost center use, for information?",
        f"""
select coalesce(cost_center_name, cost_center_id, 'unallocated') as cost_center_name, owner, sum(llm_usd) as llm_usd,
    sum(infrastructure_usd) as infrastructure_usd, sum(own_usd) as own_usd, sum(statement_amount_usd) as spend_usd,
    sum(statement_amount_usd) / nullif(sum(sum(statement_amount_usd)) over (), 0) as share_ratio,
    sum(request_count)::bigint as request_count, sum(llm_usd) / nullif(sum(request_count), 0) as usd_per_request
from rpt_cost_center_statements where statement_period_date {MONTHS}
group by all order by spend_usd desc nulls last, cost_center_name""",
        {
            "cost_center_name": text("Cost center"), "owner": text("Owner"), "llm_usd": usd("LLM"),
            "infrastructure_usd": usd("Infrastructure"), "own_usd": usd("Own costs"), "spend_usd": usd(),
            "share_ratio": share(), "request_count": count("Requests"),
            "usd_per_request": Shown("LLM cost per request", Unit.USD_FINE),
        },
        "No spend lies in this period.",
    ),
    Figure(
        "chargeback_budgets",
        "Cost centers: owner, allocated cost, budget, utilisation",
        f"""
with charged as (
    select cost_center_id, coalesce(cost_center_name, cost_center_id, 'unallocated') as cost_center_name, owner,
        sum(statement_amount_usd) as charged_usd
    from rpt_cost_center_statements where statement_period_date {MONTHS} group by all
), planned as (
    select scope_id, sum(amount_usd) as budget_usd, sum(spend_usd) as spend_usd from rpt_budget_variance
    where scope_type = 'cost_center' and period_start_date {MONTHS} and period = 'month' group by scope_id
)
select cost_center_name, owner, charged_usd, budget_usd, spend_usd * 100 / nullif(budget_usd, 0) as utilization_pct
from charged left join planned on planned.scope_id = charged.cost_center_id
order by charged_usd desc nulls last, cost_center_name""",
        {
            "cost_center_name": text("Cost center"), "owner": text("Owner"), "charged_usd": usd("Charged"),
            "budget_usd": Shown("Monthly budget", Unit.USD, is_optional=True),
            "utilization_pct": Shown("Budget used", Unit.PERCENT),
        },
        "No statement lies in this period.",
    ),
    Figure(
        "reconciliation",
        "Does the bill agree with usage, and the invoice with the bill?",
        f"""
select provider_id, account_id, month_date, line_label, {KNOWN} as amount_usd, billed_share_ratio, status
from rpt_reconciliation_monthly
where month_date {MONTHS} and ($providers is null or provider_id in $providers)
order by month_date desc, provider_id, account_id, line_number, residual_class nulls first""",
        {
            "provider_id": text("Provider"), "account_id": text("Account"), "month_date": Shown("Month", Unit.MONTH),
            "line_label": text("Line"), "amount_usd": Shown("Amount", Unit.USD),
            "billed_share_ratio": Shown("Of billed", Unit.RATIO), "status": text("Status"),
        },
        "No bill and no metered usage lies in this period.",
    ),
    Figure(
        "reconciliation_status",
        "Which accounts are reconciled?",
        f"""
select provider_id, account_id, month_date,
    max(amount_usd) filter (line_type = 'contracted') as metered_usd,
    max({KNOWN}) filter (line_type = 'billed') as billed_usd,
    max({KNOWN}) filter (line_type = 'invoiced') as invoiced_usd,
    max(amount_usd) filter (line_type = 'unexplained') as unexplained_usd, any_value(status) as status
from rpt_reconciliation_monthly
where month_date {MONTHS} and ($providers is null or provider_id in $providers)
group by all order by month_date desc, billed_usd desc nulls last, provider_id, account_id""",
        {
            "provider_id": text("Provider"), "account_id": text("Account"), "month_date": Shown("Month", Unit.MONTH),
            "metered_usd": usd("Metered"), "billed_usd": usd("Billed", is_known_by_row=True),
            "invoiced_usd": usd("Invoiced", is_known_by_row=True),
            "unexplained_usd": usd("Unexplained"), "status": text("Status"),
        },
        "No bill and no metered usage lies in this period.",
    ),
    Figure(
        "tco",
        "What does owning it cost, by category?",
        f"""
select replace(category, '_', ' ') as category, replace(cost_component, '_', ' ') as cost_behavior,
    string_agg(distinct item_name, ', ' order by item_name) as item_name,
    sum(cost_usd) as cost_usd, sum(cost_usd) / nullif(sum(sum(cost_usd)) over (), 0) as share_ratio
from fct_tco_monthly where month_start_date {MONTHS} and cost_usd is not null
group by all order by cost_usd desc, category, cost_behavior""",
        {
            "category": text("Category"), "cost_behavior": text("Behaves"), "item_name": text("Items"),
            "cost_usd": usd("Cost"), "share_ratio": share(),
        },
        "No cost lies in this period.",
    ),
    Figure(
        "sources",
        "How new is each source, what of it is priced, what was refused?",
        """
select source, source_type, row_count, quarantined_row_count, earliest_data_date, latest_data_date, coverage_pct
from rpt_source_freshness order by source_type, source""",
        {
            "source": text("Source"), "source_type": text("Kind"), "row_count": count("Rows"),
            "quarantined_row_count": count("Refused"), "earliest_data_date": Shown("From", Unit.DATE),
            "latest_data_date": Shown("To", Unit.DATE), "coverage_pct": Shown("Requests priced", Unit.PERCENT),
        },
        "Nothing is landed.",
    ),
)  # fmt: skip
