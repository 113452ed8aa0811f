"""The sheets of the standard workbook.

Put here: which figures, from which mart, under which heading. Keep out: how a sheet is written (`book`).
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.publishing.workbook.model import (
    Formula,
    SheetChart,
    SheetColumn,
    SheetOf,
    added,
    difference,
    quotient,
    share,
)

_USD, _COUNT, _DATE, _RATIO = Unit.USD, Unit.COUNT, Unit.DATE, Unit.RATIO
_SPEND = SheetColumn("spend_usd", "Spend USD", _USD, total=True)
_REQUESTS = SheetColumn("request_count", "Requests", _COUNT, total=True)
_TOKENS = SheetColumn("total_tokens", "Tokens", _COUNT, total=True)
_UNPRICED = SheetColumn("unpriced_tokens", "Tokens without a price", _COUNT, total=True)
_SHARE = SheetColumn(
    "share", "Share", _RATIO, Formula("[Spend USD]/SUM({table}[[#Data],[Spend USD]])", share("spend_usd"))
)
_KINDS = """sum(spend_usd) filter (where cost_kind = 'llm') as llm_usd,
    sum(spend_usd) filter (where cost_kind = 'infrastructure') as infrastructure_usd,
    sum(spend_usd) filter (where cost_kind = 'own') as own_usd"""
_KIND_COLUMNS = (
    SheetColumn("llm_usd", "LLM USD", _USD, total=True),
    SheetColumn("infrastructure_usd", "Infrastructure USD", _USD, total=True),
    SheetColumn("own_usd", "Own USD", _USD, total=True),
    SheetColumn(
        "spend_usd",
        "Spend USD",
        _USD,
        Formula("SUM([LLM USD],[Infrastructure USD],[Own USD])", added("llm_usd", "infrastructure_usd", "own_usd")),
        total=True,
    ),
)
_WITHIN = "usage_date between $first and $last"

SUMMARY = SheetOf(
    "Summary",
    ("rpt_cost_daily",),
    f"""select coalesce(provider_id, '(no provider)') as provider_id, coalesce(model_id, '(no model)') as model_id,
    sum(spend_usd) as spend_usd, count(distinct usage_date) filter (where spend_usd is not null) as day_count,
    sum(request_count) as request_count, sum(total_tokens) as total_tokens, sum(unpriced_tokens) as unpriced_tokens
from rpt_cost_daily where {_WITHIN} and cost_kind = 'llm' group by 1, 2 order by 3 desc nulls last, 1, 2""",
    (
        SheetColumn("provider_id", "Provider"),
        SheetColumn("model_id", "Model"),
        _SPEND,
        SheetColumn(
            "mean_usd", "Mean USD per day", _USD, Formula("[Spend USD]/[Days]", quotient("spend_usd", "day_count"))
        ),
        SheetColumn("day_count", "Days", _COUNT),
        _SHARE,
        _REQUESTS,
        _TOKENS,
        _UNPRICED,
    ),
    "LLM spend by model, its mean over the days that have any, how many these are. Charges that name no model stand "
    "under (no model).",
    SheetChart("bar", "Model", ("Spend USD",), "LLM spend by model, USD", rows=12),
    2,
)
DAILY = SheetOf(
    "Daily Costs",
    ("rpt_cost_daily",),
    f"""select usage_date, {_KINDS}, sum(request_count) as request_count, sum(total_tokens) as total_tokens,
    sum(unpriced_tokens) as unpriced_tokens
from rpt_cost_daily where {_WITHIN} group by 1 order by 1""",
    (SheetColumn("usage_date", "Day", _DATE), *_KIND_COLUMNS, _REQUESTS, _TOKENS, _UNPRICED),
    "By day (UTC): spend by kind of money. A kind that has no known cost on a day is empty.",
    SheetChart("column", "Day", ("LLM USD", "Infrastructure USD", "Own USD"), "Spend by day, USD", subtype="stacked"),
)
TEAMS = SheetOf(
    "Team Breakdown",
    ("rpt_cost_daily", "dim_teams"),
    f"""select coalesce(team_name, team_id, '(no team)') as team, team_id, {_KINDS},
    sum(request_count) as request_count, sum(total_tokens) as total_tokens, sum(unpriced_tokens) as unpriced_tokens
