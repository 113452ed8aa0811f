"""Every question that can be asked: its path, its parameters, the type of its answer. Sync and async send the same.

Put here: one function for each route of `/api/v1`. Keep out: sending (`synchronous`, `asynchronous`), paging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from costops_client import budgets as budget
from costops_client import costs as cost
from costops_client import subjects
from costops_client.questions import Call, filters_as_text, get, path_of, post
from costops_client.rows import aggregate_of, metric_values_of

Day = date | datetime | str
"""A day, an instant of it, or either as text: 2026-01-31."""
CostKind = Literal["llm", "infrastructure", "own", "total"]
Metric = Literal["sum", "count", "tokens", "avg", "min", "max", "stddev", "p50", "p75", "p90", "p95", "p99"]
Filters = Mapping[str, str | Sequence[str]]
Number = Decimal | int | str
Scope = Literal["global", "team", "project", "user", "model", "feature", "tag", "cost_center", "provider"]


def metrics(
    period_start: Day | None = None, period_end: Day | None = None, user_id: str | None = None,
    cost_kind: CostKind = "llm",
) -> Call[cost.Metrics]:  # fmt: skip
    """Totals of a period, of everybody or one user; default: the last 30 days."""
    return get("/cost/metrics", cost.Metrics, period_start=period_start, period_end=period_end, user_id=user_id,
               cost_kind=cost_kind)  # fmt: skip


def breakdown(period_start: Day, period_end: Day, cost_kind: CostKind = "llm") -> Call[cost.Breakdown]:
    """A period by model, provider, team, user and feature."""
    return get("/cost/breakdown", cost.Breakdown, period_start=period_start, period_end=period_end, cost_kind=cost_kind)


def trend(
    period: Literal["hourly", "daily", "weekly", "monthly"] = "daily", num_periods: int = 30, team_id: str | None = None
) -> Call[cost.Trend]:
    """The last complete periods, their direction, and a forecast of the next with its interval."""
    return get("/cost/trend", cost.Trend, period=period, num_periods=num_periods, team_id=team_id)


def report(period_days: int = 30) -> Call[cost.Report]:
    """The last days in full, and where the month ends."""
    return get("/cost/report", cost.Report, period_days=period_days)


def aggregate(
    group_by: Sequence[str] = (),
    metrics: Sequence[Metric] = ("sum", "count"),
    filters: Filters | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    time_range: str | None = None,
    order_by: str | None = None,
    limit: int = 1000,
    offset: int = 0,
    of: Literal["spend", "usage", "requests"] = "spend",
    cost_kind: CostKind = "llm",
) -> Call[cost.Aggregate]:
    """Money and requests of a period, grouped, filtered, ordered (`-sum` for descending), cut."""
    return get(
        "/cost/aggregate", aggregate_of, group_by=list(group_by), metrics=list(metrics),
        filter=filters_as_text(filters), start_date=start_date, end_date=end_date, time_range=time_range,
        order_by=order_by, limit=limit, offset=offset, of=of, cost_kind=cost_kind,
    )  # fmt: skip


def records_page(
    filters: Filters | None = None, start_date: Day | None = None, end_date: Day | None = None,
    time_range: str | None = None, limit: int = 1000, cursor: str | None = None,
) -> Call[cost.RecordPage]:  # fmt: skip
    """A page of single requests, oldest first."""
    return get("/cost/records", cost.RecordPage, filter=filters_as_text(filters), start_date=start_date,
               end_date=end_date, time_range=time_range, limit=limit, cursor=cursor)  # fmt: skip


def estimate(
    model: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0, provider: str = "",
    is_batch: bool = False,
) -> Call[cost.Estimate]:  # fmt: skip
    """What a request would cost; `cached_tokens` are read from a cache, besides `input_tokens`."""
    body = {"model": model, "input_tokens": input_tokens, "output_tokens": output_tokens,
            "cached_tokens": cached_tokens, "provider": provider, "is_batch": is_batch}  # fmt: skip
    return post("/cost/estimate", cost.Estimate, body, is_repeatable=True)


def budgets() -> Call[budget.Budgets]:
    """Budgets that hold today, with what was spent of each."""
    return get("/cost/budgets", budget.Budgets)


def budget_status(name: str) -> Call[budget.BudgetStatus]:
    """One budget by name or id."""
    return get(path_of("/cost/budgets/{}/status", name), budget.BudgetStatus)


def check_budgets(amount: Number, scope: str | Sequence[str] = ()) -> Call[budget.BudgetCheck]:
    """Whether there is room for an amount, USD; `scope`: team:ID, user:ID, project:ID, budget:NAME …"""
    scopes = [scope] if isinstance(scope, str) else list(scope)
    return get("/cost/budgets/check", budget.BudgetCheck, amount=amount, scope=scopes)


def create_budget(
    name: str,
    limit: Number,
    period: Literal["hourly", "daily", "weekly", "monthly", "quarterly", "yearly"] = "monthly",
    alert_thresholds: Sequence[Number] = (75, 90, 100),
    scope_type: Scope | None = None,
    scope_id: str | None = None,
    user_id: str | None = None,
    counts: CostKind = "llm",
    owner: str = "",
) -> Call[budget.NewBudget]:
    """Add a budget, USD; it counts from the next run. Where the server takes writes."""
    body = {
        "name": name, "limit": limit, "period": period, "alert_thresholds": list(alert_thresholds),
        "scope_type": scope_type, "scope_id": scope_id, "user_id": user_id, "counts": counts, "owner": owner,
    }  # fmt: skip
    return post("/cost/budgets", budget.NewBudget, body)


def alerts(
    acknowledged: bool | None = None, severity: Literal["info", "warning", "critical"] | None = None,
    is_open: bool | None = None,
) -> Call[budget.Alerts]:  # fmt: skip
    """Alerts, open ones first."""
    return get("/cost/alerts", budget.Alerts, acknowledged=acknowledged, severity=severity, is_open=is_open)


def create_alert(
    rule: str, threshold: Number | None = None, critical_threshold: Number | None = None,
    minimum_usd: Number | None = None, subject: str = "", team: str = "", enabled: bool | None = None,
    severity: Literal["", "info", "warning", "critical"] = "", owner: str = "", channels: Sequence[str] = (),
    comment: str = "",
) -> Call[budget.NewAlertRule]:  # fmt: skip
    """Make or change a rule of alerts (docs/alerts.md); it counts from the next run. Where the server takes writes."""
    body = {
        "rule": rule, "threshold": threshold, "critical_threshold": critical_threshold, "minimum_usd": minimum_usd,
        "subject": subject, "team": team, "enabled": enabled, "severity": severity, "owner": owner,
        "channels": list(channels), "comment": comment,
    }  # fmt: skip
    return post("/cost/alerts", budget.NewAlertRule, body)


def acknowledge_alert(alert_id: str, reason: str = "") -> Call[budget.Acknowledged]:
    """Say that somebody has seen an alert. Where the server takes writes."""
    return post(path_of("/cost/alerts/{}/acknowledge", alert_id), budget.Acknowledged, {"reason": reason})


def suggestions(lookback_days: int = 7) -> Call[subjects.Suggestions]:
    """What could cost less, what pays most first."""
    return get("/cost/suggestions", subjects.Suggestions, lookback_days=lookback_days)


def roi(suggestion_id: str, implementation_cost: Number = 500, implementation_days: Number = 5) -> Call[subjects.Roi]:
    """Whether a suggestion pays for its work; the cost of the work in USD."""
    return get(path_of("/cost/suggestions/{}/roi", suggestion_id), subjects.Roi,
               implementation_cost=implementation_cost, implementation_days=implementation_days)  # fmt: skip


def admin_optimize(lookback_days: int = 7) -> Call[subjects.Suggestions]:
    """Suggestions of all teams, for admins."""
    return get("/cost/admin/optimize", subjects.Suggestions, lookback_days=lookback_days)


def admin_costs() -> Call[budget.AdminCosts]:
    """Seven days, all budgets, alerts that nobody has acknowledged, for admins."""
    return get("/cost/admin/costs", budget.AdminCosts)


def list_metrics() -> Call[subjects.MetricNames]:
    """Metrics by name: what each is and what it can be grouped by."""
    return get("/metrics", subjects.MetricNames)


def metric(
    name: str, group_by: Sequence[str] = (), filters: Filters | None = None, start_date: Day | None = None,
    end_date: Day | None = None, time_range: str | None = None, limit: int = 1000, order_by: str | None = None,
) -> Call[subjects.MetricValues]:  # fmt: skip
    """One metric over days, by a grain of time (day … year) or dimensions of it."""
    return get(
        path_of("/metrics/{}", name), metric_values_of, group_by=list(group_by), filter=filters_as_text(filters),
        start_date=start_date, end_date=end_date, time_range=time_range, limit=limit, order_by=order_by,
    )  # fmt: skip


def me() -> Call[subjects.Me]:
    """Who the key belongs to, and what it may do."""
    return get("/me", subjects.Me)


def person(user: str) -> Call[subjects.Person]:
    """Who a user id or label is, for admins."""
    return get(path_of("/people/{}", user), subjects.Person)


def identity(pseudonym: str) -> Call[subjects.Identity]:
    """Who a pseudonym is, for admins; each call is in the audit log."""
    return get(path_of("/identities/{}", pseudonym), subjects.Identity)


def teams() -> Call[subjects.Teams]:
    """Teams that the key sees."""
    return get("/teams", subjects.Teams)


def projects() -> Call[subjects.Projects]:
    """Projects that the key sees."""
    return get("/projects", subjects.Projects)


def send_events(events: Sequence[Mapping[str, Any]]) -> Call[subjects.EventsTaken]:
    """Canonical events, 10,000 at most, by a key that sends; never sent twice by this client."""
    return post("/events", subjects.EventsTaken, {"events": [dict(event) for event in events]})


def ready() -> Call[subjects.Ready]:
    """Whether there is a publication to answer from, and how old it is."""
    return Call("/readyz", subjects.Ready)
