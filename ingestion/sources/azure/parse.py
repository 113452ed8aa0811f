"""Data flow: spooled day files of Azure -> `raw_azure.metrics`, `raw_azure.cost_query`.

Put here: what dimensions and columns are called here. Keep out: fetching, meters (staging does those).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Repeats, Row, day_of, parse_lines
from ingestion.reading.spooled.fields import extra_columns, json_text, money_of, text_of
from ingestion.reading.spooled.rows import each_part
from ingestion.reading.tabular.slashed_dates import parse_date
from ingestion.reading.values import Unusable
from ingestion.sources.azure.answers import METRIC_VALUES

DATASET = "raw_azure"
DIMENSIONS = {
    "modeldeploymentname": "model_deployment_name",
    "modelname": "model_name",
    "modelversion": "model_version",
    "region": "region",
    "apiname": "api_name",
    "featurename": "feature_name",
    "usagechannel": "usage_channel",
    "statuscode": "status_code",
    "isspillover": "is_spillover",
    "servicetierrequest": "service_tier_request",
    "servicetierresponse": "service_tier_response",
}
COST_COLUMNS = {
    "servicename": "service_name",
    "metercategory": "meter_category",
    "metersubcategory": "meter_sub_category",
    "meter": "meter",
    "resourceid": "resource_id",
    "resourcegroupname": "resource_group_name",
    "resourcegroup": "resource_group_name",
    "subscriptionid": "subscription_id",
    "tagkey": "tag_key",
    "tagvalue": "tag_value",
    "currency": "currency",
}
COSTS = {"cost": "cost", "pretaxcost": "cost", "totalcost": "cost"}
COSTS_USD = {"costusd": "cost_usd", "pretaxcostusd": "cost_usd", "totalcostusd": "cost_usd"}
MONEY_COLUMNS = COSTS | COSTS_USD
DATE_COLUMNS = {"usagedate": "usage_date", "billingmonth": "billing_month"}


def metrics(file: SourceFile) -> Iterator[ParsedBatch]:
    """One row per point that holds a number."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_points, file, repeats), repeats.notes)


def _points(file: SourceFile, repeats: Repeats, line: Line) -> Iterable[Row | QuarantinedRow]:
    series = Fields(line.content)
    name = series.part("name")
    metric = name.text("value")
    if metric is None:
        raise Refused("name", "missing_value", "the series names no metric")
    about: dict[str, Any] = {
        "resource_id": series.text("resourceId"),
        "metric": metric,
        "unit": series.text("unit"),
        "interval": series.text("interval"),
    } | _dimensions(series.items("metadatavalues"))
    for ignored in ("id", "type", "displayDescription", "errorCode", "resourceGroup", "resourceregion"):
        series.get(ignored)
    points = series.items("data")
    extra = extra_columns(series)
    return each_part(line, points, lambda point: _point(file, repeats, line, about | {"extra_columns": extra}, point))


def _point(file: SourceFile, repeats: Repeats, line: Line, about: dict[str, Any], point: Any) -> Row | None:
    fields = Fields(point)
    at = fields.instant("timeStamp")
    if at is None:
        raise Refused("timeStamp", "missing_value", "the point has no time")
    day = day_of(file)
    if day is not None and at.date() != day:
        raise Refused("timeStamp", "outside_day", f"{at} is not on {day}, the day of the file; pull the day again")
    given = [name for name in METRIC_VALUES if fields.get(name) is not None]
    if not given:
        return None
    if len(given) > 1:
        raise Refused(given[1], "several_aggregations", f"the point holds {' and '.join(given)}; one was asked for")
    value = fields.money(given[0])
    assert value is not None
    row = {"hour_start_utc": at, "aggregation": given[0], "quantity": value.value, "quantity_text": value.text} | about
    extra = fields.rest()
    if extra:
        row["extra_columns"] = json_text(extra)
    key = (at, given[0], *(about[name] for name in sorted(about) if name != "extra_columns"))
    return None if repeats.is_repeat(key, value.text, line.number) else ("metrics", row)


def _dimensions(labels: list[Any]) -> dict[str, Any]:
    """The labels of a series by column, and all of them as JSON: a renamed deployment is another series."""
    said: dict[str, str | None] = {}
    for label in labels:
        fields = Fields(label, "metadatavalues")
        said[fields.part("name").text("value") or ""] = fields.text("value")
    found: dict[str, Any] = dict.fromkeys(DIMENSIONS.values())
    for name, value in said.items():
        column = DIMENSIONS.get(name.lower())
        if column:
            found[column] = value or None
    return found | {"dimensions": json.dumps(dict(sorted(said.items())), ensure_ascii=False)}


def cost_query(file: SourceFile) -> Iterator[ParsedBatch]:
    """One row per row of a cost query, its cells named by the columns beside it."""
    yield from parse_lines(file, DATASET, partial(_cost_rows, file))


def _cost_rows(file: SourceFile, line: Line) -> Iterable[Row | QuarantinedRow]:
    page = Fields(line.content)
    names = [Fields(column, "columns").text("name") or "" for column in page.items("columns")]
    about = {
        "scope": _text_or_none(line.params.get("scope")),
        "query_type": _text_or_none(line.params.get("type")),
        "group_by": json.dumps(list(line.group_by), ensure_ascii=False),
    }
    return each_part(line, page.items("rows"), lambda row: _cost_row(file, about, names, row))


def _cost_row(file: SourceFile, about: dict[str, Any], names: list[str], cells: Any) -> Row:
    if not isinstance(cells, list) or len(cells) != len(names):
        raise Refused(None, "wrong_field_count", f"the row has not {len(names)} cells as its columns say; pull again")
    row: dict[str, Any] = dict(about)
    other: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        if cell is None:
            continue
        if not _known_cell(row, name, cell):
            other[name] = cell
    if row.get("cost") is None and row.get("cost_usd") is None:
        raise Refused("Cost", "missing_cost", "the row has no cost; pull the day again")
    day = day_of(file)
    if row.get("usage_date") is None:
        raise Refused("UsageDate", "missing_time", "the row has no day; pull the day again")
    if day is not None and row["usage_date"] != day:
        raise Refused("UsageDate", "outside_day", f"{row['usage_date']} is not {day}, the day of the file")
    if other:
        row["dimensions"] = json_text(other)
    return "cost_query", row


def _known_cell(row: dict[str, Any], name: str, cell: Any) -> bool:
    """Put a cell where it belongs; False where it has no column of its own, or that is taken."""
    low = name.lower()
    column = MONEY_COLUMNS.get(low) or DATE_COLUMNS.get(low) or COST_COLUMNS.get(low)
    column = "usage_quantity" if low == "usagequantity" else column
    if column is None or row.get(column) is not None:
        return False
    if column in ("cost", "cost_usd", "usage_quantity"):
        money = money_of(cell, name)
        row[column] = money.value
        if column != "usage_quantity":
            row[f"{column}_text"] = money.text
    elif low in DATE_COLUMNS:
        row[column] = _date_of(cell, name)
    else:
        row[column] = text_of(cell, name) or None
    return True


def _date_of(cell: Any, name: str) -> Any:
    text = text_of(cell, name).strip()
    whole, _, fraction = text.partition(".")
    try:
        return parse_date(whole if whole.isdigit() and not fraction.strip("0") else text)
    except Unusable as problem:
        raise Refused(name, problem.reason, f"{name} is {text!r}: {problem}") from None


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
