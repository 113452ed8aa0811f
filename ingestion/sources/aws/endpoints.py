"""Cost Explorer's reports: daily by service and usage type, daily by tag, monthly, and AWS's own forecast.

Data flow: GetCostAndUsage, GetCostForecast -> spool -> `raw_aws`. Put here: windows, pages, completeness.
Keep out: sending, parsing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.api.errors import MalformedResponseError
from ingestion.api.model import DayPages, Record, RequestInfo
from ingestion.api.numbers import decimal_of
from ingestion.api.windows import DateRange
from ingestion.sources.aws.explorer import CostExplorer, NoDataYetError

DAY = timedelta(days=1)
LAG = timedelta(hours=24)
HISTORY_MONTHS = 13
"""Whole months before this one that Cost Explorer keeps."""
COSTS = ("UnblendedCost", "AmortizedCost")
USAGE = "UsageQuantity"
FORECAST_MONTHS = 3
INTERVAL_PCT = 80


@dataclass(frozen=True)
class Group:
    """One of at most two things a report is grouped by: DIMENSION, TAG, COST_CATEGORY or PRODUCT_ATTRIBUTE."""

    kind: str
    key: str

    def as_json(self) -> dict[str, str]:
        """The group as the request holds it."""
        return {"Type": self.kind, "Key": self.key}

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


SERVICE = Group("DIMENSION", "SERVICE")
USAGE_TYPE = Group("DIMENSION", "USAGE_TYPE")
RECORD_TYPE = Group("DIMENSION", "RECORD_TYPE")
LINKED_ACCOUNT = Group("DIMENSION", "LINKED_ACCOUNT")


@dataclass
class DailyCosts:
    """One day of cost for each group. The whole window is one question: every page of it costs."""

    name: str
    groups: tuple[Group, ...]
    most_accounts: int = 0
    """Up to so many linked accounts are asked for one by one: a report groups by two things only."""
    window_days: int = 31 * (HISTORY_MONTHS + 1)

    def pull(self, client: Any, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window, all of them, once the last page is there."""
        oldest = first_of_month(now.date(), -HISTORY_MONTHS)
        for day in days:
            if day < oldest:
                yield DayPages(
                    day, is_complete=False, reason=f"Cost Explorer keeps {HISTORY_MONTHS} months", is_out_of_reach=True
                )
        asked = DateRange(max(days.first, oldest), days.last)
        if not len(asked):
            return
        found: dict[date, list[Record]] = defaultdict(list)
        first, end = asked.first, asked.last + DAY
        for only in self._filters(client, first, end):
            for record in _pages(client, self.name, "DAILY", first, end, self.groups, only):
                found[start_of(record.payload)].append(record)
        for day in asked:
            yield _day(day, found.get(day, []), now)

    def _filters(self, client: CostExplorer, first: date, end: date) -> list[dict[str, Any] | None]:
        """One filter per linked account; none where there are more than are worth their price."""
        if not self.most_accounts:
            return [None]
        ids = linked_accounts(client, first, end)
        if not 0 < len(ids) <= self.most_accounts:
            return [None]
        return [{"Dimensions": {"Key": LINKED_ACCOUNT.key, "Values": [each]}} for each in ids]


def linked_accounts(client: CostExplorer, first: date, end: date) -> list[str]:
    """The accounts that cost anything in a period."""
    params: dict[str, Any] = {
        "TimePeriod": {"Start": first.isoformat(), "End": end.isoformat()},
        "Dimension": LINKED_ACCOUNT.key,
        "Context": "COST_AND_USAGE",
    }
    found: list[str] = []
    token: str | None = None
    while True:
        body = client.call("get_dimension_values", **params, **({"NextPageToken": token} if token else {}))
        values = body.get("DimensionValues")
        if not isinstance(values, list):
            raise MalformedResponseError("get_dimension_values: the answer has no list DimensionValues")
        named = [str(each.get("Value") or "") for each in values if isinstance(each, dict)]
        if not all(named) or not set(named).isdisjoint(found):
            raise MalformedResponseError("get_dimension_values: an account has no id, or comes twice")
        found += named
        token = body.get("NextPageToken") or None
        if token is None:
            return found


