"""What is asked of Toy: one report per day. Put here: the request. Keep out: fields (`parse`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingestion.api import ApiClient, DateRange, DayPages, MalformedResponseError, Record, RequestInfo, decimal_of
from ingestion.api.numbers import exact_sum


@dataclass
class Activity:
    """The activity report."""

    name: str = "activity"
    window_days: int = 1

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """Each day of the window."""
        for day in days:
            params = {"date": day.isoformat()}
            page = client.get("activity", params)
            items = page.body.get("data") if isinstance(page.body, dict) else None
            if not isinstance(items, list):
                raise MalformedResponseError("activity: the answer holds no list under 'data'")
            window = (days.start.isoformat(), days.end.isoformat())
            request = RequestInfo(self.name, params, *window, None, 1, page.received_at_utc.isoformat())
            yield DayPages(
                day,
                [Record(request, item, "record") for item in items],
                is_complete=day < now.date(),
                bucket_count=1,
                row_count=len(items),
                amount=exact_sum(decimal_of(item.get("cost")) for item in items),
            )
