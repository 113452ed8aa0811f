"""Budgets and what is expected.

Put here: statements on budgets and forecasts. Keep out: what was spent.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, change, text, usd

OVERLAPS = "period_start_date <= $last and period_end_date >= $first"
FIGURES = (
    Figure(
        "budget_variance",
        "Where does each budget stand against plan?",
        f"""
select budget_name, owner, period, period_start_date, amount_usd, spend_usd, variance_usd, variance_pct,
    utilization_pct, remaining_usd, projected_spend_usd, status, counts, scope_type, scope_id, unknown_cost_item_count
from rpt_budget_variance
where {OVERLAPS} and ($teams is null or (scope_type = 'team' and scope_id in $teams))
qualify row_number() over (partition by budget_id order by period_start_date desc) = 1
order by utilization_pct desc nulls last, budget_name""",
        {
            "budget_name": text("Budget"),
            "owner": text("Owner"),
            "period": text("Per"),
            "period_start_date": Shown("From", Unit.DATE),
            "amount_usd": Shown("Planned", Unit.USD),
            "spend_usd": Shown("Actual", Unit.USD),
            "variance_usd": Shown("Variance", Unit.USD_CHANGE),
            "variance_pct": Shown("Variance %", Unit.PERCENT_CHANGE),
            "utilization_pct": Shown("Used", Unit.PERCENT),
            "remaining_usd": Shown("Remaining", Unit.USD),
            "projected_spend_usd": Shown("At this rate", Unit.USD),
            "status": text("Status"),
            "counts": text("Counts"),
            "scope_type": text("Scope"),
            "scope_id": text("Of"),
            "unknown_cost_item_count": Shown("Unknown items", Unit.COUNT),
        },
        "No budget lies in this period. Budgets are declared in drop/org/budgets.csv.",
    ),
    Figure(
        "budget_outlook",
        "Which budgets will be passed, when, and what would be enough?",
        """
select budget_name, owner, amount_usd, spend_to_date_usd, forecast_cost_usd, lower_cost_usd, upper_cost_usd,
    breach_probability_ratio, breach_date, recommended_budget_usd, reason
from rpt_budget_outlook
where $teams is null or (scope_type = 'team' and scope_id in $teams)
order by breach_probability_ratio desc nulls last, budget_name""",
        {
            "budget_name": text("Budget"),
            "owner": text("Owner"),
            "amount_usd": Shown("Planned", Unit.USD),
            "spend_to_date_usd": Shown("To date", Unit.USD),
            "forecast_cost_usd": Shown("Expected", Unit.USD),
            "lower_cost_usd": Shown("At least", Unit.USD),
            "upper_cost_usd": Shown("At most", Unit.USD),
            "breach_probability_ratio": Shown("P(passed)", Unit.RATIO),
            "breach_date": Shown("Passed on", Unit.DATE),
            "recommended_budget_usd": Shown("Would be enough", Unit.USD),
            "reason": text("Why unknown"),
        },
        "No forecast of budgets is published: it needs budgets and some weeks of usage.",
    ),
    Figure(
        "period_forecasts",
        "Where will the month, the quarter, the year and the next days end?",
        """
select coalesce(case scope_type when 'total' then 'LLM spend' end,
        case scope_id when 'own' then 'Own costs' when 'infrastructure' then 'Infrastructure' end, scope_id) as subject,
    replace(period_type, '_', ' ') as horizon, period_start_date, period_end_date, actual_cost_usd, forecast_cost_usd,
    q10_cost_usd, q90_cost_usd, previous_cost_usd
from rpt_period_forecasts
where period_type in ('month', 'next_month', 'quarter', 'year', 'next_30_days')
    and case when $teams is null then scope_type in ('total', 'cost_kind')
        else scope_type = 'team' and scope_id in $teams end
order by subject, period_end_date, period_start_date""",
        {
            "subject": text("Subject"),
            "horizon": text("Period"),
            "period_start_date": Shown("From", Unit.DATE),
            "period_end_date": Shown("To", Unit.DATE),
            "actual_cost_usd": Shown("So far", Unit.USD),
            "forecast_cost_usd": Shown("Expected", Unit.USD),
            "q10_cost_usd": Shown("80%: from", Unit.USD),
            "q90_cost_usd": Shown("to", Unit.USD),
            "previous_cost_usd": Shown("Period before", Unit.USD),
        },
        "No forecast is published: it needs four weeks of spend.",
    ),
    Figure(
        "outlook_daily",
        "What is expected of each of the next 30 days?",
        """
select day, spend_usd, lower_usd, upper_usd, is_expected from (
    select usage_date as day, sum(spend_usd) as spend_usd, null::decimal(38, 12) as lower_usd,
        null::decimal(38, 12) as upper_usd, false as is_expected
    from rpt_spend_series_daily
    where cost_kind = 'llm' and usage_date >= $today - interval 60 day and usage_date < $today
        and case when $teams is null then scope_type = 'total' else scope_type = 'team' and scope_id in $teams end
    group by usage_date
    union all
    select forecast_date, sum(predicted_cost_usd), case when count(*) = 1 then sum(q10_cost_usd) end,
        case when count(*) = 1 then sum(q90_cost_usd) end, true
    from rpt_cost_outlook_daily
    where horizon_days <= 30 and cost_kind = 'llm'
        and case when $teams is null then scope_type = 'total' else scope_type = 'team' and scope_id in $teams end
    group by forecast_date
) order by day""",
        {
            "day": Shown("Day", Unit.DATE),
            "spend_usd": Shown("LLM spend", Unit.USD),
            "lower_usd": Shown("80%: from", Unit.USD),
            "upper_usd": Shown("to", Unit.USD),
            "is_expected": text("Is expected"),
        },
        "No forecast is published: it needs four weeks of spend.",
    ),
    Figure(
        "budget_changes",
        "How far is each budget from plan?",
        f"""
select budget_name, variance_usd, utilization_pct, status
from rpt_budget_variance
where {OVERLAPS} and amount_usd is not null and ($teams is null or (scope_type = 'team' and scope_id in $teams))
qualify row_number() over (partition by budget_id order by period_start_date desc) = 1
order by variance_usd desc nulls last, budget_name""",
        {
            "budget_name": text("Budget"),
            "variance_usd": change("Variance"),
            "utilization_pct": Shown("Used", Unit.PERCENT),
            "status": text("Status"),
        },
        "No budget lies in this period.",
    ),
    Figure(
        "accuracy",
        "Were earlier projections of periods right?",
        f"""
select scope_type, scope_id, period_start_date, trained_through_date, forecast_cost_usd, actual_spend_usd,
    forecast_error_usd, is_within_interval
from rpt_projection_accuracy where {OVERLAPS} and scope_type in ('total', 'cost_kind')
order by period_start_date, trained_through_date""",
        {
            "scope_type": text("Scope"),
            "scope_id": text("Of"),
            "period_start_date": Shown("Month", Unit.MONTH),
            "trained_through_date": Shown("Said on", Unit.DATE),
            "forecast_cost_usd": usd("Expected"),
            "actual_spend_usd": usd("Actual"),
            "forecast_error_usd": change("Error"),
            "is_within_interval": text("Within bounds"),
        },
        "No earlier projection of this period is on record.",
    ),
)