@dataclass
class MonthlyCosts:
    """One month of cost for each group, kept as a list: a month that Cost Explorer forgets stays."""

    name: str = "cost_monthly"
    groups: tuple[Group, ...] = (SERVICE, RECORD_TYPE)
    window_days: None = None

    def key_of(self, payload: Any) -> str:
        """Months are told apart by their start."""
        return start_of(payload).isoformat()

    def pull(self, client: Any, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """Every month Cost Explorer keeps."""
        first, end = first_of_month(now.date(), -HISTORY_MONTHS), first_of_month(now.date(), 1)
        records = list(_pages(client, self.name, "MONTHLY", first, end, self.groups))
        yield DayPages(
            None,
            records,
            bucket_count=len({start_of(record.payload) for record in records}),
            row_count=sum(map(rows_of, records)),
            amount=sum(filter(None, map(cost_of, records)), Decimal(0)),
        )


@dataclass
class Forecast:
    """AWS's own forecast of the months to come: information beside ours, never a charge."""

    name: str = "cost_forecast"
    window_days: None = None

    def pull(self, client: Any, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """From today to the end of the third month."""
        start, end = now.date(), first_of_month(now.date(), FORECAST_MONTHS)
        params = {
            "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
            "Metric": "UNBLENDED_COST",
            "Granularity": "MONTHLY",
            "PredictionIntervalLevel": INTERVAL_PCT,
        }
        try:
            body = client.call("get_cost_forecast", **params)
        except NoDataYetError as error:
            yield DayPages(None, [], is_complete=False, reason=str(error))
            return
        if not isinstance(body.get("ForecastResultsByTime"), list):
            raise MalformedResponseError("get_cost_forecast: the answer has no list ForecastResultsByTime")
        info = RequestInfo(self.name, params, str(start), str(end), None, 1, client.now().isoformat())
        rows = len(body["ForecastResultsByTime"])
        yield DayPages(None, [Record(info, body, "record")], bucket_count=rows, row_count=rows)


def _pages(
    client: CostExplorer,
    name: str,
    granularity: str,
    first: date,
    end: date,
    groups: tuple[Group, ...],
    only: dict[str, Any] | None = None,
) -> Iterator[Record]:
    """Every result of every page. `end` is exclusive, as AWS means it."""
    params: dict[str, Any] = {
        "TimePeriod": {"Start": first.isoformat(), "End": end.isoformat()},
        "Granularity": granularity,
        "Metrics": [*COSTS, USAGE],
        "GroupBy": [group.as_json() for group in groups],
    }
    if only:
        params["Filter"] = only
    token: str | None = None
    seen: set[str] = set()
    number = 0
    while number == 0 or token:
        number += 1
        body = client.call("get_cost_and_usage", **params, **({"NextPageToken": token} if token else {}))
        results = body.get("ResultsByTime")
        if not isinstance(results, list):
            raise MalformedResponseError("get_cost_and_usage: the answer has no list ResultsByTime")
        told = tuple(str(group) for group in groups)
        received = client.now().isoformat()
        info = RequestInfo(name, params, first.isoformat(), end.isoformat(), token, number, received, told)
        for result in results:
            start_of(result)
            yield Record(info, result)
        token = body.get("NextPageToken") or None
        if token is not None and (not isinstance(token, str) or token in seen):
            raise MalformedResponseError("NextPageToken names the same page again; the paging would never end")
        seen.add(token or "")


def _day(day: date, records: list[Record], now: datetime) -> DayPages:
    is_settled = datetime.combine(day, datetime.min.time()) + DAY + LAG <= now
    costs = [cost for cost in map(cost_of, records) if cost is not None]
    return DayPages(
        day,
        records,
        is_complete=is_settled,
        bucket_count=1 if records else 0,
        row_count=sum(map(rows_of, records)),
        amount=sum(costs, Decimal(0)) if costs else None,
        reason=None if is_settled else "Cost Explorer lags by a day",
    )


def start_of(result: Any) -> date:
    """The first day of a result."""
    period = result.get("TimePeriod") if isinstance(result, dict) else None
    try:
        return date.fromisoformat(str(period["Start"])[:10])  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        raise MalformedResponseError(f"a result of Cost Explorer has the period {period!r}") from None


def metric_sets(result: Any) -> list[dict[str, Any]]:
    """The metrics of each group; where nothing was grouped, the total's."""
    groups = result.get("Groups")
    if groups is not None and not isinstance(groups, list):
        raise MalformedResponseError("a result of Cost Explorer has Groups that are no list")
    if groups:
        return [group.get("Metrics") or {} for group in groups if isinstance(group, dict)]
    return [result["Total"]] if result.get("Total") else []


def rows_of(record: Record) -> int:
    """How many rows a result gives."""
    return len(metric_sets(record.payload))


def cost_of(record: Record) -> Decimal | None:
    """The unblended cost of a result."""
    amounts = [
        decimal_of((metrics.get(COSTS[0]) or {}).get("Amount"))
        for metrics in metric_sets(record.payload)
        if isinstance(metrics, dict) and isinstance(metrics.get(COSTS[0]) or {}, dict)
    ]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def first_of_month(day: date, months: int) -> date:
    """The first day of the month so many months after (or before) a day's."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
