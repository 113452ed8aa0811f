"""What it all costs: groups, sections of infrastructure, key figures, unit economics.

Put here: statements on total cost of ownership. Keep out: spend by kind of money and by owner.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, count, text, usd

MONTHS = "between date_trunc('month', $first::date) and $last"
FIGURES = (
    Figure(
        "tco_months",
        "How do infrastructure, API, personnel and overhead stand to budget and last month?",
        f"""
select month_start_date, total_cost_usd, infrastructure_cost_usd, llm_api_cost_usd, personnel_cost_usd,
    overhead_cost_usd, other_cost_usd, change_pct, budget_usd, budget_pct, previous_projection_accuracy_pct, highlights
from rpt_tco_summary_monthly where month_start_date {MONTHS} order by month_start_date desc""",
        {
            "month_start_date": Shown("Month", Unit.MONTH),
            "total_cost_usd": usd("Total"),
            "infrastructure_cost_usd": usd("Infrastructure"),
            "llm_api_cost_usd": usd("LLM API"),
            "personnel_cost_usd": usd("Personnel"),
            "overhead_cost_usd": usd("Overhead"),
            "other_cost_usd": usd("Other"),
            "change_pct": Shown("Against last month", Unit.PERCENT_CHANGE, is_optional=True),
            "budget_usd": Shown("Budget", Unit.USD, is_optional=True),
            "budget_pct": Shown("Of budget", Unit.PERCENT, is_optional=True),
            "previous_projection_accuracy_pct": Shown("Projection right", Unit.PERCENT, is_optional=True),
            "highlights": Shown("Stands out", Unit.TEXT, is_optional=True),
        },
        "No cost lies in this period.",
    ),
    Figure(
        "tco_providers",
        "Who is paid, one-time items included?",
        f"""
select member as provider_id, sum(cost_usd) as cost_usd, sum(cost_usd) / nullif(sum(sum(cost_usd)) over (), 0) as share
from rpt_tco_breakdown_monthly where dimension = 'provider' and month_start_date {MONTHS} and cost_usd is not null
group by all order by cost_usd desc""",
        {
            "provider_id": text("Provider"),
            "cost_usd": usd("Cost"),
            "share": Shown("Share", Unit.RATIO),
        },
        "No cost lies in this period.",
    ),
    Figure(
        "infrastructure_sections",
        "What do compute, storage, network and managed services cost?",
        f"""
select replace(section, '_', ' ') as section, month_start_date, cost_usd, cost_pct, instance_count, reserved_share_pct,
    storage_tb, item_names
from rpt_infrastructure_summary where month_start_date {MONTHS} order by month_start_date desc, cost_usd desc""",
        {
            "section": text("Section"),
            "month_start_date": Shown("Month", Unit.MONTH),
            "cost_usd": usd("Cost"),
            "cost_pct": Shown("Share", Unit.PERCENT),
            "instance_count": Shown("Instances", Unit.COUNT, is_optional=True),
            "reserved_share_pct": Shown("Reserved", Unit.PERCENT, is_optional=True),
            "storage_tb": Shown("TB", Unit.DECIMAL, is_optional=True),
            "item_names": Shown("Services", Unit.TEXT, is_optional=True),
        },
        "No infrastructure lies in this period.",
    ),
    Figure(
        "kpis",
        "Which key figures miss their targets?",
        """
select kpi_name, kpi_value, unit, target_value, warning_value, replace(status, '_', ' ') as status, score,
    replace(trend_direction, '_', ' ') as trend, sample_count
from rpt_kpis order by score nulls last, kpi_name""",
        {
            "kpi_name": text("Key figure"),
            "kpi_value": Shown("30 days", Unit.DECIMAL),
            "unit": text("Unit"),
            "target_value": Shown("Target", Unit.DECIMAL, is_optional=True),
            "warning_value": Shown("Warning", Unit.DECIMAL, is_optional=True),
            "status": Shown("Status", Unit.TEXT, is_optional=True),
            "score": Shown("Score", Unit.DECIMAL, is_optional=True),
            "trend": Shown("Trend", Unit.TEXT, is_optional=True),
            "sample_count": Shown("Days", Unit.COUNT),
        },
        "There is no usage yet.",
    ),
    Figure(
        "unit_economics",
        "What does one of it cost?",
        f"""
select month_start_date, replace(unit, '_', ' ') as unit, quantity, cost_usd, cost_per_unit_usd, llm_cost_per_unit_usd
from rpt_unit_economics_monthly where month_start_date {MONTHS} and subject_id is null
order by month_start_date desc, unit""",
        {
            "month_start_date": Shown("Month", Unit.MONTH),
            "unit": text("One"),
            "quantity": Shown("How many", Unit.DECIMAL),
            "cost_usd": Shown("Cost", Unit.USD),
            "cost_per_unit_usd": Shown("Each", Unit.USD_FINE),
            "llm_cost_per_unit_usd": Shown("LLM part", Unit.USD_FINE),
        },
        "No usage lies in this period.",
    ),
    Figure(
        "customer_margins",
        "Which customers earn more than their tokens cost?",
        f"""
select subject_id, sum(quantity)::bigint as request_count, sum(cost_usd) as cost_usd, sum(revenue_usd) as revenue_usd,
    sum(margin_usd) as margin_usd
from rpt_unit_economics_monthly
where month_start_date {MONTHS} and unit = 'customer' and revenue_usd is not null
group by all order by margin_usd desc nulls last""",
        {
            "subject_id": text("Customer"),
            "request_count": count("Requests"),
            "cost_usd": usd("LLM cost"),
            "revenue_usd": usd("Revenue"),
            "margin_usd": usd("Margin"),
        },
        "No revenue by customer is stated for this period (business_metrics.csv).",
    ),
)
