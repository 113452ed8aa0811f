"""Spend: in total, over time, by what and by whom.

Put here: statements on daily spend and allocated costs. Keep out: budgets, forecasts, bills.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.presenting.standing import NEVER_BILLED
from orchestration.reports.figures.model import Figure, Shown, change, count, share, text, usd

SCOPED = "($teams is null or team_id in $teams) and ($providers is null or provider_id in $providers)"
_TOTALS = """
    sum(spend_usd) filter ({span}) as {prefix}spend_usd,
    {llm} as {prefix}llm_usd,
    {infrastructure} as {prefix}infrastructure_usd,
    {own} as {prefix}own_usd,
    case when not {late} then sum(coalesce(request_count, 0)) filter ({span})::bigint end as {prefix}request_count,
    case when not {late} then sum(coalesce(total_tokens, 0)) filter ({span})::bigint end as {prefix}total_tokens,
    sum(spend_usd) filter ({span} and cost_kind = 'llm') / nullif(sum(request_count) filter ({span}), 0)
        as {prefix}usd_per_request,
    sum(spend_usd) filter ({span} and cost_kind = 'llm') * 1000000 / nullif(sum(total_tokens) filter ({span}), 0)
        as {prefix}usd_per_million_tokens,
    sum(cache_read_tokens) filter ({span}) / nullif(sum(input_tokens) filter ({span}), 0) as {prefix}cache_read_ratio,
    {unowned} as {prefix}unowned_usd"""
_PARTS = {
    "llm": "cost_kind = 'llm'", "infrastructure": "cost_kind = 'infrastructure'", "own": "cost_kind = 'own'",
    "unowned": "team_id is null",
}  # fmt: skip


NOW = "usage_date between $first and $last"
BEFORE = "usage_date between $before_first and $before_last"
LATE = "coalesce(${prefix}first > (select max(usage_date) from rpt_cost_daily where cost_kind = 'llm'), false)"
"""Whether nothing of LLMs has arrived of a period yet, though other money has: what they cost in it is unknown."""


def _totals(span: str, prefix: str = "") -> str:
    """A part without rows is 0 where there are others; unknown where its rows are, and where there are none at all."""
    late = LATE.format(prefix=prefix)
    parts = {
        name: f"case when count(*) filter ({span} and {part}) > 0 then sum(spend_usd) filter ({span} and {part}) "
        f"when count(*) filter ({span}) > 0{f' and not {late}' if name == 'llm' else ''} then 0 end"
        for name, part in _PARTS.items()
    }
    return _TOTALS.format(span=span, prefix=prefix, late=late, **parts)


_MEASURES = {
    "spend_usd": Shown("Total spend", Unit.USD),
    "llm_usd": Shown("LLM spend", Unit.USD),
    "infrastructure_usd": Shown("Infrastructure", Unit.USD),
    "own_usd": Shown("Own costs", Unit.USD),
    "request_count": Shown("Requests", Unit.COUNT),
    "total_tokens": Shown("Tokens", Unit.COUNT),
    "usd_per_request": Shown("LLM cost per request", Unit.USD_FINE),
    "usd_per_million_tokens": Shown("LLM cost per million tokens", Unit.USD_FINE),
    "cache_read_ratio": Shown("Input read from cache", Unit.RATIO),
    "unowned_usd": Shown("Nobody's", Unit.USD),
}
TOTALS = Figure(
    "totals",
    "What was spent, on what, at which unit cost, now and before?",
    "select " + _totals(NOW) + "," + _totals(BEFORE, "before_")
    + f"\nfrom rpt_cost_daily where ({NOW} or {BEFORE}) and {SCOPED}",
    _MEASURES | {f"before_{name}": Shown(f"{shown.label}, before", shown.unit) for name, shown in _MEASURES.items()},
)  # fmt: skip

DIMENSIONS = {
    "provider": ("rpt_cost_daily", "provider_id", "spend_usd", "dim_providers", "provider_id", "provider_name"),
    "model": ("rpt_cost_daily", "model_id", "spend_usd", None, "", ""),
    "team": ("rpt_cost_daily", "team_id", "spend_usd", "dim_teams", "team_id", "team_name"),
    "project": ("rpt_cost_daily", "project_id", "spend_usd", "dim_projects", "project_id", "project_name"),
    "cost_center": (
        "rpt_cost_daily", "cost_center_id", "spend_usd", "dim_cost_centers", "cost_center_id", "cost_center_name",
    ),
    "kind": ("rpt_cost_daily", "cost_kind", "spend_usd", None, "", ""),
    "customer": ("fct_allocated_costs_daily", "customer_id", "allocated_cost_usd", None, "", ""),
    "feature": ("fct_allocated_costs_daily", "feature", "allocated_cost_usd", None, "", ""),
    "environment": ("fct_allocated_costs_daily", "environment", "allocated_cost_usd", None, "", ""),
    "user": ("fct_allocated_costs_daily", "user_id", "allocated_cost_usd", "dim_users", "user_id", "user_label"),
    "service": ("fct_allocated_costs_daily", "service_name", "allocated_cost_usd", None, "", ""),
}  # fmt: skip
"""By name: where its spend is, its column, its measure, and where names are."""
NOBODY = {"team": "no team", "project": "no project", "cost_center": "no cost center", "model": "not by model"}


def _by(name: str, *, is_llm: bool = False, is_usage: bool = False) -> Figure:
    source, column, measure, names, key, label = DIMENSIONS[name]
    if is_usage:
        source, measure = "rpt_usage_daily", "contracted_cost_usd"
    llm = "true" if is_usage else "cost_kind = 'llm'"
    scope = SCOPED + (f" and {llm}" if is_llm else "")
    if source in ("fct_allocated_costs_daily", "rpt_usage_daily"):
        scope += " and ($customers is null or customer_id in $customers)"
    asked = f"What does each {name.replace('_', ' ')} "
    asked += "use of LLMs, at contract prices," if is_usage else f"spend{' on LLMs' if is_llm else ''},"
    named = f"max({names}.{label})" if names else "null"
    join = f"left join {names} on {names}.{key} = moved.subject" if names else ""
    none = NOBODY.get(name, f"no {name}")
    none_now = f"when not {LATE.format(prefix='')} then 0" if is_llm else "else 0"
    return Figure(
        f"llm_usage_by_{name}" if is_usage else f"{'llm_' if is_llm else ''}spend_by_{name}",
        f"{asked} and how did it change?",
        f"""
