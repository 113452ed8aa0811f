"""Answers about suggestions, metrics by name, the organisation, the caller, events.

Put here: their types. Keep out: costs (`costs`), budgets and alerts (`budgets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from costops_client.answers import Amount, Answer, Count, Table, Text


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What could cost less. Savings a month are USD; `saving_usd` is of the days from `period_start` on."""

    id: str
    title: str
    description: Text
    category: str
    priority: Count
    potential_savings_per_month: Amount
    savings_low_per_month: Amount
    savings_high_per_month: Amount
    incremental_savings_per_month: Amount
    effort: Text
    risk: Text
    action_items: list[str]
    scope_type: Text
    scope_id: Text
    team_id: Text
    current_model: Text
    suggested_model: Text
    period_start: date | None
    period_end: date | None
    saving_usd: Amount
    status: Text


@dataclass(frozen=True, kw_only=True)
class Suggestions(Table[Suggestion]):
    """What could cost less, what pays most first; the total counts no dollar twice."""

    FIELD: ClassVar[str] = "suggestions"
    ROW: ClassVar[type[Any] | None] = Suggestion
    lookback_days: int
    suggestions: list[Suggestion]
    total_potential_savings_per_month: Amount


@dataclass(frozen=True, kw_only=True)
class Roi(Answer):
    """Whether a suggestion pays for its work, and when."""

    id: str
    title: str
    implementation_cost: Decimal
    implementation_days: Decimal
    monthly_savings: Amount
    break_even_months: Amount
    first_year_savings: Amount
    roi_percent: Amount
    recommendation: Text


@dataclass(frozen=True, kw_only=True)
class MetricName:
    """A metric: what it is and what it can be grouped by."""

    name: str
    label: Text
    description: Text
    unit: Text
    mart: str
    grain: Text
    group_by: list[str]
    is_published: bool


@dataclass(frozen=True, kw_only=True)
class MetricNames(Table[MetricName]):
    """Every metric by name."""

    FIELD: ClassVar[str] = "metrics"
    ROW: ClassVar[type[Any] | None] = MetricName
    metrics: list[MetricName]


@dataclass(frozen=True, kw_only=True)
class MetricValues(Table[dict[str, Any]]):
    """A metric over days: sums as `Decimal`, counts as int, ratios as float where their definition divides so."""

    metric: str
    label: Text
    unit: Text
    description: Text
    mart: str
    start_date: date
    end_date: date
    group_by: list[str]
    rows: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class Me(Answer):
    """Who the key belongs to; `teams` is None where it sees all."""

    name: str
    role: str
    teams: list[str] | None
    rights: list[str]


@dataclass(frozen=True, kw_only=True)
class Person(Answer):
    """Who a user id is."""

    user_id: str
    name: Text
    email: Text
    team_id: Text


@dataclass(frozen=True, kw_only=True)
class Identity(Answer):
    """Who a pseudonym is, as delivered. `found_in`: the raw table that named them."""

    pseudonym: str
    user_id: str
    display_name: Text
    email: Text
    found_in: Text
    first_seen_at_utc: datetime | None


@dataclass(frozen=True, kw_only=True)
class Team:
    """A team. `budget`: USD a month."""

    id: str
    name: Text
    department: Text
    owner: Text
    budget: Amount


@dataclass(frozen=True, kw_only=True)
class Teams(Table[Team]):
    """Teams that the key sees."""

    FIELD: ClassVar[str] = "teams"
    ROW: ClassVar[type[Any] | None] = Team
    teams: list[Team]


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project. `revenue`: USD a month."""

    id: str
    name: Text
    team_id: Text
    environment: Text
    revenue: Amount


@dataclass(frozen=True, kw_only=True)
class Projects(Table[Project]):
    """Projects that the key sees."""

    FIELD: ClassVar[str] = "projects"
    ROW: ClassVar[type[Any] | None] = Project
    projects: list[Project]


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """An event that was not taken: the row from 1, the field, what is wrong."""

    row: int
    field: Text
    message: str


@dataclass(frozen=True, kw_only=True)
class EventsTaken:
    """What became of events that were sent; `rejected` names the first 100."""

    accepted: int
    rejected: list[Rejected]
    rejected_count: int


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Whether there is something to answer from, and how old it is."""

    ready: bool
    publication: str
    published_at_utc: datetime | None
    age_seconds: float | None
    held_back: Count
