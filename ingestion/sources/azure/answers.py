"""Azure's answers cut into UTC days, every piece as Azure said it.

Put here: finding the day of a point or a row. Keep out: typing, requests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingestion.api.errors import MalformedResponseError
from ingestion.api.numbers import decimal_of, text_of
from ingestion.reading.tabular.slashed_dates import parse_date
from ingestion.reading.values import Unusable, parse_instant

METRIC_VALUES = ("total", "average", "minimum", "maximum", "count")


def metric_pieces(body: Any, resource_id: str, interval: str) -> Iterator[tuple[date, dict[str, Any]]]:
    """Each time series of an answer, one piece per day with the points of that day."""
    metrics = body.get("value") if isinstance(body, dict) else None
    if not isinstance(metrics, list):
        raise MalformedResponseError("the metrics answer has no list `value`")
    for metric in metrics:
        if not isinstance(metric, dict) or not isinstance(metric.get("timeseries"), list):
            raise MalformedResponseError("a metric of the answer has no list `timeseries`")
        code = metric.get("errorCode")
        if code not in (None, "", "Success"):
            raise MalformedResponseError(f"{_named(metric)}: {code}: {metric.get('errorMessage')}")
        about = {name: value for name, value in metric.items() if name != "timeseries"}
        for series in metric["timeseries"]:
            yield from _series_pieces(series, {"resourceId": resource_id, "interval": interval, **about})


def _series_pieces(series: Any, about: dict[str, Any]) -> Iterator[tuple[date, dict[str, Any]]]:
    if not isinstance(series, dict) or not isinstance(series.get("data", []), list):
        raise MalformedResponseError(f"a time series of {_named(about)} is no object with a list `data`")
    days: dict[date, list[Any]] = defaultdict(list)
    for point in series.get("data", []):
        days[_instant_day(point)].append(point)
    labels = {name: value for name, value in series.items() if name != "data"}
    for day, points in sorted(days.items()):
        yield day, {**about, **labels, "data": points}


def points_with_values(piece: dict[str, Any]) -> list[dict[str, Any]]:
    """The points that hold a number. One without is no zero: Azure had no data for it or nothing happened."""
    return [p for p in piece["data"] if any(p.get(name) is not None for name in METRIC_VALUES)]


def total_of(piece: dict[str, Any]) -> Any:
    """The sum of a piece's totals; None where the metric is an average, which cannot be summed."""
    found = [decimal_of(point.get("total")) for point in piece["data"]]
    numbers = [number for number in found if number is not None]
    return sum(numbers) if numbers else None


def _named(metric: dict[str, Any]) -> str:
    name = metric.get("name")
    return str(name.get("value") if isinstance(name, dict) else name)


def _instant_day(point: Any) -> date:
    stamp = point.get("timeStamp") if isinstance(point, dict) else None
    try:
        return parse_instant(str(stamp)).date()
    except Unusable as problem:
        raise MalformedResponseError(f"a metric point has the time {stamp!r}") from problem


def column_names(properties: Any) -> list[str]:
    """The names of the columns in the order of the cells, which changes with the request."""
    columns = properties.get("columns") if isinstance(properties, dict) else None
    rows = properties.get("rows") if isinstance(properties, dict) else None
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise MalformedResponseError("the cost answer has no lists `columns` and `rows`")
    names = [column.get("name") if isinstance(column, dict) else None for column in columns]
    if not all(isinstance(name, str) for name in names):
        raise MalformedResponseError("a column of the cost answer has no name")
    return [str(name) for name in names]


def cost_pieces(body: Any) -> Iterator[tuple[date, dict[str, Any]]]:
    """The rows of a page by day, each piece with the page's own columns."""
    properties: Any = body.get("properties") if isinstance(body, dict) else None
    names = [name.lower() for name in column_names(properties)]
    if "usagedate" not in names:
        raise MalformedResponseError(f"the cost answer has no column UsageDate, only {', '.join(names)}")
    position = names.index("usagedate")
    days: dict[date, list[Any]] = defaultdict(list)
    for row in properties["rows"]:
        if not isinstance(row, list) or len(row) != len(names):
            raise MalformedResponseError(f"a row of the cost answer has not {len(names)} cells as its columns say")
        days[usage_day(row[position])].append(row)
    for day, rows in sorted(days.items()):
        yield day, {"columns": properties["columns"], "rows": rows}


def usage_day(value: Any) -> date:
    """The day of a UsageDate: a number yyyymmdd, or its text."""
    text = text_of(value)
    number = decimal_of(value)
    if number is not None and number == number.to_integral_value():
        text = str(int(number))
    try:
        return parse_date(str(text))
    except Unusable as problem:
        raise MalformedResponseError(f"UsageDate {value!r} is no day") from problem


def cost_of(piece: dict[str, Any]) -> Any:
    """The sum of a piece's costs as delivered."""
    names = [str(column.get("name", "")).lower() for column in piece["columns"]]
    position = next((names.index(name) for name in ("cost", "pretaxcost", "totalcost") if name in names), None)
    if position is None:
        return None
    numbers = [decimal_of(row[position]) for row in piece["rows"]]
    return sum(number for number in numbers if number is not None) if numbers else None
