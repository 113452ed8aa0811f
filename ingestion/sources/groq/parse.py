"""Data flow: spooled day files of Prometheus series -> `raw_groq.rates`, integrated per hour.

A sample at T is the mean rate of the time before T; with a step of S seconds it stands for the S seconds
that end at T. So the hour from 10:00 is the sum of rate × S over the samples at 10:05, 10:10, ... 11:00.

Put here: integration. Keep out: fetching, prices, rounding to whole tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache, partial
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Repeats, Row, day_of, parse_lines
from ingestion.reading.spooled.fields import count_of, decimal_of, json_text
from ingestion.reading.tabular.values import Unusable, to_money

DATASET = "raw_groq"
REQUESTS = "model_project_id_status_code:requests:rate5m"
TOKENS_IN = "model_project_id:tokens_in:rate5m"
TOKENS_OUT = "model_project_id:tokens_out:rate5m"
CACHE_HITS = "model_project_id:prompt_cache_hits:rate5m"
CACHE_MISSES = "model_project_id:prompt_cache_misses:rate5m"
METRICS = (REQUESTS, TOKENS_IN, TOKENS_OUT, CACHE_HITS, CACHE_MISSES)
"""Rates that may be integrated and added up. Percentiles and histogram buckets may not."""
SECONDS_PER_HOUR = 3600
NO_NUMBER = ("NaN", "nan")
INFINITE = ("+Inf", "-Inf", "Inf", "+inf", "-inf", "inf")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LATEST_SECOND = 7_258_118_400
"""2200-01-01."""
_WIDE = Context(prec=120)


@dataclass
class Hour:
    """What the samples of one hour of one series add up to."""

    quantity: Decimal = Decimal(0)
    samples: int = 0
    gaps: int = 0


def rates(file: SourceFile) -> Iterator[ParsedBatch]:
    """Quantity per hour and series. Hours with missing samples say how many they have."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_hours, file, repeats), repeats.notes)


def _hours(file: SourceFile, repeats: Repeats, line: Line) -> Iterator[Row | QuarantinedRow]:
    result = Fields(line.content)
    labels = result.part("metric")
    metric = labels.text("__name__") or _query(line)
    if metric not in METRICS:
        raise Refused("__name__", "not_a_rate", f"{metric} cannot be added up over time; pull rates only")
    step = _step(line)
    series = {name: labels.text(name) for name in ("model", "project_id", "status_code")}
    identity = json_text({str(name): value for name, value in sorted((line.content.get("metric") or {}).items())})
    if result.get("histograms") is not None:
        raise Refused("histograms", "not_a_rate", "native histograms cannot be added up over time")
    values = result.items("values")
    if not values:
        raise Refused("values", "missing_value", "the series has no samples; a quiet one is not listed at all")
    hours: dict[datetime, Hour] = {}
    for sample in values:
        try:
            _add(file, repeats, line, (metric, identity), hours, step, sample)
        except Refused as problem:
            yield line.refuse(problem, f"{identity} {json_text(sample)}" if _is_small(sample) else None)
    for start, hour in sorted(hours.items()):
        yield (
            "rates",
            series
            | {
                "hour_start_utc": start,
                "metric": metric,
                "labels": identity,
                "quantity": _rounded(hour) if hour.samples else None,
                "sample_count": hour.samples,
                "gap_count": hour.gaps,
                "step_seconds": step,
            },
        )


def _is_small(sample: Any) -> bool:
    return not isinstance(sample, (list, dict)) or all(not isinstance(each, (list, dict)) for each in sample)


def _query(line: Line) -> str | None:
    query = line.params.get("query")
    return query if isinstance(query, str) else None


def _step(line: Line) -> int:
    step = line.params.get("step")
    seconds = None if step is None else count_of(step, "step")
    if not seconds or seconds > SECONDS_PER_HOUR or SECONDS_PER_HOUR % seconds:
        raise Refused("step", "invalid_step", f"the request's step is {step}; it must be seconds that divide an hour")
    return seconds


def _add(
    file: SourceFile,
    repeats: Repeats,
    line: Line,
    series: tuple[str, str],
    hours: dict[datetime, Hour],
    step: int,
    sample: Any,
) -> None:
    if not isinstance(sample, list) or len(sample) != 2:
        raise Refused("values", "not_a_sample", "a sample is a pair of seconds and a number in quotes")
    at = decimal_of(sample[0], "values")
    if not step <= at < LATEST_SECOND:
        raise Refused("values", "out_of_range", f"{sample[0]} is no second of our time")
    begins = _begins(at, step)
    day = day_of(file)
    if day is not None and begins.date() != day:
        raise Refused("values", "outside_day", f"the sample at {sample[0]} is not of {day}, the day of the file")
    text = str(sample[1])
    if repeats.is_repeat((*series, at), text, line.number):
        return
    hour = hours.setdefault(_hour_of(begins), Hour())
    if text in NO_NUMBER:
        hour.gaps += 1
        return
    if text in INFINITE:
        raise Refused("values", "invalid_number", f"the rate at {sample[0]} is {text}; the hour lands without it")
    rate = decimal_of(sample[1], "values")
    if rate < 0:
        raise Refused("values", "out_of_range", f"the rate at {sample[0]} is {text}; a rate is zero or more")
    hour.quantity = _WIDE.add(hour.quantity, _WIDE.multiply(rate, step))
    hour.samples += 1


@lru_cache(maxsize=1000)
def _begins(at: Decimal, step: int) -> datetime:
    """Where the time begins that a sample stands for; all series of a day have the same few hundred."""
    return EPOCH + timedelta(seconds=float(at) - step)


@lru_cache(maxsize=1000)
def _hour_of(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _rounded(hour: Hour) -> Decimal:
    try:
        return to_money(hour.quantity)
    except (Unusable, ArithmeticError):
        raise Refused("values", "out_of_range", "the hour adds up to more than a table can hold") from None
