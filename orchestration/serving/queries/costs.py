"""Totals of a period, what they consist of, and how they move.

Put here: totals, breakdown, trend, report. Keep out: free grouping (`aggregate`), single requests (`records`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from orchestration.presenting.standing import NEVER_BILLED, published_today
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import Span, between, kind_condition, one_of, per, span_of
from orchestration.serving.reading import Reading

ALLOCATED, DAILY, USAGE, HOURLY = (
    "fct_allocated_costs_daily", "rpt_cost_daily", "rpt_usage_daily", "fct_llm_usage_hourly",
)  # fmt: skip
NO_NAME = "(none)"
"""Under what stands what belongs to no model, user or feature."""
TOP = 10
GRAINS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
MOST_PERIODS = 400
_PARTS = {
    "by_model": "model_id", "by_provider": "provider_id", "by_team": "team_id", "by_user": "user_id",
    "by_feature": "feature",
}  # fmt: skip


def totals(
    reading: Reading, start: str | None, end: str | None, user_id: str | None = None, cost_kind: str = "llm"
) -> Answer:
    """Cost, requests, tokens of a period, of everybody or one user, and by model: spend; of a user, usage of LLMs."""
    span = span_of(reading, start, end)
    found = _totals(reading, span, cost_kind, user_id)
    mart, cost, kind, values = _source(reading, cost_kind, user_id)
    by_model = reading.rows(
        f"select coalesce(model_id, '{NO_NAME}') as model, sum({cost}) as cost, sum(request_count) as requests "
        f"from {mart} where usage_date between ? and ? and {kind} group by 1 order by 2 desc nulls last, 1",
        [span.first, span.last, *values],
    )
    body = {
        "period_start": span.first, "period_end": span.last, "user_id": user_id, "cost_kind": cost_kind,
        "of": "spend" if user_id is None else "usage", **found,
        **_change(reading, span, cost_kind, user_id, found["total_cost"]),
        "by_model": {row.pop("model"): row for row in by_model},
    }  # fmt: skip
    return Answer(body, "by_model", (mart,), _filters(span, cost_kind, user_id))


def _source(reading: Reading, cost_kind: str, user_id: str | None) -> tuple[str, str, str, list[Any]]:
    """Mart, column of money, condition and its values. What a user used is never other than of LLMs."""
    kind, values = kind_condition(cost_kind)
    if user_id is None:
        return reading.need(DAILY), "spend_usd", kind, list(values)
    return reading.need(USAGE), "contracted_cost_usd", "user_id = ? and ? in ('llm', 'total')", [user_id, cost_kind]


def _totals(reading: Reading, span: Span, cost_kind: str, user_id: str | None = None) -> dict[str, Any]:
    mart, cost, kind, values = _source(reading, cost_kind, user_id)
    row = reading.one(
        f"select sum({cost}) as total_cost, sum(request_count)::bigint as total_requests, "
        "sum(total_tokens)::bigint as total_tokens, sum(cache_read_tokens)::bigint as hit, "
        f"sum(input_tokens)::bigint as all_input from {mart} where usage_date between ? and ? and {kind}",
        [span.first, span.last, *values],
    )
    hit, all_input = row.pop("hit"), row.pop("all_input")
    return {
        **row,
        "avg_cost_per_request": per(row["total_cost"], row["total_requests"]),
        "cache_hit_rate": per(None if hit is None else Decimal(hit), all_input),
        "unknown_cost_item_count": _unknown(reading, span, cost_kind, user_id),
    }


def _unknown(reading: Reading, span: Span, cost_kind: str, user_id: str | None) -> int:
    """Items of which no amount is known, so that the total is at least what it says."""
    mart, _, kind, values = _source(reading, cost_kind, user_id)
    counted = "count(*) filter (unpriced_tokens > 0 or contracted_cost_usd is null)"
    if user_id is None:
        mart, counted = reading.need(ALLOCATED), "coalesce(sum(unknown_cost_item_count), 0)::bigint"
    found = reading.one(
        f"select {counted} as items from {mart} where usage_date between ? and ? and {kind}",
        [span.first, span.last, *values],
    )
    return int(found["items"])


def _change(reading: Reading, span: Span, cost_kind: str, user_id: str | None, cost: Decimal | None) -> dict[str, Any]:
    """Against as many days before; a period that is not over has fewer days of cost than the one before."""
    last = span.first - timedelta(days=1)
    before = Span(last - (span.last - span.first), last)
    mart, column, kind, values = _source(reading, cost_kind, user_id)
    earlier = reading.one(
        f"select sum({column}) as cost from {mart} where usage_date between ? and ? and {kind}",
        [before.first, before.last, *values],
    )["cost"]
    change = None if cost is None or earlier is None else cost - earlier
    percent = per(change * 100, earlier) if change is not None and earlier is not None and earlier > 0 else None
    return {
        "previous_period_start": before.first, "previous_period_end": before.last, "previous_total_cost": earlier,
        "change": change, "change_percent": percent,
    }  # fmt: skip


def breakdown(reading: Reading, start: str, end: str, cost_kind: str = "llm") -> Answer:
    """A period by model, provider, team, user and feature: each part sums to the total.

    Beside them usage of LLMs at contract prices by what no bill names, which sums to the usage of the period.
    """
    span = span_of(reading, start, end)
    body = {
        "period_start": span.first, "period_end": span.last, "cost_kind": cost_kind,
        **_totals(reading, span, cost_kind), **_parts(reading, span, cost_kind),
    }  # fmt: skip
    return Answer(body, "by_model", (ALLOCATED, DAILY, USAGE), _filters(span, cost_kind))


def _parts(reading: Reading, span: Span, cost_kind: str, limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
    kind, values = kind_condition(cost_kind)
    allocated = f"{reading.need(ALLOCATED)} where {kind}"
    spent = {
        name: _part(reading, allocated, values, column, "allocated_cost_usd", span, limit)
        for name, column in _PARTS.items()
    }
    used = {
        f"usage_by_{name}": _part(
            reading, f"{reading.need(USAGE)} where true", [], column, "contracted_cost_usd", span, limit
        )
        for name, column in NEVER_BILLED.items()
    }
    return spent | used


def _part(
    reading: Reading, source: str, values: Sequence[Any], column: str, cost: str, span: Span, limit: int | None
) -> list[dict[str, Any]]:
    rows = reading.rows(
        f"select {column} as name, sum({cost}) as cost, sum(request_count)::bigint as requests "
        f"from {source} and usage_date between ? and ? group by 1 order by 2 desc nulls last, 1 nulls last limit ?",
        [*values, span.first, span.last, limit],
    )
    return [row | {"avg_cost_per_request": per(row["cost"], row["requests"])} for row in rows]


def trend(reading: Reading, period: str = "daily", num_periods: int = 30, team_id: str | None = None) -> Answer:
    """The last complete periods, whether they rise, and the next with its interval.

    Spend by day, week or month; by the hour, which no bill knows, contracted cost of metered usage.
    """
    one_of(period, tuple(GRAINS), "period")
    between(num_periods, 1, MOST_PERIODS, "num_periods")
    points = (
        _hours(reading, num_periods, team_id)
        if period == "hourly"
        else _points(reading, GRAINS[period], num_periods, team_id)
    )
    body: dict[str, Any] = {"period": period, "num_periods": num_periods, "team_id": team_id, "points": points}
    known = _trend_row(reading, GRAINS[period], team_id)
    body |= {
        "direction": known.get("direction"),
        "percent_change": None if known.get("change_ratio") is None else known["change_ratio"] * 100,
        "trend_ratio_per_period": known.get("trend_ratio_per_period"),
        "forecast_next_period": known.get("next_cost_usd"),
        "confidence_interval_low": known.get("next_lower_cost_usd"),
        "confidence_interval_high": known.get("next_upper_cost_usd"),
        "scored_periods": known.get("period_count"),
        "reason": known.get("reason"),
    }
    source = HOURLY if period == "hourly" else DAILY
    return Answer(body, "points", (source, "rpt_cost_trends"), {"cost_kind": "llm", "team_id": team_id})


def _points(reading: Reading, grain: str, count: int, team_id: str | None) -> list[dict[str, Any]]:
    today = published_today(reading.connection)
    rows = reading.rows(
        f"select date_trunc('{grain}', usage_date)::date as period_start, sum(spend_usd) as cost, "
        f"sum(request_count)::bigint as requests from {reading.need(DAILY)} where cost_kind = 'llm' "
        f"and date_trunc('{grain}', usage_date) < date_trunc('{grain}', ?::date) and (? is null or team_id = ?) "
        "group by 1 order by 1 desc limit ?",
        [today, team_id, team_id, count],
    )
    return rows[::-1]


def _hours(reading: Reading, count: int, team_id: str | None) -> list[dict[str, Any]]:
    rows = reading.rows(
        f"select usage_hour_utc as period_start, sum(contracted_cost_usd) as cost, "
        f"max(request_count)::bigint as _ignored from {reading.need(HOURLY)} where (? is null or team_id = ?) "
        "group by 1 order by 1 desc limit ?",
        [team_id, team_id, count],
    )
    return [{"period_start": row["period_start"], "cost": row["cost"], "requests": None} for row in rows[::-1]]


def _trend_row(reading: Reading, grain: str, team_id: str | None) -> dict[str, Any]:
    """The scored series of what the viewer sees; why there is none where there is none."""
    if grain == "hour":
        return {"reason": "hours are not forecast; ask for daily"}
    viewer = reading.viewer
    team = team_id if team_id is not None else next(iter(viewer.teams)) if len(viewer.teams) == 1 else None
    if team is None and not viewer.sees_all:
        return {"reason": "several teams have no forecast together: name one by team_id"}
    scope = ("team", team) if team is not None and not (viewer.sees_all and team_id is None) else ("total", "all")
    if not reading.has("rpt_cost_trends"):
        return {"reason": "rpt_cost_trends is not published yet"}
    rows = reading.rows(
        "select * from rpt_cost_trends where scope_type = ? and scope_id = ? and period_type = ? limit 1",
        [*scope, grain],
    )
    return rows[0] | {"reason": None} if rows else {"reason": "there is no forecast of this series yet"}


def report(reading: Reading, period_days: int = 30) -> Answer:
    """A period of days up to the last: total, where the month ends, who and what costs most, day by day."""
    between(period_days, 1, 3660, "period_days")
    span = span_of(reading, None, None, f"{period_days}d")
    parts = _parts(reading, span, "llm", TOP + 1)
    body = {
        "period_days": period_days, "period_start": span.first, "period_end": span.last,
        "summary": _totals(reading, span, "llm"),
        "monthly_projection": _projection(reading),
        "breakdown": {name: rows[:TOP] for name, rows in parts.items()},
        "top_users": _named(parts["usage_by_user"]),
        "top_features": _named(parts["usage_by_feature"]),
        "trends": _days(reading, span),
    }  # fmt: skip
    return Answer(body, "trends", (ALLOCATED, DAILY, USAGE, "rpt_month_end_forecast"), _filters(span, "llm"))


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["name"] is not None][:TOP]


def _days(reading: Reading, span: Span) -> list[dict[str, Any]]:
    return reading.rows(
        f"select usage_date as date, sum(spend_usd) as cost, sum(request_count)::bigint as requests "
        f"from {reading.need(DAILY)} where usage_date between ? and ? and cost_kind = 'llm' group by 1 order by 1",
        [span.first, span.last],
    )


def _projection(reading: Reading) -> dict[str, Any] | None:
    """Where the running month ends, with its interval; None where nothing says it for what the viewer sees."""
    viewer, mart = reading.viewer, "rpt_month_end_forecast"
    if not reading.has(mart):
        return None
    if not viewer.sees_all and len(viewer.teams) != 1:
        return None
    scope = ("total", "all") if viewer.sees_all else ("team", next(iter(viewer.teams)))
    run_rate = "null"
    if reading.has("rpt_period_forecasts"):
        run_rate = (
            "(select run_rate_cost_usd from rpt_period_forecasts as whole where whole.scope_type = ends.scope_type "
            "and whole.scope_id = ends.scope_id and whole.period_type = 'month' "
            "and whole.period_start_date = ends.month_start_date)"
        )
    rows = reading.rows(
        "select month_start_date, actual_spend_usd, forecast_spend_usd, lower_spend_usd, upper_spend_usd, "
        f"{run_rate} as run_rate_spend_usd from {mart} as ends where scope_type = ? and scope_id = ? "
        "order by month_start_date desc limit 1",
        scope,
    )
    return rows[0] if rows else None


def _filters(span: Span, cost_kind: str, user_id: str | None = None) -> dict[str, Any]:
    return {"usage_date": [span.first, span.last], "cost_kind": cost_kind} | ({"user_id": user_id} if user_id else {})