with moved as (
    select {column} as subject,
        case when count(*) filter ({NOW}) > 0 then sum({measure}) filter ({NOW}) {none_now} end as spend_usd,
        case when count(*) filter ({BEFORE}) > 0 then sum({measure}) filter ({BEFORE}) else 0 end as before_usd,
        sum(request_count) filter ({NOW}) as request_count,
        sum({measure}) filter ({NOW} and {llm}) as requests_usd
    from {source} where ({NOW} or {BEFORE}) and {scope}
    group by {column}
)
select coalesce({named}, moved.subject, '{none}') as subject,
    max(moved.spend_usd) as spend_usd,
    max(moved.spend_usd) / nullif(sum(max(moved.spend_usd)) over (), 0) as share_ratio,
    max(moved.before_usd) as before_usd,
    max(moved.spend_usd) - max(moved.before_usd) as change_usd,
    max(moved.request_count)::bigint as request_count,
    max(moved.requests_usd) filter (moved.requests_usd > 0) / nullif(max(moved.request_count), 0) as usd_per_request
from moved {join}
group by moved.subject
order by max(moved.spend_usd) desc nulls last, subject""",
        {
            "subject": text(name.replace("_", " ").capitalize()),
            "spend_usd": usd(*(["Usage"] if is_usage else []), is_known_by_row=True),
            "share_ratio": share(),
            "before_usd": usd("Before"),
            "change_usd": change(),
            "request_count": count("Requests"),
            "usd_per_request": Shown("LLM cost per request", Unit.USD_FINE),
        },
    )


def _over_time(name: str, question: str, step: str, unit: Unit, reach: str) -> Figure:
    return Figure(
        name,
        question,
        f"""
