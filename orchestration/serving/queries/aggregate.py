"""One question behind most: money and requests of a period, grouped, filtered, ordered, cut.

Put here: what can be grouped and filtered by, the statement. Keep out: fixed figures (`costs`), rows (`records`).

A name from outside is looked up in the lists below and never written into a statement; values are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from orchestration.presenting.standing import NEVER_BILLED
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import COST_KINDS, MOST_ROWS, Span, between, one_of, order_of, per, span_of
from orchestration.serving.reading import Reading

PERCENTS = (50, 75, 90, 95, 99)
METRICS = ("sum", "count", "tokens", "avg", "min", "max", "stddev", *(f"p{percent}" for percent in PERCENTS))
"""A percentile is the smallest value that at least that part does not exceed: one that occurred, every digit of it."""
TAG = "tag:"
_TIMES = {
    "date": "usage_date", **{part: f"date_trunc('{part}', usage_date)::date" for part in
                             ("week", "month", "quarter", "year")},
}  # fmt: skip
_COMMON = {
    "model": "model_id", "provider": "provider_id", "team_id": "team_id", "user_id": "user_id",
    "customer_id": "customer_id", "feature": "feature", "environment": "environment", "api_key_id": "api_key_id",
    "account_id": "account_id",
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """What is added up: a mart, its money, its requests, its tokens, what its rows have."""

    mart: str
    cost: str
    count: str
    tokens: str
    columns: Mapping[str, str]
    meaning: Mapping[str, str]


def _of_days(what: str, added_up: str) -> dict[str, str]:
    """What the metrics mean where rows are added up by day."""
    return {
        "sum": added_up, "count": "requests", "tokens": "input and output tokens", "avg": f"{what} per request",
        "min": f"the least {what} of a day", "max": f"the most {what} of a day",
        "stddev": f"of the {what} of days (sample)",
        **{f"p{percent}": f"{what} that {percent} % of days do not exceed" for percent in PERCENTS},
    }  # fmt: skip


SUBJECTS = {
    "spend": Subject(
        "fct_allocated_costs_daily", "allocated_cost_usd", "request_count",
        "coalesce(input_tokens + output_tokens, input_tokens, output_tokens)",
        _COMMON | {
            "project_id": "owner_project_id", "cost_center_id": "cost_center_id", "cost_kind": "cost_kind",
            "charge_category": "charge_category", "cost_basis": "cost_basis", "tags": "tags",
        },
        _of_days("spend", "spend, USD: billed where a bill covers it, else contracted"),
    ),
    "usage": Subject(
        "rpt_usage_daily", "contracted_cost_usd", "request_count", "total_tokens",
        _COMMON | {"project_id": "project_id", "event_source": "event_source"},
        _of_days("cost", "contracted cost of LLM usage, USD, at least where some has no price"),
    ),
    "requests": Subject(
        "fct_llm_requests", "contracted_cost_usd", "1", "total_tokens",
        _COMMON | {
            "project_id": "project_id", "status": "status", "service_tier": "service_tier",
            "event_source": "event_source", "tags": "tags",
        },
        {
            "sum": "contracted cost of requests, USD, at least where some have no price", "count": "requests",
            "tokens": "input and output tokens",
            "avg": "contracted cost per request that has a price", "min": "the cheapest request",
            "max": "the dearest request", "stddev": "of the cost of requests (sample)",
            **{f"p{percent}": f"cost that {percent} % of requests do not exceed" for percent in PERCENTS},
        },
    ),
}  # fmt: skip
"""Spend is what was paid, day by day; usage what was used of LLMs at contracted prices, day by day; requests are single
calls at contracted prices, for statistics over calls."""
FILTERS = tuple(sorted({name for subject in SUBJECTS.values() for name in subject.columns} - {"tags"}))


@dataclass(frozen=True)
class Question:
    """What can be asked; everything but `of` has the form in which it arrives."""

    start_date: str | None = None
    end_date: str | None = None
    time_range: str | None = None
    group_by: Sequence[str] = ()
    metrics: Sequence[str] = ("sum", "count")
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order_by: str | None = None
    limit: int = 1000
    offset: int = 0
    of: str = "spend"
    cost_kind: str = "llm"


def aggregate(reading: Reading, asked: Question) -> Answer:
    """The groups with their figures; without `group_by` one row of everything.

    Raises:
        AskedWrongly: with the parameter.
    """
    subject = SUBJECTS[one_of(asked.of, tuple(SUBJECTS), "of")]
    groups = {name: _group(subject, name) for name in asked.group_by}
    metrics = [one_of(name, METRICS, "metrics") for name in dict.fromkeys(asked.metrics)]
    if not metrics or len(groups) != len(asked.group_by) or len(groups) > 6:
        wrong = "metrics" if not metrics else "group_by"
        raise AskedWrongly(f"{wrong} is empty, names something twice, or more than 6", remedy="shorten it", field=wrong)
    between(asked.limit, 1, MOST_ROWS, "limit")
    between(asked.offset, 0, 10**9, "offset")
    span = span_of(reading, asked.start_date, asked.end_date, asked.time_range, names=("start_date", "end_date"))
    where, values = _where(subject, asked, span)
    wanted = {*metrics, (asked.order_by or "").removeprefix("-")}
    statement, group_values = _statement(reading, subject, groups, where, wanted)
    order = _order(asked.order_by, groups)
    rows = reading.rows(
        f"{statement} order by {order} limit ? offset ?",
        [*group_values, *values, asked.limit + 1, asked.offset],
    )
    has_more = len(rows) > asked.limit
    shown = [_shown(row, groups, metrics) for row in rows[: asked.limit]]
    body = {
        "start_date": span.first, "end_date": span.last, "of": asked.of, "group_by": list(groups),
        "meaning": {name: subject.meaning[name] for name in metrics}, "rows": shown, "has_more": has_more,
        "notes": _notes(reading, subject, asked, span),
    }  # fmt: skip
    filters = {"usage_date": [span.first, span.last], **{name: list(each) for name, each in asked.filters.items()}}
    if asked.of == "spend":
        filters["cost_kind"] = asked.cost_kind
    return Answer(body, "rows", (subject.mart,), filters)


def _notes(reading: Reading, subject: Subject, asked: Question, span: Span) -> list[str]:
    """What the figures do not tell: how much of this spend is nobody's, because bills name none."""
    notes = []
    names = {*asked.group_by, *asked.filters}.intersection(NEVER_BILLED.values()) if asked.of == "spend" else set()
    for name in sorted(names):
        others = {key: values for key, values in asked.filters.items() if key != name}
        where, values = _where(subject, replace(asked, filters=others), span)
        whole = reading.one(
            f"select sum({subject.cost}) as usd, sum({subject.cost}) filter ({name} is null) as nobody "
            f"from {reading.need(subject.mart)} where {where}",
            values,
        )
        if whole["nobody"]:
            notes.append(
                f"{whole['nobody']} of {whole['usd']} USD of this spend has no {name}: bills name none. "
                "of=usage tells who used LLMs, at contract prices"
            )
    return notes


