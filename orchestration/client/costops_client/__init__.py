"""The client of `costops serve`: costs, budgets and metrics as typed objects, from a server or from a published copy.

It is installed as `costops_client`, needs httpx alone, and imports nothing of this project unless a local copy is
opened. Put here: what callers import. Keep out: figures, which are the server's.
"""

from __future__ import annotations

from costops_client.answers import Answer, Table
from costops_client.asynchronous import AsyncCostOps, AsyncRecords
from costops_client.budgets import AdminCosts, Alert, Alerts, Budget, BudgetCheck, Budgets
from costops_client.costs import Aggregate, Breakdown, Estimate, Metrics, Record, Report, Trend
from costops_client.errors import (
    ApiError,
    AskedWrongly,
    CostOpsError,
    MissingPackage,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotNow,
    ServerBroke,
    TimedOut,
    TooManyRequests,
    UnexpectedAnswer,
    Unreachable,
)
from costops_client.subjects import (
    EventsTaken,
    Me,
    MetricNames,
    MetricValues,
    Projects,
    Roi,
    Suggestion,
    Suggestions,
    Teams,
)
from costops_client.synchronous import CostOps, Records

__all__ = [
    "AdminCosts",
    "Aggregate",
    "Alert",
    "Alerts",
    "Answer",
    "ApiError",
    "AskedWrongly",
    "AsyncCostOps",
    "AsyncRecords",
    "Breakdown",
    "Budget",
    "BudgetCheck",
    "Budgets",
    "CostOps",
    "CostOpsError",
    "Estimate",
    "EventsTaken",
    "Me",
    "MetricNames",
    "MetricValues",
    "Metrics",
    "MissingPackage",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NotNow",
    "Projects",
    "Record",
    "Records",
    "Report",
    "Roi",
    "ServerBroke",
    "Suggestion",
    "Suggestions",
    "Table",
    "Teams",
    "TimedOut",
    "TooManyRequests",
    "Trend",
    "UnexpectedAnswer",
    "Unreachable",
]
