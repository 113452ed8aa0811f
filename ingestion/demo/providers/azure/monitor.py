"""Azure Monitor metrics of the sample company's Azure OpenAI accounts.

Put here: the metrics endpoint. Keep out: costs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.providers.azure.dialect import PREFIX, REGION, AzureDialect, deployment, known_account
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.ledger import USAGE_SUMS, UsageRows, Value
from ingestion.demo.providers.moments import DAY, HOUR, MINUTE, microseconds, read_rfc3339, rfc3339
from ingestion.demo.providers.state import Simulator

_INPUT = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens")
METRICS: dict[str, tuple[str, ...]] = {
    "AzureOpenAIRequests": ("request_count",),
    "ProcessedPromptTokens": _INPUT,
    "GeneratedTokens": ("output_tokens",),
    "TokenTransaction": (*_INPUT, "output_tokens"),
    "ActiveTokens": ("uncached_input_tokens", "cache_write_tokens", "output_tokens"),
    "AudioPromptTokens": (),
    "AudioCompletionTokens": (),
}
PERCENTAGES = ("AzureOpenAIContextTokensCacheMatchRate", "AzureOpenAIProvisionedManagedUtilizationV2")
"""Of provisioned deployments only, which the sample company does not have: they are known and have no series."""
AGGREGATIONS = ("Total", "Average")
INTERVALS = {"PT1M": MINUTE, "PT5M": 5 * MINUTE, "PT15M": 15 * MINUTE, "PT1H": HOUR, "PT6H": 6 * HOUR, "P1D": DAY}
DIMENSIONS = (
    "ModelDeploymentName",
    "ModelName",
    "ModelVersion",
    "Region",
    "ApiName",
    "OperationName",
    "StatusCode",
    "StreamType",
    "IsSpillover",
    "ServiceTierRequest",
    "ServiceTierResponse",
)
_BY_LOWER = {name.lower(): name for name in DIMENSIONS}
MOST_MINUTES = 30 * DAY
DEFAULT_TOP = 10


@dataclass(frozen=True)
class Asked:
    """A query: `split` are the dimensions that get a series each."""

    metrics: list[str]
    start: int
    end: int
    width: int
    interval: str
    split: list[str]
    filters: dict[str, list[Value]]
    top: int


def _span(text: str) -> tuple[int, int]:
    start, separator, end = text.partition("/")
    try:
        found = read_rfc3339(start), read_rfc3339(end)
    except ValueError:
        found = (0, 0)
    if not separator or found[0] >= found[1]:
        raise Refusal(400, f"Detected invalid time span input: {text}", "BadRequest")
    return found


def _filter(text: str) -> tuple[list[str], dict[str, list[Value]]]:
    split, filters = [], {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.I) if text.strip() else []:
        found = re.fullmatch(r"\(?\s*(\w+)\s+eq\s+'([^']*)'\s*\)?", part)
        name = _BY_LOWER.get(found[1].lower()) if found else None
        if found is None or name is None:
            raise Refusal(400, f"The filter is not valid: {part!r}", "BadRequest")
        if found[2] == "*":
            split.append(name)
        else:
            filters[name] = [found[2]]
    return split, filters


def _asked(request: Request) -> Asked:
    params = request.query_params
    if "api-version" not in params:
        raise Refusal(400, "The api-version query parameter (?api-version=) is required.", "MissingApiVersionParameter")
    names = [name for name in params.get("metricnames", "").split(",") if name]
    known = {name.lower(): name for name in (*METRICS, *PERCENTAGES)}
    unknown = [name for name in names if name.lower() not in known]
    if unknown or not names:
        message = f"Failed to find metric configuration for metric: {', '.join(unknown) or '(none)'}"
        raise Refusal(400, message, "BadRequest")
    due = AGGREGATIONS[names[0].lower() in {name.lower() for name in PERCENTAGES}]
    if params.get("aggregation", due).lower() != due.lower():
        raise Refusal(400, f"The simulator knows the aggregation {due} of {names[0]}.", "BadRequest")
    interval = params.get("interval", "PT1M").upper()
    if interval not in INTERVALS:
        raise Refusal(400, f"Detected invalid time grain input: {interval}", "BadRequest")
    start, end = _span(params.get("timespan", ""))
    if interval == "PT1M" and end - start > MOST_MINUTES:
        raise Refusal(400, "The time span is too long for the time grain PT1M.", "BadRequest")
    split, filters = _filter(params.get("$filter", ""))
    top = int(params["top"]) if params.get("top", "").isdecimal() else DEFAULT_TOP
    return Asked(
        [known[name.lower()] for name in names], start, end, INTERVALS[interval], interval, split, filters, top
    )


class AzureMonitor:
    """Answers of the metrics endpoint."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        frame = simulator.company.requests("azure")
        self._rows = {str(place): _rows(part) for place, part in frame.groupby("account_id")}
        self._none = _rows(frame.iloc[:0])

    def metrics(self, request: Request) -> dict[str, Any]:
        """Every interval of the span, with or without a total."""
        account = known_account(request.path_params["subscription"])
        own = account.resource_id.lower().split("/")
        asked_for = (request.path_params["group"].lower(), request.path_params["account"].lower())
        if asked_for != (own[4], own[8]):
            raise Refusal(404, "The resource was not found.", "ResourceNotFound")
        asked = _asked(request)
        rows = self._rows.get(account.subscription_id, self._none)
        return {
            "cost": 0,
            "timespan": f"{rfc3339(asked.start)}/{rfc3339(asked.end)}",
            "interval": asked.interval,
            "value": [
                {
                    "id": f"{account.resource_id}/providers/Microsoft.Insights/metrics/{name}",
                    "type": "Microsoft.Insights/metrics",
                    "name": {"value": name, "localizedValue": name},
                    "unit": "Percent" if name in PERCENTAGES else "Count",
                    "timeseries": self._timeseries(name, rows, asked),
                    "errorCode": "Success",
                }
                for name in asked.metrics
            ],
            "namespace": "Microsoft.CognitiveServices/accounts",
            "resourceregion": REGION,
        }

    def _timeseries(self, metric: str, rows: UsageRows, asked: Asked) -> list[dict[str, Any]]:
        if metric in PERCENTAGES:
            return []
        start = asked.start // asked.width * asked.width
        days = self._simulator.options.azure_retention_days
        known = start if days is None else max(start, microseconds(self._simulator.now) - days * DAY)
        begin = -(-known // asked.width) * asked.width
        series: dict[tuple[Value, ...], dict[int, int]] = defaultdict(dict)
        if begin < asked.end and METRICS[metric]:
            for group in rows.groups(
                begin, asked.end, asked.width, self._simulator.visibility, fields=asked.split, filters=asked.filters
            ):
                at = begin + group.bucket * asked.width
                series[tuple(group.values.values())][at] = sum(group.sums[name] for name in METRICS[metric])
        if not asked.split and not series:
            series[()] = {}
        times = range(start, asked.end, asked.width)
        biggest = sorted(series.items(), key=lambda one: (-sum(one[1].values()), str(one[0])))[: asked.top]
        return [
            {
                "metadatavalues": [
                    {"name": {"value": name.lower(), "localizedValue": name.lower()}, "value": value}
                    for name, value in zip(asked.split, values, strict=True)
                ],
                "data": [
                    {"timeStamp": rfc3339(at), "total": float(totals[at])}
                    if at in totals
                    else {"timeStamp": rfc3339(at)}
                    for at in times
                ],
            }
            for values, totals in biggest
        ]


def _rows(frame: pd.DataFrame) -> UsageRows:
    names = [deployment(str(model)) for model in frame["model"]]
    is_embedding = frame["is_embedding"].to_numpy(dtype=bool)
    dimensions: dict[str, Any] = {
        "ModelDeploymentName": [one[0] for one in names],
        "ModelName": [one[1] for one in names],
        "ModelVersion": [one[2] for one in names],
        "Region": REGION,
        "ApiName": "Azure OpenAI API",
        "OperationName": np.where(is_embedding, "Embeddings_Create", "ChatCompletions_Create"),
        "StatusCode": frame["status_code"],
        "StreamType": "Non-Streaming",
        "IsSpillover": "false",
        "ServiceTierRequest": "default",
        "ServiceTierResponse": "default",
    }
    return UsageRows.of(frame.assign(**dimensions), DIMENSIONS, USAGE_SUMS)


def monitor_routes(simulator: Simulator) -> list[Route]:
    """The metrics endpoint."""
    monitor = AzureMonitor(simulator)
    path = (
        PREFIX + "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices"
        "/accounts/{account}/providers/Microsoft.Insights/metrics"
    )
    return [
        route(
            simulator,
            AzureDialect(),
            path,
            lambda request, _: monitor.metrics(request),
            name="/providers/Microsoft.Insights/metrics",
        )
    ]
