"""Answers about budgets and alerts.

Put here: their types. Keep out: costs (`costs`), everything else (`subjects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from costops_client.answers import Amount, Answer, Count, Table, Text
from costops_client.costs import ReportBody


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A budget and where it stands. `limit`: USD; `amount`: as it was written, in `currency`."""

    budget_id: str
    name: str
    limit: Amount
    amount: Amount
    currency: Text
    period: str
    user_id: Text
    scope_type: str
    scope_id: Text
    counts: str
    owner: Text
    alert_thresholds: list[float]
    current_spend: Amount
    percent_used: Amount
    remaining: Amount
    projected_spend: Amount
    status: Text
    period_start_date: date | None
    period_end_date: date | None
    usage_date: date | None
    days_remaining: Count
    unknown_cost_item_count: Count


@dataclass(frozen=True, kw_only=True)
class BudgetStatus(Budget, Answer):
    """One budget."""


@dataclass(frozen=True, kw_only=True)
class Budgets(Table[Budget]):
    """Budgets that hold today."""

    FIELD: ClassVar[str] = "budgets"
    ROW: ClassVar[type[Any] | None] = Budget
    budgets: list[Budget]


@dataclass(frozen=True, kw_only=True)
class NewBudget(Answer):
    """A budget that was added to `budgets.csv`."""

    budget_id: str
    budget_name: str
    counts_from: str


@dataclass(frozen=True, kw_only=True)
class NewAlertRule(Answer):
    """A row that was added to `alert_rules.csv`."""

    rule: str
    counts_from: str


@dataclass(frozen=True, kw_only=True)
class CheckedBudget:
    """A budget that an amount would be taken from."""

    budget_id: str
    name: str
    scope_type: str
    scope_id: Text
    period: str
    limit: Amount
    spent_as_published: Amount
    spent_since_publication: Amount
    unpriced_since_publication: Count
    remaining: Amount
    remaining_after: Amount
    is_new_period: bool
    thresholds_crossed: list[float]
    allowed: bool | None


@dataclass(frozen=True, kw_only=True)
class BudgetCheck(Table[CheckedBudget]):
    """Whether an amount may be spent; `allowed` is None where the spend of a budget is not known."""

    FIELD: ClassVar[str] = "budgets"
    ROW: ClassVar[type[Any] | None] = CheckedBudget
    allowed: bool | None
    scope: list[str]
    amount: Decimal
    currency: str
    budgets: list[CheckedBudget]
    reason: str
    age_seconds: float | None
    captured_event_count: int
    captured_forgotten_count: int
    unpriced_event_count: int


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What was found, how grave it is, who has seen it."""

    id: str
    rule: str
    severity: str
    subject_type: Text
    subject_id: Text
    owner: Text
    title: Text
    message: Text
    evidence: Any
    first_seen_at_utc: datetime | None
    last_seen_at_utc: datetime | None
    acknowledged_at_utc: datetime | None
    resolved_at_utc: datetime | None
    resolution: Text
    is_open: bool | None
    acknowledged: bool


@dataclass(frozen=True, kw_only=True)
class Alerts(Table[Alert]):
    """Alerts, open ones first."""

    FIELD: ClassVar[str] = "alerts"
    ROW: ClassVar[type[Any] | None] = Alert
    alerts: list[Alert]


@dataclass(frozen=True, kw_only=True)
class Acknowledged(Answer):
    """An alert that somebody has seen."""

    id: str
    acknowledged_at_utc: datetime


@dataclass(frozen=True, kw_only=True)
class AdminCosts(Table[Budget]):
    """Seven days, all budgets, alerts that nobody has acknowledged; as a table: the budgets."""

    FIELD: ClassVar[str] = "budgets"
    ROW: ClassVar[type[Any] | None] = Budget
    report: ReportBody
    budgets: list[Budget]
    unacknowledged_alerts: list[Alert]
