"""What answers look like, for the OpenAPI page: fields and their types.

Put here: shapes. Keep out: answers.
"""

from __future__ import annotations

from typing import Any

from orchestration.serving.http.formats import ARROW, CSV
from orchestration.serving.http.problems import TITLES, TYPE

Shape = dict[str, Any]
AMOUNT: Shape = {"type": ["string", "number", "null"], "description": "decimal; null is unknown, never 0"}
COUNT: Shape = {"type": ["integer", "null"]}
NUMBER: Shape = {"type": ["number", "string", "null"]}
TEXT: Shape = {"type": ["string", "null"]}
DAY: Shape = {"type": ["string", "null"], "description": "2026-01-31"}
FLAG: Shape = {"type": ["boolean", "null"]}
ANY: Shape = {}


def fields(**shapes: Shape) -> Shape:
    """An object that has these fields."""
    return {"type": "object", "properties": shapes, "required": list(shapes)}


def rows(**shapes: Shape) -> Shape:
    """A list of such objects."""
    return {"type": "array", "items": fields(**shapes)}


def by_name(shape: Shape) -> Shape:
    """An object whose values have one shape."""
    return {"type": "object", "additionalProperties": shape}


ABOUT: dict[str, Shape] = {
    "publication": fields(id=TEXT, published_at_utc=TEXT),
    "source": fields(tables={"type": "array", "items": {"type": "string"}}, filters={"type": "object"}),
}
PROBLEM: Shape = {
    "type": "object",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "remedy": {"type": "string"}, "field": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "remedy"],
}  # fmt: skip
_EVERYWHERE = (400, 401, 403, 404, 413, 421, 422, 429, 500, 503)


def documented(shape: Shape, *, tables: bool = True, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Responses of a route: its answer in each format, not modified, and every problem."""
    full = {**shape, "properties": {**shape.get("properties", {}), **ABOUT}}
    content: dict[str, Any] = {"application/json": {"schema": full}}
    if tables:
        content |= {CSV: {"schema": {"type": "string"}}, ARROW: {"schema": {"type": "string", "format": "binary"}}}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": "The answer", "content": content},
        **problems(),
    }
    if status == 200:
        found[304] = {"description": "What `If-None-Match` names is still so"}
    return found


def problems(*more: int) -> dict[int | str, dict[str, Any]]:
    """Every problem that a route may end in."""
    return {
        code: {"description": TITLES[code], "content": {TYPE: {"schema": PROBLEM}}}
        for code in sorted({*_EVERYWHERE, *more})
    }


PART = rows(name=TEXT, cost=AMOUNT, requests=COUNT, avg_cost_per_request=AMOUNT)
SUMMARY = {
    "total_cost": AMOUNT, "total_requests": COUNT, "total_tokens": COUNT, "avg_cost_per_request": AMOUNT,
    "cache_hit_rate": AMOUNT, "unknown_cost_item_count": COUNT,
}  # fmt: skip
PARTS = dict.fromkeys(
    ("by_model", "by_provider", "by_team", "by_user", "by_feature", "usage_by_user", "usage_by_customer",
     "usage_by_feature"),
    PART,
)  # fmt: skip
ESTIMATE = fields(
    model=TEXT, input_tokens=COUNT, output_tokens=COUNT, total_tokens=COUNT, input_cost=AMOUNT, output_cost=AMOUNT,
    total_cost=AMOUNT, list_cost=AMOUNT, priced_model=TEXT, provider=TEXT, unpriced_reason=TEXT,
)  # fmt: skip
METRICS = fields(
    period_start=DAY, period_end=DAY, user_id=TEXT, cost_kind=TEXT, of=TEXT, **SUMMARY,
    previous_period_start=DAY, previous_period_end=DAY, previous_total_cost=AMOUNT, change=AMOUNT,
    change_percent=AMOUNT,
    by_model=by_name(fields(cost=AMOUNT, requests=COUNT)),
)  # fmt: skip
BREAKDOWN = fields(period_start=DAY, period_end=DAY, cost_kind=TEXT, **SUMMARY, **PARTS)
TREND = fields(
    period=TEXT, num_periods=COUNT, points=rows(period_start=TEXT, cost=AMOUNT, requests=COUNT), direction=TEXT,
    percent_change=AMOUNT, forecast_next_period=AMOUNT, confidence_interval_low=AMOUNT,
    confidence_interval_high=AMOUNT, reason=TEXT,
)  # fmt: skip
REPORT = fields(
    period_days=COUNT, period_start=DAY, period_end=DAY, summary=fields(**SUMMARY),
    monthly_projection={"type": ["object", "null"]}, breakdown=fields(**PARTS), top_users=PART, top_features=PART,
    trends=rows(date=DAY, cost=AMOUNT, requests=COUNT),
)  # fmt: skip
BUDGET = {
    "budget_id": TEXT, "name": TEXT, "limit": AMOUNT, "period": TEXT, "user_id": TEXT, "scope_type": TEXT,
    "scope_id": TEXT, "alert_thresholds": {"type": "array", "items": {"type": "number"}}, "current_spend": AMOUNT,
    "percent_used": AMOUNT, "remaining": AMOUNT, "status": TEXT,
}  # fmt: skip
ALERT = {
    "id": TEXT, "rule": TEXT, "severity": TEXT, "title": TEXT, "message": TEXT, "acknowledged": FLAG, "is_open": FLAG,
    "first_seen_at_utc": TEXT,
}  # fmt: skip
SUGGESTION = {
    "id": TEXT, "title": TEXT, "category": TEXT, "priority": COUNT, "potential_savings_per_month": AMOUNT,
    "effort": TEXT, "action_items": {"type": "array", "items": {"type": "string"}},
}  # fmt: skip
SUGGESTIONS = fields(
    lookback_days=COUNT, suggestions=rows(**SUGGESTION), total_potential_savings_per_month=AMOUNT
)  # fmt: skip
ROI = fields(
    id=TEXT, title=TEXT, implementation_cost=AMOUNT, implementation_days=AMOUNT, monthly_savings=AMOUNT,
    break_even_months=AMOUNT, roi_percent=AMOUNT, recommendation=TEXT,
)  # fmt: skip
AGGREGATE = fields(
    start_date=DAY, end_date=DAY, of=TEXT, group_by={"type": "array"}, meaning=by_name(TEXT),
    rows={"type": "array", "items": {"type": "object"}}, has_more=FLAG,
    notes={"type": "array", "items": {"type": "string"}},
)  # fmt: skip
RECORDS = fields(
    start_date=DAY, end_date=DAY, next_cursor=TEXT,
    rows=rows(id=TEXT, created_at=TEXT, date=DAY, model=TEXT, cost=AMOUNT, tokens_used=COUNT, user_id=TEXT,
              team_id=TEXT, project_id=TEXT, tags=TEXT),
)  # fmt: skip
