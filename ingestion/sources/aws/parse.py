"""Data flow: spooled Cost Explorer answers -> `raw_aws.cost_explorer`, `raw_aws.cost_forecasts`.

Put here: what keys and metrics are called here. Keep out: fetching, Bedrock's meters (dbt does those).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Repeats, Row, day_of, parse_lines
from ingestion.reading.spooled.fields import extra_columns, text_of
from ingestion.reading.spooled.rows import each_part
from ingestion.reading.tabular.slashed_dates import parse_date
from ingestion.reading.values import Unusable

DATASET = "raw_aws"
DIMENSIONS = {
    "SERVICE": "service",
    "USAGE_TYPE": "usage_type",
    "RECORD_TYPE": "record_type",
    "LINKED_ACCOUNT": "linked_account_id",
    "REGION": "region",
}
COSTS = {"UnblendedCost": "unblended_cost", "AmortizedCost": "amortized_cost"}
NO_UNIT = "N/A"
"""The unit of a quantity that adds up different units: a number without a meaning."""


def cost_explorer(report: str, file: SourceFile) -> Iterator[ParsedBatch]:
    """One row per period and group; where nothing was grouped, one per period."""
    repeats = Repeats()
    yield from parse_lines(file, DATASET, partial(_rows, report, file, repeats), repeats.notes)


def _rows(report: str, file: SourceFile, repeats: Repeats, line: Line) -> Iterable[Row | QuarantinedRow]:
    result = Fields(line.content)
    period = result.part("TimePeriod")
    start, end = _day(period, "Start"), _day(period, "End")
    day = day_of(file)
    if day is not None and start != day:
        raise Refused("TimePeriod.Start", "outside_day", f"{start} is not {day}, the day of the file; pull it again")
    granularity = line.params.get("Granularity")
    groups = result.items("Groups")
    total = result.get("Total")
    about = {
        "report": report,
        "granularity": granularity if isinstance(granularity, str) else None,
        "period_start_date": start,
        "period_end_date": end,
        "is_estimated": result.flag("Estimated"),
        "group_by": json.dumps(list(line.group_by)),
        "extra_columns": extra_columns(result),
    } | _only_account(line.params.get("Filter"))
    repeats.agree((start, "group_by"), line.group_by, line.number)
    parts = groups or ([{"Keys": [], "Metrics": total}] if total else [])
    by = line.group_by if groups else ()
    return each_part(line, parts, lambda group: _row(about, by, repeats, line, group))


def _row(about: dict[str, Any], group_by: tuple[str, ...], repeats: Repeats, line: Line, group: Any) -> Row | None:
    fields = Fields(group, "Groups")
    keys = [text_of(key, "Keys") for key in fields.items("Keys")]
    if len(keys) != len(group_by):
        raise Refused(
            "Keys", "wrong_field_count", f"{len(keys)} keys answer {len(group_by)} groups; pull the day again"
        )
    row = about | {"group_keys": json.dumps(keys, ensure_ascii=False)}
    for name, key in zip(group_by, keys, strict=True):
        kind, _, what = name.partition(":")
        if kind == "TAG":
            row |= {"tag_key": what, "tag_value": tag_value(key, what)}
        elif kind == "DIMENSION" and what in DIMENSIONS:
            row[DIMENSIONS[what]] = key or None
    row |= _metrics(fields.part("Metrics"))
    extra = extra_columns(fields)
    if extra:
        row["extra_columns"] = extra
    said = tuple(str(row.get(name)) for name in ("unblended_cost_text", "amortized_cost_text", "usage_quantity_text"))
    key_of_row = (about["period_start_date"], about.get("linked_account_id"), *keys)
    return None if repeats.is_repeat(key_of_row, said, line.number) else ("cost_explorer", row)


def _only_account(asked: Any) -> dict[str, str]:
    """The account that a request was limited to."""
    only = asked.get("Dimensions") if isinstance(asked, dict) else None
    if not isinstance(only, dict) or only.get("Key") != "LINKED_ACCOUNT":
        return {}
    values = only.get("Values")
    return {"linked_account_id": str(values[0])} if isinstance(values, list) and len(values) == 1 else {}


def tag_value(key: str, tag: str) -> str | None:
    """The value of `team$value`; None for `team$`, which is what has no such tag."""
    if not key.startswith(f"{tag}$"):
        raise Refused("Keys", "unexpected_tag_key", f"{key!r} does not begin with {tag}$")
    return key[len(tag) + 1 :] or None


def _metrics(metrics: Fields) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, column in COSTS.items():
        metric = metrics.part(name)
        money = metric.money("Amount")
        if money is not None:
            row |= {column: money.value, f"{column}_text": money.text, "currency": metric.text("Unit")}
    if "unblended_cost" not in row:
        raise Refused("UnblendedCost", "missing_cost", "the group has no unblended cost; pull the day again")
    usage = metrics.part("UsageQuantity")
    quantity, unit = usage.money("Amount"), usage.text("Unit")
    if quantity is not None:
        row |= {"usage_quantity_text": quantity.text, "usage_quantity_unit": unit}
        if unit is not None and unit != NO_UNIT:
            row["usage_quantity"] = quantity.value
    return row


def cost_forecast(file: SourceFile) -> Iterator[ParsedBatch]:
    """One row per forecast period."""
    yield from parse_lines(file, DATASET, _forecast_rows)


def _forecast_rows(line: Line) -> Iterable[Row | QuarantinedRow]:
    answer = Fields(line.content)
    about = {
        "granularity": line.params.get("Granularity"),
        "metric": line.params.get("Metric"),
        "interval_level_pct": line.params.get("PredictionIntervalLevel"),
        "currency": answer.part("Total").text("Unit"),
    }
    return each_part(line, answer.items("ForecastResultsByTime"), lambda part: _forecast_row(about, part))


def _forecast_row(about: dict[str, Any], part: Any) -> Row:
    fields = Fields(part, "ForecastResultsByTime")
    period = fields.part("TimePeriod")
    mean = fields.money("MeanValue")
    lower, upper = fields.money("PredictionIntervalLowerBound"), fields.money("PredictionIntervalUpperBound")
    return "cost_forecasts", about | {
        "period_start_date": _day(period, "Start"),
        "period_end_date": _day(period, "End"),
        "mean_cost": mean.value if mean else None,
        "mean_cost_text": mean.text if mean else None,
        "lower_cost": lower.value if lower else None,
        "upper_cost": upper.value if upper else None,
        "extra_columns": extra_columns(fields),
    }


def _day(period: Fields, name: str) -> Any:
    text = period.text(name)
    if text is None:
        raise Refused(f"TimePeriod.{name}", "missing_time", "the result has no period")
    try:
        return parse_date(text)
    except Unusable as problem:
        raise Refused(f"TimePeriod.{name}", problem.reason, f"{text!r} is no day: {problem}") from None
