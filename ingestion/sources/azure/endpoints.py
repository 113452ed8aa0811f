"""Azure's endpoints: metrics per deployment and hour, cost per meter and resource (or tag) and day.

Data flow: Azure Monitor, Cost Management -> spool -> `raw_azure`. Put here: windows, days, completeness.
Keep out: requests' bodies, parsing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.api.client import ApiClient, Page
from ingestion.api.errors import BadRequestError, MalformedResponseError
from ingestion.api.model import DayPages, Record, RequestInfo
from ingestion.api.windows import DateRange
from ingestion.sources.azure import requests as ask
from ingestion.sources.azure.access import NextLinkPaginator, Pace
from ingestion.sources.azure.answers import cost_of, cost_pieces, metric_pieces, points_with_values, total_of

DAY = timedelta(days=1)
METRICS_LAG = timedelta(hours=3)
COST_LAG = timedelta(hours=24)
OPENAI_KINDS = frozenset({"openai", "aiservices"})


@dataclass
class MetricsEndpoint:
    """Hourly metrics of every Azure OpenAI account: those given, or those of the subscription."""

    resource_ids: tuple[str, ...] = ()
    subscription_ids: tuple[str, ...] = ()
    name: str = "metrics"
    window_days: int = ask.METRICS_WINDOW_DAYS
    _found: tuple[str, ...] | None = None
    _accepted: dict[tuple[str, ask.MetricQuery], int] = field(default_factory=dict)
    """How many dimensions an account refused before: asked once a run, not once a window."""

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window once every account and metric has answered."""
        oldest = (now - timedelta(days=ask.METRICS_RETENTION_DAYS)).date() + DAY
        for day in days:
            if day < oldest:
                reason = f"Azure Monitor keeps {ask.METRICS_RETENTION_DAYS} days"
                yield DayPages(day, is_complete=False, reason=reason, is_out_of_reach=True)
        asked = DateRange(max(days.first, oldest), days.last)
        if not len(asked):
            return
        found: dict[date, list[Record]] = {day: [] for day in asked}
        refused: list[str] = []
        for resource in self._resources(client):
            for query in ask.METRIC_QUERIES:
                if not self._answered(client, resource, query, asked, now, found):
                    refused += query.metrics
        for day in asked:
            yield _metrics_day(day, found[day], now, refused)

    def _resources(self, client: ApiClient) -> tuple[str, ...]:
        if self.resource_ids:
            return self.resource_ids
        if self._found is None:
            self._found = tuple(found for each in self.subscription_ids for found in accounts(client, each))
        return self._found

    def _answered(
        self,
        client: ApiClient,
        resource: str,
        query: ask.MetricQuery,
        asked: DateRange,
        now: datetime,
        found: dict[date, list[Record]],
    ) -> bool:
        """Ask with ever fewer dimensions; False where an optional query is refused with all of them."""
        first = self._accepted.get((resource, query), 0)
        for number, dimensions in enumerate(query.dimensions[first:], first):
            try:
                self._query(client, resource, query, dimensions, asked, now, found)
            except BadRequestError:
                if not query.is_optional and number + 1 == len(query.dimensions):
                    raise
                self._accepted[resource, query] = number + 1
            else:
                return True
        return False

    def _query(
        self,
        client: ApiClient,
        resource: str,
        query: ask.MetricQuery,
        dimensions: tuple[str, ...],
        asked: DateRange,
        now: datetime,
        found: dict[date, list[Record]],
    ) -> None:
        start, end = _instant(asked.start), _instant(min(asked.end, now.replace(minute=0, second=0, microsecond=0)))
        if end <= start:
            return
        params = query.params(start, end, dimensions)
        page = client.get(f"/{resource.strip('/')}/providers/Microsoft.Insights/metrics", params)
        _refuse_full_page(page, query)
        told = {"resource": resource, **params}
        info = RequestInfo(self.name, told, start, end, None, page.number, page.received_at_utc.isoformat(), dimensions)
        answered = set()
        for day, piece in metric_pieces(page.body, resource, ask.INTERVAL):
            # Which deployments are listed without a value depends on the window, so it says nothing about the day.
            if day in found and points_with_values(piece):
                answered.add(day)
                found[day].append(Record(info, piece, "record"))
        silent: dict[str, Any] = {"resourceId": resource, "name": {"value": query.metrics[0]}, "data": []}
        for day in found.keys() - answered:
            found[day].append(Record(info, silent, "record"))


def _refuse_full_page(page: Page, query: ask.MetricQuery) -> None:
    for metric in _listed(page.body):
        series = metric.get("timeseries") if isinstance(metric, dict) else None
        if isinstance(series, list) and len(series) >= ask.MOST_SERIES:
            raise MalformedResponseError(
                f"{query.metrics[0]} has {len(series)} series or more, all that one answer holds; "
                "name fewer accounts in AZURE_OPENAI_RESOURCE_IDS"
            )


