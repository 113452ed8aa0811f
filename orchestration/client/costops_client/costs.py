"""Answers about costs: totals, parts, trends, reports, groups, single requests, estimates.

Put here: their types. Keep out: budgets and alerts (`budgets`), everything else (`subjects`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from costops_client.answers import Amount, Answer, Count, Day, Table, Text
from costops_client.tables import columns_of


@dataclass(frozen=True, kw_only=True)
class ModelCost:
    """A model's part of a period."""

    cost: Amount
    requests: Count


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a period by its name; None is what belongs to nobody."""

    name: Text
    cost: Amount
    requests: Count
    avg_cost_per_request: Amount


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Totals of a period. `cache_hit_rate`: cache read tokens / input tokens.

    Where `unknown_cost_item_count` is not 0, the cost is at least what it says.
    """

    total_cost: Amount
    total_requests: Count
    total_tokens: Count
    avg_cost_per_request: Amount
    cache_hit_rate: Amount
    unknown_cost_item_count: Count = None


@dataclass(frozen=True, kw_only=True)
class Metrics(Summary, Answer):
    """Totals of a period; as a table: by model. `of`: spend of everybody, or usage of one user at contract prices."""

    period_start: date
    period_end: date
    user_id: Text
    cost_kind: str
    of: str = "spend"
    by_model: dict[str, ModelCost]
    previous_period_start: date | None = None
    previous_period_end: date | None = None
    previous_total_cost: Amount = None
    change: Amount = None
    """Against as many days before."""
    change_percent: Amount = None

    def _rows(self) -> Sequence[Any]:
        return [{"name": name, "cost": each.cost, "requests": each.requests} for name, each in self.by_model.items()]

    def _columns(self) -> dict[str, Any]:
        return {"name": str, **columns_of(ModelCost)}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a period consists of: each list of spend sums to the whole, each of usage to the usage of LLMs."""

    by_model: list[Part]
    by_provider: list[Part]
    by_team: list[Part]
    by_user: list[Part]
    by_feature: list[Part]
    usage_by_user: list[Part] = field(default_factory=list)
    """At contract prices, as bills name neither users nor customers nor features."""
    usage_by_customer: list[Part] = field(default_factory=list)
    usage_by_feature: list[Part] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Breakdown(Parts, Summary, Answer):
    """A period by model, provider, team, user and feature; as a table: by model."""

    period_start: date
    period_end: date
    cost_kind: str

    def _rows(self) -> Sequence[Any]:
        return self.by_model

    def _columns(self) -> dict[str, Any]:
        return columns_of(Part)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A period of a trend; of hours, its first instant."""

    period_start: date | datetime
    cost: Amount
    requests: Count


@dataclass(frozen=True, kw_only=True)
class Trend(Answer):
    """The last complete periods, their direction, and the next; as a table: the periods."""

    period: str
    num_periods: int
    team_id: Text
    points: list[Point]
    direction: Text
    percent_change: Amount
    trend_ratio_per_period: Amount
    forecast_next_period: Amount
    confidence_interval_low: Amount
    confidence_interval_high: Amount
    scored_periods: Count
    reason: Text

    def _rows(self) -> Sequence[Any]:
        return self.points

    def _columns(self) -> dict[str, Any]:
        return columns_of(Point) | {"period_start": datetime if self.period == "hourly" else date}


@dataclass(frozen=True, kw_only=True)
class DayCost:
    """A day of a report."""

    date: Day
    cost: Amount
    requests: Count


@dataclass(frozen=True, kw_only=True)
class MonthlyProjection:
    """Where the running month ends: forecast with its interval, and the run rate beside it."""

    month_start_date: date
    actual_spend_usd: Amount
    forecast_spend_usd: Amount
    lower_spend_usd: Amount
    upper_spend_usd: Amount
    run_rate_spend_usd: Amount


@dataclass(frozen=True, kw_only=True)
class ReportBody:
    """The last days in full."""

    period_days: int
    period_start: date
    period_end: date
    summary: Summary
    monthly_projection: MonthlyProjection | None
    breakdown: Parts
    top_users: list[Part]
    top_features: list[Part]
    trends: list[DayCost]


@dataclass(frozen=True, kw_only=True)
class Report(ReportBody, Answer):
    """The last days in full; as a table: day by day."""

    def _rows(self) -> Sequence[Any]:
        return self.trends

    def _columns(self) -> dict[str, Any]:
        return columns_of(DayCost)


@dataclass(frozen=True, kw_only=True)
class Aggregate(Table[dict[str, Any]]):
    """Groups with their figures: money as `Decimal`, `count` and `tokens` as int, `stddev` as float, times as days."""

    start_date: date
    end_date: date
    of: str
    group_by: list[str]
    meaning: dict[str, str]
    rows: list[dict[str, Any]]
    has_more: bool
    notes: list[str] = field(default_factory=list)
    """What the figures do not tell."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A single request at contracted prices. `tags`: JSON as text."""

    id: str
    created_at: datetime
    date: Day
    provider: Text
    model: Text
    cost: Amount
    list_cost: Amount
    tokens_used: Count
    input_tokens: Count
    cache_read_tokens: Count
    output_tokens: Count
    user_id: Text
    team_id: Text
    project_id: Text
    customer_id: Text
    feature: Text
    environment: Text
    session_id: Text
    tags: Text
    status: Text
    duration_ms: Count
    unpriced_reason: Text


@dataclass(frozen=True, kw_only=True)
class RecordPage(Table[Record]):
    """A page of single requests, and the cursor of the next; no cursor after the last."""

    ROW: ClassVar[type[Any] | None] = Record
    start_date: date
    end_date: date
    rows: list[Record]
    next_cursor: Text


@dataclass(frozen=True, kw_only=True)
class Estimate(Answer):
    """What a request would cost at contracted prices, the list price beside it; `unpriced_reason` where unknown."""

    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    total_tokens: int
    input_cost: Amount
    output_cost: Amount
    total_cost: Amount
    list_cost: Amount
    currency: str
    priced_model: Text
    provider: Text
    priced_at_utc: datetime
    unpriced_reason: Text
    notes: list[str]
