"""What is asked of OpenRouter: the activity of the last 30 complete UTC days.

Put here: the request, its window and grouping. Keep out: fields (`parse`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ingestion.api import (
    ApiClient,
    BadRequestError,
    DateRange,
    DayPages,
    Endpoint,
    MalformedResponseError,
    Record,
    RequestInfo,
    WrongCredentialError,
    decimal_of,
)
from ingestion.api.buckets import instant_of
from ingestion.api.client import Page
from ingestion.api.numbers import exact_sum
from ingestion.reading.spooled import EMPTY_PAGE

KEPT_DAYS = 30
"""Complete UTC days that OpenRouter gives; today is not among them."""
TOO_OLD = f"OpenRouter gives the last {KEPT_DAYS} complete days only"
PATH = "activity"
GROUPINGS = (("workspace",), ())


@dataclass
class ActivityEndpoint:
    """The activity report: no paging, one answer holds every day."""

    name: str = "activity"
    window_days: int = 36_525
    """No limit: whatever is asked for, one answer holds every day that is kept."""
    _groupings: list[tuple[str, ...]] = field(default_factory=lambda: list(GROUPINGS), repr=False)

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window that can be had; of the others, that they are gone."""
        oldest, newest = now.date() - timedelta(days=KEPT_DAYS), now.date() - timedelta(days=1)
        for day in days:
            if day < oldest:
                yield DayPages(day, [], is_complete=False, reason=TOO_OLD, is_out_of_reach=True)
        open_days = DateRange(max(days.first, oldest), min(days.last, newest))
        if not len(open_days):
            return
        request, items = self._receive(client, open_days)
        by_day: dict[date, list[Any]] = {day: [] for day in open_days}
        for item in items:
            when = instant_of(item.get("date")) if isinstance(item, dict) else None
            day = when.date() if when else open_days.first
            if day in by_day:
                by_day[day].append(item)
        for day, found in by_day.items():
            yield _day(request, day, found)

    def _receive(self, client: ApiClient, days: DateRange) -> tuple[RequestInfo, list[Any]]:
        """All kept days at once, or the one day that is wanted."""
        params = {"date": days.first.isoformat()} if len(days) == 1 else {}
        page, asked = self._ask(client, params)
        items = page.body.get("data") if isinstance(page.body, dict) else None
        if not isinstance(items, list):
            raise MalformedResponseError(f"{PATH}: the answer holds no list under 'data'")
        window = (days.start.isoformat(), days.end.isoformat())
        received = page.received_at_utc.isoformat()
        return RequestInfo(self.name, asked, *window, None, 1, received, self._groupings[0]), items

    def _ask(self, client: ApiClient, params: dict[str, Any]) -> tuple[Page, dict[str, Any]]:
        """Ask with the finest grouping that is not refused."""
        while True:
            grouping = self._groupings[0]
            asked = params | ({"group_by": grouping[0]} if grouping else {})
            try:
                return client.get(PATH, asked), asked
            except WrongCredentialError as refusal:
                raise WrongCredentialError(f"{refusal} (a management key; inference keys are refused)") from None
            except BadRequestError:
                if len(self._groupings) == 1:
                    raise
                self._groupings.pop(0)


def _day(request: RequestInfo, day: date, items: list[Any]) -> DayPages:
    objects = [item for item in items if isinstance(item, dict)]
    return DayPages(
        day,
        [Record(request, item, "record") for item in items] or [Record(request, EMPTY_PAGE, "bucket")],
        bucket_count=1,
        row_count=len(items),
        amount=exact_sum(decimal_of(item.get("usage")) for item in objects),
        quantity=exact_sum(
            decimal_of(item.get(name)) for item in objects for name in ("prompt_tokens", "completion_tokens")
        ),
    )


def endpoints() -> tuple[Endpoint, ...]:
    """Everything the source pulls."""
    return (ActivityEndpoint(),)