def _listed(body: Any) -> list[Any]:
    values = body.get("value") if isinstance(body, dict) else None
    if not isinstance(values, list):
        raise MalformedResponseError("the answer of Azure has no list `value`")
    return values


def _metric_name(payload: dict[str, Any]) -> Any:
    name = payload.get("name")
    return name.get("value") if isinstance(name, dict) else name


def _metrics_day(day: date, records: list[Record], now: datetime, refused: list[str]) -> DayPages:
    points = [point for record in records for point in points_with_values(record.payload)]
    hours = {str(point.get("timeStamp"))[:13] for point in points}
    tokens = [
        total_of(record.payload)
        for record in records
        if _metric_name(record.payload) in ("ProcessedPromptTokens", "GeneratedTokens")
    ]
    is_over = datetime.combine(day, datetime.min.time()) + DAY + METRICS_LAG <= now
    reason = "the day is not over" if not is_over else None
    if refused and not reason:
        reason = f"not offered: {', '.join(sorted(set(refused)))}"
    known = [number for number in tokens if number is not None]
    return DayPages(
        day,
        records,
        is_complete=is_over,
        bucket_count=len(hours),
        row_count=len(points),
        quantity=sum(known, Decimal(0)) if known else None,
        reason=reason,
    )


def accounts(client: ApiClient, subscription_id: str) -> Iterator[str]:
    """The ids of a subscription's accounts that serve OpenAI models."""
    path = f"/subscriptions/{subscription_id}/providers/Microsoft.CognitiveServices/accounts"
    pages = client.pages(path, {"api-version": ask.ACCOUNTS_API_VERSION}, paginator=NextLinkPaginator())
    for page in pages:
        for account in _listed(page.body):
            kind = str(account.get("kind", "")).lower() if isinstance(account, dict) else ""
            if kind in OPENAI_KINDS and isinstance(account.get("id"), str):
                yield account["id"]


@dataclass
class CostQueryEndpoint:
    """Daily actual cost of some scopes, grouped by two of dimensions and tags."""

    scopes: tuple[str, ...]
    name: str = "cost_query"
    groupings: Callable[[str], tuple[ask.Grouping, ...]] = ask.default_groupings
    services: tuple[str, ...] = ()
    requests_per_minute: float = ask.COST_REQUESTS_PER_MINUTE
    window_days: int = ask.COST_WINDOW_DAYS
    _pace: dict[str, Pace] = field(default_factory=dict)

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window once the last page of every scope is there."""
        found: dict[date, list[Record]] = defaultdict(list)
        for scope in self.scopes:
            self._query(client, scope, days, found)
        for day in days:
            records = found[day]
            rows = sum(len(record.payload["rows"]) for record in records)
            costs = [cost for cost in (cost_of(record.payload) for record in records) if cost is not None]
            is_settled = datetime.combine(day, datetime.min.time()) + DAY + COST_LAG <= now
            yield DayPages(
                day,
                records,
                is_complete=is_settled,
                bucket_count=1,
                row_count=rows,
                amount=sum(costs, Decimal(0)),
                reason=None if is_settled else "Azure's costs lag by up to a day",
            )

    def _query(self, client: ApiClient, scope: str, days: DateRange, found: dict[date, list[Record]]) -> None:
        groupings = self.groupings(scope)
        body = ask.cost_body(days.first, days.last, groupings, services=self.services)
        path = f"/{scope.strip('/')}/providers/Microsoft.CostManagement/query"
        params: dict[str, Any] = {"api-version": ask.COST_API_VERSION, "$top": ask.COST_PAGE_ROWS}
        told = {"scope": scope, "type": body["type"], "dataset": body["dataset"]}
        pages = client.pages(
            path, params, method="POST", json=body, paginator=NextLinkPaginator("properties"), cursor_param="$skiptoken"
        )
        pace = self._pace.setdefault(scope, Pace(self.requests_per_minute))
        number = 0
        while True:
            pace.wait(client.policy)
            page = next(pages, None)
            if page is None:
                break
            number = page.number
            info = RequestInfo(
                self.name,
                told,
                _instant(days.start),
                _instant(days.end),
                page.cursor,
                page.number,
                page.received_at_utc.isoformat(),
                tuple(f"{each.kind}:{each.name}" for each in groupings),
            )
            pieces = dict(cost_pieces(page.body))
            columns = page.body["properties"]["columns"]
            for day in days:
                piece = pieces.get(day)
                if piece or number == 1:
                    found[day].append(Record(info, piece or {"columns": columns, "rows": []}, "record"))


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
