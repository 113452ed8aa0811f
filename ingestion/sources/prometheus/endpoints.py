"""What is asked of a Prometheus server: ranges of fewer than 11,000 points, cut into UTC days.

Use of GPUs is asked for with its freshness, since a server carries a series that is gone for minutes: a point at T
then says that something was measured in the step that ends at T. Counters are asked for from midnight to midnight,
both included: a day's first point is what the day is counted from.

Put here: queries, windows, refusals. Keep out: labels and values (`parse_gpus`, `parse_counters`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
    decimal_of,
)
from ingestion.reading.spooled import EMPTY_PAGE
from ingestion.sources.prometheus.labels import Labels
from ingestion.sources.prometheus.metrics import SERVING, taken

PATH = "api/v1/query_range"
MOST_POINTS = 11_000
DAY_SECONDS = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
REFUSED_RESOLUTION = "exceeded maximum resolution"


@dataclass
class RangeEndpoint:
    """Some metrics over whole days. Counters (`is_counter`) get the point at the beginning of the day too."""

    name: str
    queries: tuple[str, ...]
    step_seconds: int
    is_counter: bool = False

    @property
    def window_days(self) -> int:
        """As many days as stay below the number of points that a server gives."""
        return max(1, (MOST_POINTS - 2) * self.step_seconds // DAY_SECONDS)

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The days of a window. A day without samples is complete: nothing was there, or it is kept no longer."""
        first = _seconds(days.start) + (0 if self.is_counter else self.step_seconds)
        last = min(_seconds(days.end), _seconds(now))
        last -= last % self.step_seconds
        if last <= _seconds(days.start):
            return
        found: dict[date, list[Record]] = {day: [] for day in days}
        counts = dict.fromkeys(days, 0)
        for number, query in enumerate(self.queries, 1):
            params = {"query": query, "start": first, "end": last, "step": self.step_seconds}
            page = client.get(PATH, params)
            window = (days.start.isoformat(), min(days.end, now).isoformat())
            request = RequestInfo(self.name, params, *window, None, number, page.received_at_utc.isoformat())
            for day, series in self._by_day(series_of(page.body, self.name), days):
                found[day].append(Record(request, series, "record"))
                counts[day] += len(series["values"])
        for day in days:
            begin = _seconds(datetime.combine(day, datetime.min.time()))
            if begin >= last:
                return
            is_over = begin + DAY_SECONDS <= last
            records = sorted(found[day], key=lambda record: Labels(record.payload.get("metric")).gpu)
            reason = None if is_over else "the day is not over"
            if not records:
                reason = reason or "no samples: nothing was scraped, or older than what the server keeps"
                records = [Record(self._request(days), EMPTY_PAGE, "bucket")]
            yield DayPages(
                day, records, is_complete=is_over, bucket_count=counts[day], row_count=len(found[day]), reason=reason
            )

    def _request(self, days: DateRange) -> RequestInfo:
        return RequestInfo(self.name, {"step": self.step_seconds}, days.start.isoformat(), None, None, 1, "")

    def _by_day(self, series: list[Any], days: DateRange) -> Iterator[tuple[date, dict[str, Any]]]:
        """Each series cut into days: a gauge's point is of the step before it, a counter's midnight of both days."""
        for one in series:
            if not isinstance(one, dict) or not isinstance(one.get("values"), list):
                raise MalformedResponseError(f"{PATH}: a series of {self.name} has no values (native histograms?)")
            cut: dict[date, list[Any]] = {}
            for sample in one["values"]:
                at = decimal_of(sample[0]) if isinstance(sample, list) and len(sample) == 2 else None
                if at is None or not 0 <= at < 7_258_118_400:
                    raise MalformedResponseError(f"{PATH}: a sample of {self.name} is no pair of seconds and a number")
                moment = EPOCH + timedelta(seconds=float(at))
                before = (moment - timedelta(seconds=self.step_seconds)).date()
                for day in {before, moment.date()} if self.is_counter and _is_midnight(moment) else {before}:
                    if day in days:
                        cut.setdefault(day, []).append(sample)
            for day, samples in cut.items():
                yield day, {"metric": one.get("metric") or {}, "values": samples}


def _is_midnight(moment: datetime) -> bool:
    return moment.time() == datetime.min.time()


def _seconds(instant: datetime) -> int:
    return int(instant.replace(tzinfo=UTC).timestamp())


def series_of(body: Any, name: str) -> list[Any]:
    """The series of an answer; raises when it is an error or something else than series."""
    if not isinstance(body, dict) or body.get("status") != "success":
        said = str(body.get("error") if isinstance(body, dict) else None)
        remedy = "; raise PROMETHEUS_STEP_SECONDS" if REFUSED_RESOLUTION in said else ""
        raise BadRequestError(f"{name}: the server says {said}{remedy}")
    data = body.get("data")
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, list) or not isinstance(data, dict) or data.get("resultType") != "matrix":
        raise MalformedResponseError(f"{name}: the answer holds no matrix of series; is this a Prometheus API?")
    return found


def fresh(name: str, step_seconds: int) -> str:
    """A gauge where it was measured within the step."""
    return f"{name} and (time() - timestamp({name}) < {step_seconds})"


def any_of(names: list[str]) -> str:
    """Every series of some metrics."""
    return '{__name__=~"' + "|".join(names) + '"}'


def endpoints(step_seconds: int, counter_step_seconds: int) -> tuple[Endpoint, ...]:
    """Everything the source pulls."""
    use = tuple(fresh(each.name, step_seconds) for each in taken("utilization", "engine"))
    gauges = any_of(
        [
            each.name
            for each in taken(
                *("memory_used_mib", "memory_free_mib", "memory_reserved_mib", "power_watts", "tensor_active_pct"),
                *("memory_active_pct", "sm_active_pct"),
            )
        ]
    )
    energy = any_of([each.name for each in taken("energy_joules")])
    serving = any_of([each.name for each in SERVING])
    return (
        RangeEndpoint("gpu_utilization", use, step_seconds),
        RangeEndpoint("gpu_gauges", (gauges,), step_seconds),
        RangeEndpoint("gpu_energy", (energy,), step_seconds, is_counter=True),
        RangeEndpoint("serving", (serving,), counter_step_seconds, is_counter=True),
    )