from rpt_cost_daily left join dim_teams using (team_id) where {_WITHIN}
group by 1, 2 order by sum(spend_usd) desc nulls last, 1""",
    (SheetColumn("team", "Team"), SheetColumn("team_id", "Id"), *_KIND_COLUMNS, _SHARE, _REQUESTS, _TOKENS, _UNPRICED),
    "By team that carries the spend; (no team) is what nobody carries yet.",
    SheetChart(
        "bar", "Team", ("LLM USD", "Infrastructure USD", "Own USD"), "Spend by team, USD", rows=15, subtype="stacked"
    ),
)
BUDGETS = SheetOf(
    "Budget Variance",
    ("rpt_budget_variance",),
    """select budget_name, owner, scope_type, scope_id, counts, period_start_date, period_end_date, amount_usd,
    spend_usd, projected_spend_usd, status, is_period_over
from rpt_budget_variance where period_end_date >= $first and period_start_date <= $last
order by is_period_over, period = 'hour', period_start_date desc, budget_name""",
    (
        SheetColumn("budget_name", "Budget"),
        SheetColumn("owner", "Owner"),
        SheetColumn("scope_type", "Scope"),
        SheetColumn("scope_id", "Of"),
        SheetColumn("counts", "Counts"),
        SheetColumn("period_start_date", "From", _DATE),
        SheetColumn("period_end_date", "To", _DATE),
        SheetColumn("amount_usd", "Budget USD", _USD),
        SheetColumn("spend_usd", "Spend USD", _USD),
        SheetColumn(
            "variance", "Variance USD", Unit.USD_CHANGE,
            Formula("[Spend USD]-[Budget USD]", difference("spend_usd", "amount_usd")),
        ),
        SheetColumn("used", "Used", _RATIO, Formula("[Spend USD]/[Budget USD]", quotient("spend_usd", "amount_usd"))),
        SheetColumn("projected_spend_usd", "Projected USD", _USD),
        SheetColumn("status", "Status"),
        SheetColumn("is_period_over", "Over"),
    ),
    "By budget and period, those that go on first: spend less budget (negative: below). Budgets may overlap, so "
    "nothing is added up. From 0.8 a part used is amber, from 1.0 red.",
    SheetChart("bar", "Budget", ("Budget USD", "Spend USD"), "Budgets that go on, USD", rows=12),
)  # fmt: skip
FORECAST = SheetOf(
    "Forecast",
    ("rpt_cost_forecast",),
    """select forecast_date, predicted_cost_usd, lower_cost_usd, upper_cost_usd, trained_through_date, model_name
from rpt_cost_forecast where is_latest_run and scope_type = 'total' order by cost_kind, forecast_date""",
    (
        SheetColumn("forecast_date", "Day", _DATE),
        SheetColumn("predicted_cost_usd", "Expected USD", _USD, total=True),
        SheetColumn("lower_cost_usd", "At least USD", _USD),
        SheetColumn("upper_cost_usd", "At most USD", _USD),
        SheetColumn("trained_through_date", "Learned through", _DATE),
        SheetColumn("model_name", "Model of forecast"),
    ),
    "LLM spend of the days to come, from the newest forecast, whatever the period. Bounds hold for each day alone.",
    SheetChart("line", "Day", ("Expected USD", "At least USD", "At most USD"), "Expected LLM spend by day, USD"),
)
RECOMMENDATIONS = SheetOf(
    "Recommendations",
    ("rpt_recommendations",),
    """select title, owner_team_id, provider_id, current_model_id, suggested_model_id, current_cost_usd, saving_usd,
    saving_lower_usd, saving_upper_usd, incremental_saving_usd, effort, risk, status, description
from rpt_recommendations where is_open order by portfolio_order nulls last, saving_usd desc nulls last, title""",
    (
        SheetColumn("title", "What"),
        SheetColumn("owner_team_id", "Team"),
        SheetColumn("provider_id", "Provider"),
        SheetColumn("current_model_id", "Model"),
        SheetColumn("suggested_model_id", "Instead"),
        SheetColumn("current_cost_usd", "Cost USD", _USD),
        SheetColumn("saving_usd", "Saving alone USD", _USD),
        SheetColumn("saving_lower_usd", "At least USD", _USD),
        SheetColumn("saving_upper_usd", "At most USD", _USD),
        SheetColumn("incremental_saving_usd", "After those above USD", _USD, total=True),
        SheetColumn("effort", "Effort"),
        SheetColumn("risk", "Risk"),
        SheetColumn("status", "Status"),
        SheetColumn("description", "Why"),
    ),
    "Open recommendations, whatever the period. Savings overlap: only what each brings after those above it adds up.",
    SheetChart("bar", "What", ("After those above USD",), "Saving after those above, USD", rows=12),
)
STANDARD = (SUMMARY, DAILY, TEAMS, BUDGETS, FORECAST, RECOMMENDATIONS)
