"""What is asked of Groq's Prometheus API: one rate per endpoint, over windows of at most 11,000 points.

A sample at T stands for the step that ends at T, so a day is asked for from its first step's end to midnight,
both included: windows do not share samples.

Put here: queries, windows, refusals. Keep out: integration (`parse`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ingestion.api import (
    ApiClient,
    BadRequestError,
    DateRange,
    DayPages,
    Endpoint,
    MalformedResponseError,
    NotEntitledError,
    NotFoundError,
    Record,
    RequestInfo,
    WrongCredentialError,
    decimal_of,
)
from ingestion.api.numbers import LARGEST, exact_sum, text_of
from ingestion.reading.spooled import EMPTY_PAGE
from ingestion.sources.groq import parse

PATH = "api/v1/query_range"
STEP_SECONDS = 300
"""The span of the rates: with a shorter step samples overlap, with a longer one traffic is missed."""
MOST_POINTS = 11_000
DAY_SECONDS = 86_400
NOT_ENTITLED = (
    "metrics are for Enterprise accounts: {said}. If the account is one, check GROQ_API_KEY. "
    "This is not the same as having no traffic"
)
METRICS = {
    "requests": parse.REQUESTS,
    "tokens_in": parse.TOKENS_IN,
    "tokens_out": parse.TOKENS_OUT,
    "prompt_cache_hits": parse.CACHE_HITS,
    "prompt_cache_misses": parse.CACHE_MISSES,
}


@dataclass
class RateEndpoint:
    """One rate, all series of it."""

    name: str
    query: str
    window_days: int = MOST_POINTS * STEP_SECONDS // DAY_SECONDS

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window. A day without samples is complete: there was no traffic, or no scrape."""
        first, last = _seconds(days.start) + STEP_SECONDS, min(_seconds(days.end), _seconds(now))
        last -= last % STEP_SECONDS
        if last < first:
            return
        params = {"query": self.query, "start": first, "end": last, "step": STEP_SECONDS}
        try:
            page = client.get(PATH, params)
        except (NotFoundError, WrongCredentialError) as refusal:
            raise NotEntitledError(NOT_ENTITLED.format(said=refusal)) from None
        window = (days.start.isoformat(), min(days.end, now).isoformat())
        request = RequestInfo(self.name, params, *window, None, 1, page.received_at_utc.isoformat())
        by_day = _by_day(series_of(page.body), days)
        for day in days:
            end = _seconds(datetime.combine(day, datetime.min.time())) + DAY_SECONDS
            if end - DAY_SECONDS >= last:
                return
            yield _day(request, day, by_day[day], is_over=end <= last)


def _seconds(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp())


def series_of(body: Any) -> list[Any]:
    """The series of an answer; raises when it is an error, partial, or something else than series."""
    if not isinstance(body, dict) or body.get("status") != "success":
        said = body.get("error") if isinstance(body, dict) else None
        raise BadRequestError(f"{PATH}: {said or 'the answer is not a success'}")
    if body.get("isPartial") is True:
        raise MalformedResponseError(f"{PATH}: the answer is marked as partial; run again later")
    data = body.get("data")
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, list) or not isinstance(data, dict) or data.get("resultType") != "matrix":
        raise MalformedResponseError(f"{PATH}: the answer holds no matrix of series")
    return found


def _by_day(series: list[Any], days: DateRange) -> dict[date, list[dict[str, Any]]]:
    """Each series cut into the days its samples stand for; what has no readable time goes to the first day,
    where landing quarantines it."""
    found: dict[date, list[dict[str, Any]]] = {day: [] for day in days}
    for one in series:
        values = one.get("values") if isinstance(one, dict) else None
        if not isinstance(values, list):
            found[days.first].append(one)
            continue
        cut: dict[date, list[Any]] = {}
        for sample in values:
            day = _day_of(sample)
            cut.setdefault(day if day in found else days.first, []).append(sample)
        for day, samples in cut.items():
            found[day].append({**one, "values": samples})
    return found


def _day_of(sample: Any) -> date | None:
    return _day_at(text_of(sample[0])) if isinstance(sample, list) and sample else None


@lru_cache(maxsize=MOST_POINTS)
def _day_at(seconds: str | None) -> date | None:
    """The day of a sample; all series of a window have the same samples."""
    at = decimal_of(seconds)
    if at is None or not STEP_SECONDS <= at < parse.LATEST_SECOND:
        return None
    return (parse.EPOCH + timedelta(seconds=float(at) - STEP_SECONDS)).date()


def _day(request: RequestInfo, day: date, series: list[dict[str, Any]], *, is_over: bool) -> DayPages:
    records = [Record(request, one, "record") for one in series]
    rates = [_rate(sample) for one in series for sample in _samples(one)]
    total = exact_sum(rates)
    reason = None if is_over else "the day is not over"
    if not records:
        reason = reason or "no samples: no traffic, no scrape, or older than what Groq keeps"
        records = [Record(request, EMPTY_PAGE, "bucket")]
    return DayPages(
        day,
        records,
        is_complete=is_over,
        bucket_count=len({str(sample[0]) for one in series for sample in _samples(one)}),
        row_count=len(series),
        quantity=None if total is None else total * STEP_SECONDS,
        reason=reason,
    )


def _samples(one: Any) -> list[list[Any]]:
    values = one.get("values") if isinstance(one, dict) else None
    return [each for each in values if isinstance(each, list) and each] if isinstance(values, list) else []


def _rate(sample: list[Any]) -> Decimal | None:
    rate = decimal_of(sample[1]) if len(sample) == 2 else None
    return rate if rate is not None and abs(rate) < LARGEST else None


def endpoints() -> tuple[Endpoint, ...]:
    """Everything the source pulls."""
    return tuple(RateEndpoint(name, query) for name, query in METRICS.items())
