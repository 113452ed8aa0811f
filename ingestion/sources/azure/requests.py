"""What Azure is asked: metric queries and cost queries as its REST APIs publish them.

Put here: parameters, bodies and the limits they obey. Keep out: sending, reading answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

METRICS_API_VERSION = "2024-02-01"
ACCOUNTS_API_VERSION = "2024-10-01"
COST_API_VERSION = "2025-03-01"
METRICS_WINDOW_DAYS = 30
METRICS_RETENTION_DAYS = 93
COST_WINDOW_DAYS = 31
COST_PAGE_ROWS = 5_000
COST_REQUESTS_PER_MINUTE = 4
MOST_SERIES = 10_000
"""Series asked for at most; without `top` Azure Monitor gives ten and says nothing about the rest."""
INTERVAL = "PT1H"
MANAGEMENT_SCOPE_SUFFIX = "/.default"


@dataclass(frozen=True)
class MetricQuery:
    """Metrics that share an aggregation. Where an account refuses the dimensions, the next fewer ones are asked for;
    an optional query may be refused altogether."""

    metrics: tuple[str, ...]
    aggregation: str
    dimensions: tuple[tuple[str, ...], ...]
    is_optional: bool = False

    def params(self, start: str, end: str, dimensions: Sequence[str]) -> dict[str, Any]:
        """The query of hourly points in `[start, end)`, split by every dimension."""
        return {
            "api-version": METRICS_API_VERSION,
            "metricnames": ",".join(self.metrics),
            "timespan": f"{start}/{end}",
            "interval": INTERVAL,
            "aggregation": self.aggregation,
            "$filter": " and ".join(f"{name} eq '*'" for name in dimensions),
            "top": MOST_SERIES,
        }


_DEPLOYMENT = ("ModelDeploymentName",)
_MODEL = (*_DEPLOYMENT, "ModelName", "ModelVersion")
TOKENS = MetricQuery(("ProcessedPromptTokens", "GeneratedTokens", "TokenTransaction"), "Total", (_MODEL, _DEPLOYMENT))
REQUESTS = MetricQuery(
    ("AzureOpenAIRequests",),
    "Total",
    ((*_MODEL, "StatusCode", "ServiceTierResponse", "IsSpillover"), (*_MODEL, "StatusCode"), _MODEL, _DEPLOYMENT),
)
PROVISIONED = MetricQuery(
    ("AzureOpenAIContextTokensCacheMatchRate", "AzureOpenAIProvisionedManagedUtilizationV2"),
    "Average",
    (_DEPLOYMENT,),
    is_optional=True,
)
METRIC_QUERIES = (TOKENS, REQUESTS, PROVISIONED)
"""Cost, user and api key are in no metric. `TokenTransaction` is prompt and generated tokens together: it is
landed as a check and never added to them. The legacy TotalCalls, DataIn, DataOut are not for these accounts."""


@dataclass(frozen=True)
class Grouping:
    """One dimension or tag that costs are grouped by."""

    kind: str
    name: str

    def as_json(self) -> dict[str, str]:
        """The grouping as the request holds it."""
        return {"type": self.kind, "name": self.name}


def default_groupings(scope: str) -> tuple[Grouping, ...]:
    """By meter and, where Azure allows that grouping, by resource; else by subscription. Two are the limit."""
    second = "ResourceId" if is_subscription_scope(scope) else "SubscriptionId"
    return Grouping("Dimension", "Meter"), Grouping("Dimension", second)


def tag_groupings(tag: str) -> tuple[Grouping, ...]:
    """By meter and the values of a tag."""
    return Grouping("Dimension", "Meter"), Grouping("TagKey", tag)


def is_subscription_scope(scope: str) -> bool:
    """Whether a scope is a subscription or a resource group: only these can be grouped by resource."""
    return scope.strip("/").lower().startswith("subscriptions/")


def cost_body(
    first: date,
    last: date,
    groupings: Sequence[Grouping],
    *,
    services: Sequence[str] = (),
    query_type: str = "ActualCost",
) -> dict[str, Any]:
    """The body of a daily cost query over both days and all between; every page is asked with the same one."""
    if len(groupings) > 2:
        raise ValueError("Cost Management groups by two at most")
    if (last - first).days + 1 > COST_WINDOW_DAYS:
        raise ValueError(f"a daily cost query spans {COST_WINDOW_DAYS} days at most")
    dataset: dict[str, Any] = {
        "granularity": "Daily",
        "aggregation": {
            "totalCost": {"name": "Cost", "function": "Sum"},
            "totalCostUSD": {"name": "CostUSD", "function": "Sum"},
        },
        "grouping": [each.as_json() for each in groupings],
    }
    conditions = (
        [{"dimensions": {"name": "ServiceName", "operator": "In", "values": list(services)}}] if services else []
    )
    found = joined(conditions)
    if found:
        dataset["filter"] = found
    return {
        "type": query_type,
        "timeframe": "Custom",
        "timePeriod": {"from": f"{first}T00:00:00Z", "to": f"{last}T23:59:59Z"},
        "dataset": dataset,
    }


def joined(conditions: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Conditions under `and`, which needs two at least: one stands alone, none is no filter."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"and": list(conditions)}