def _group(subject: Subject, name: str) -> tuple[str, list[Any]]:
    """The expression of a name, with its values."""
    if name.startswith(TAG) and len(name) > len(TAG) and "tags" in subject.columns:
        return "json_extract_string(try_cast(tags as json), ?)", [_pointer(name.removeprefix(TAG))]
    known = _TIMES | dict(subject.columns)
    if name not in known:
        raise AskedWrongly(
            f"group_by {name[:60]!r} is not known",
            remedy=f"write {', '.join(known)}{' or tag:KEY' if 'tags' in known else ''}",
            field="group_by",
        )
    return known[name], []


def _pointer(key: str) -> str:
    """A tag's key as a JSON pointer: what is in it is text and nothing else."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _where(subject: Subject, asked: Question, span: Span) -> tuple[str, list[Any]]:
    conditions = ["usage_date between ? and ?"]
    values: list[Any] = [span.first, span.last]
    one_of(asked.cost_kind, COST_KINDS, "cost_kind")
    if "cost_kind" in subject.columns and asked.cost_kind != "total" and "cost_kind" not in asked.filters:
        conditions.append("cost_kind = ?")
        values.append(asked.cost_kind)
    for name, wanted in asked.filters.items():
        column = subject.columns.get(name)
        if column is None:
            known = ", ".join(sorted(subject.columns))
            raise AskedWrongly(f"filter {name[:60]!r} is not known", remedy=f"write {known}", field=name[:60])
        if len(wanted) > 200:
            raise AskedWrongly(f"{name} has more than 200 values", remedy="ask in parts", field=name)
        marks = ", ".join("?" * len(wanted)) or "null"
        conditions.append(f"{column} in ({marks})")
        values += wanted
    return " and ".join(conditions), values


def _statement(
    reading: Reading, subject: Subject, groups: Mapping[str, tuple[str, list[Any]]], where: str, wanted: set[str]
) -> tuple[str, list[Any]]:
    """Groups as g0, g1 …; money as a day or a request has it in between, so that least and most have a meaning.
    Percentiles cost as much as all else together, so there are only those that are `wanted`."""
    expressions = [f"{expression} as g{place}" for place, (expression, _) in enumerate(groups.values())]
    values = [value for _, each in groups.values() for value in each]
    names = [f"g{place}" for place in range(len(groups))]
    mart = reading.need(subject.mart)
    if subject.count == "1":
        parts = ", ".join(
            [*expressions, f"{subject.cost} as cost", f"{subject.tokens} as tokens", "1::bigint as requests"]
        )
        inner = f"select {parts} from {mart} where {where}"
    else:
        parts = ", ".join([*expressions, "usage_date as d", f"sum({subject.cost}) as cost",
                           f"sum({subject.tokens}) as tokens", f"sum({subject.count}) as requests"])  # fmt: skip
        inner = f"select {parts} from {mart} where {where} group by {', '.join([*names, 'd'])}"
    known = "count(cost)" if subject.count == "1" else "sum(requests)"
    percentiles = "".join(
        f', quantile_disc(cost, {percent / 100}) as "p{percent}"' for percent in PERCENTS if f"p{percent}" in wanted
    )
    figures = (
        'sum(cost) as "sum", sum(requests)::bigint as "count", sum(tokens)::bigint as "tokens", '
        'min(cost) as "min", max(cost) as "max", '
        f'stddev_samp(cost::double) as "stddev", {known}::bigint as known_count, '
        f'sum(cost)::double / nullif({known}, 0) as "avg"{percentiles}'
    )
    grouped = f" group by {', '.join(names)}" if names else ""
    return f"select {', '.join([*names, figures])} from ({inner}){grouped}", values


def _order(text: str | None, groups: Mapping[str, Any]) -> str:
    columns = {name: f"g{place}" for place, name in enumerate(groups)}
    rest = [f"{column} nulls last" for column in columns.values()] or ["1"]
    figures = {name: f'"{name}"' for name in METRICS}
    return order_of(text, columns | figures, rest, "is neither grouped by nor a metric")


def _shown(row: Mapping[str, Any], groups: Mapping[str, Any], metrics: Sequence[str]) -> dict[str, Any]:
    figures = dict(row) | {"avg": per(row["sum"], row["known_count"])}
    return {name: row[f"g{place}"] for place, name in enumerate(groups)} | {name: figures[name] for name in metrics}