select {step} as day, cost_kind, sum(spend_usd) as spend_usd
from rpt_cost_daily where {reach} and {SCOPED}
group by all order by all""",
        {"day": Shown("Month" if unit is Unit.MONTH else "Day", unit), "cost_kind": text("Kind"), "spend_usd": usd()},
    )


FIGURES = (
    TOTALS,
    *(_by(name) for name in DIMENSIONS),
    *(_by(name, is_llm=True) for name in ("provider", "model", "team", "project", "customer", "feature", "user")),
    *(_by(name, is_llm=True, is_usage=True) for name in NEVER_BILLED),
    _over_time("daily_spend", "What was spent on each day?", "usage_date", Unit.DATE, NOW),
    _over_time(
        "daily_spend_90d", "What was spent on each of the last 90 days?", "usage_date", Unit.DATE,
        "usage_date > $last - interval 90 day and usage_date <= $last",
    ),
    _over_time(
        "monthly_spend", "What was spent in each of the last twelve months?", "date_trunc('month', usage_date)::date",
        Unit.MONTH, "usage_date >= date_trunc('month', $last::date) - interval 11 month and usage_date <= $last",
    ),
    Figure(
        "daily_llm_spend",
        "What was spent on LLMs on each day?",
        f"""
select usage_date as day, sum(spend_usd) as spend_usd
from rpt_cost_daily where {NOW} and cost_kind = 'llm' and {SCOPED}
group by all order by all""",
        {"day": Shown("Day", Unit.DATE), "spend_usd": usd("LLM spend")},
    ),
    Figure(
        "daily_llm_spend_by_model",
        "What was spent on each model on each day?",
        f"""
with ranked as (
    select model_id, row_number() over (order by sum(spend_usd) desc nulls last, model_id) as place
    from rpt_cost_daily where {NOW} and cost_kind = 'llm' and model_id is not null and {SCOPED} group by model_id
)
select usage_date as day, case when place <= 6 then rpt_cost_daily.model_id else 'others' end as model,
    sum(spend_usd) as spend_usd
from rpt_cost_daily left join ranked using (model_id)
where {NOW} and cost_kind = 'llm' and {SCOPED}
group by all order by all""",
        {"day": Shown("Day", Unit.DATE), "model": text("Model"), "spend_usd": usd("LLM spend")},
    ),
    Figure(
        "infrastructure_by_service",
        "What of infrastructure is bought where, and how did it change?",
        f"""
with moved as (
    select coalesce(service_name, 'no service') as service, coalesce(provider_id, 'no provider') as provider,
        coalesce(sum(allocated_cost_usd) filter ({NOW}), 0) as spend_usd,
        coalesce(sum(allocated_cost_usd) filter ({BEFORE}), 0) as before_usd
    from fct_allocated_costs_daily where ({NOW} or {BEFORE}) and cost_kind = 'infrastructure' and {SCOPED} group by all
)
select service, provider, spend_usd, spend_usd / nullif(sum(spend_usd) over (), 0) as share_ratio, before_usd,
    spend_usd - before_usd as change_usd
from moved order by spend_usd desc, service, provider""",
        {
            "service": text("Service"), "provider": text("Provider"), "spend_usd": usd(), "share_ratio": share(),
            "before_usd": usd("Before"), "change_usd": change(),
        },
        "Nothing was spent on infrastructure.",
    ),
    Figure(
        "unallocated",
        "What does nobody own, and whom to ask?",
        """
select coalesce(subject_id, 'no id') as subject, subject_type, provider_id, unallocated_reason,
    spend_usd, last_30_days_spend_usd, coalesce(ask_owner, ask_team_id, ask_user_key) as ask
from rpt_unallocated order by spend_usd desc nulls last, unallocated_key""",
        {
            "subject": text("What"), "subject_type": text("Is a"), "provider_id": text("Provider"),
            "unallocated_reason": text("Why"), "spend_usd": usd("Spend, all time"),
            "last_30_days_spend_usd": usd("Last 30 days"), "ask": text("Ask"),
        },
        "Everything has an owner.",
    ),
)  # fmt: skip
