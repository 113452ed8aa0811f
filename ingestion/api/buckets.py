"""Endpoints that report time buckets in pages: OpenAI's and Anthropic's usage and cost reports.

A window is asked for in one go and given out day by day once all of its pages are there. A day counts as complete
only when it is over and every bucket of it came; a short page is never taken for the end.

Put here: windows, pages, buckets, the way down to a smaller grouping. Keep out: fields of results.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.api.client import ApiClient
from ingestion.api.errors import BadRequestError, MalformedResponseError
from ingestion.api.model import DayPages, Record, RequestInfo
from ingestion.api.numbers import decimal_of, exact_sum
from ingestion.api.paging import CursorPaginator
from ingestion.api.spool import canonical
from ingestion.api.windows import DateRange

log = logging.getLogger(__name__)
DAY = timedelta(days=1)
PATIENCE_WITH_GROUPING = 2
"""Windows in a row that must refuse a grouping before the run no longer asks for it."""


def instant_of(value: Any) -> datetime | None:
    """A naive UTC instant from Unix seconds (as number or text) or from ISO 8601 text; None when it is neither."""
    seconds = decimal_of(value)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(float(seconds), UTC).replace(tzinfo=None)
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError, OSError):
        pass
    return None


def results_of(bucket: Any) -> list[Any] | None:
    """A bucket's results, under the published name or the older one; None when there is no list."""
    if isinstance(bucket, dict):
        for key in ("results", "result"):
            if isinstance(bucket.get(key), list):
                return bucket[key]
    return None


@dataclass
class BucketEndpoint:
    """One report. `time_params(start, end)` gives the window's parameters, `start_of(bucket)` its first instant.

    `groupings` are tried from the finest on when the provider refuses one with 400. `lookback_days` overrides the
    source's.
    """

    name: str
    path: str
    bucket: timedelta
    page_limit: int
    groupings: tuple[tuple[str, ...], ...]
    time_params: Callable[[datetime, datetime], Mapping[str, Any]]
    start_of: Callable[[Mapping[str, Any]], datetime | None]
    params: Mapping[str, Any] = field(default_factory=dict)
    group_by_param: str = "group_by[]"
    amount_of: Callable[[Mapping[str, Any]], Decimal | None] = lambda result: None
    quantity_of: Callable[[Mapping[str, Any]], Decimal | None] = lambda result: None
    longest_window_days: int | None = None
    lookback_days: int | None = None
    _refused: list[int] = field(default_factory=lambda: [0, 0], repr=False)
    """The grouping in use and how many windows in a row refused it."""

    @property
    def window_days(self) -> int:
        """As many days as fit one page."""
        fitting = max(1, self.page_limit * self.bucket // DAY)
        return min(fitting, self.longest_window_days or fitting)

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window, all of them, once its last page is there."""
        end = min(days.end, now)
        if end <= days.start:
            return
        records = self._with_smaller_groupings(client, days.start, end)
        yield from self._by_day(records, days, now)

    def _with_smaller_groupings(self, client: ApiClient, start: datetime, end: datetime) -> list[Record]:
        first = self._refused[0]
        choices = self.groupings[first:] or ((),)
        for number, grouping in enumerate(choices):
            try:
                records = self._receive(client, start, end, grouping)
            except BadRequestError as refusal:
                if grouping == choices[-1]:
                    raise
                log.info("%s: grouping by %s is refused (%s)", self.name, ", ".join(grouping), refusal)
                continue
            self._remember(first, number)
            return records
        raise AssertionError("unreachable")

    def _remember(self, first: int, used: int) -> None:
        if used == 0:
            self._refused[1] = 0
            return
        self._refused[1] += 1
        if self._refused[1] >= PATIENCE_WITH_GROUPING:
            self._refused[:] = [first + used, 0]

    def _receive(self, client: ApiClient, start: datetime, end: datetime, grouping: tuple[str, ...]) -> list[Record]:
        params: dict[str, Any] = {**self.params, **self.time_params(start, end), "limit": self.page_limit}
        if grouping:
            params[self.group_by_param] = list(grouping)
        records = []
        for page in client.pages(self.path, params, paginator=CursorPaginator()):
            buckets = page.body.get("data") if isinstance(page.body, dict) else None
            if not isinstance(buckets, list):
                raise MalformedResponseError(f"{self.path}: the answer holds no list of buckets under 'data'")
            request = RequestInfo(
                self.name,
                params,
                start.isoformat(),
                end.isoformat(),
                page.cursor,
                page.number,
                page.received_at_utc.isoformat(),
                grouping,
            )
            records += [Record(request, bucket) for bucket in buckets]
        return records

    def _by_day(self, records: list[Record], days: DateRange, now: datetime) -> Iterator[DayPages]:
        found: dict[date, dict[datetime, list[Record]]] = {day: {} for day in days}
        undated: list[Record] = []
        for record in records:
            start = self.start_of(record.payload) if isinstance(record.payload, dict) else None
            if start is None or results_of(record.payload) is None:
                undated.append(record)
            elif start.date() in found:
                same = found[start.date()].setdefault(start, [])
                if all(canonical(each.payload) != canonical(record.payload) for each in same):
                    same.append(record)
        for day in days:
            buckets = found[day]
            if not buckets and not undated and day.isoformat() > (now - timedelta(microseconds=1)).date().isoformat():
                continue
            yield self._day(day, buckets, undated, now)
            undated = []

    def _day(
        self, day: date, buckets: Mapping[datetime, list[Record]], undated: list[Record], now: datetime
    ) -> DayPages:
        expected = DAY // self.bucket
        ordered = [record for start in sorted(buckets) for record in buckets[start]]
        results = [each for record in ordered for each in results_of(record.payload) or [] if isinstance(each, dict)]
        is_over = datetime.combine(day, datetime.min.time()) + DAY <= now
        reason = None
        if not is_over:
            reason = "the day is not over"
        elif len(buckets) < expected:
            reason = f"{len(buckets)} of {expected} buckets received"
        elif undated:
            reason = f"{len(undated)} buckets cannot be read"
        return DayPages(
            day,
            ordered + undated,
            is_complete=reason is None,
            bucket_count=len(buckets),
            row_count=sum(len(results_of(record.payload) or []) for record in ordered),
            amount=exact_sum(map(self.amount_of, results)),
            quantity=exact_sum(map(self.quantity_of, results)),
            reason=reason,
        )
