"""Metrics by name, as the semantic models define them: the same figures that BI tools and MetricFlow give.

Put here: a metric over a mart by its dimensions and days. Keep out: definitions (`dbt_project/models/semantic`), their
forms (`publishing.bi`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.config import Settings
from orchestration.publishing.bi.formulas import Change, Difference, Formula, Ratio, ToDate, Total
from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import Fact, Metric, Model
from orchestration.publishing.parts import quoted
from orchestration.serving.faults import AskedWrongly, NotFound, NotNow
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import MOST_ROWS, Span, between, order_of, span_of
from orchestration.serving.reading import Reading

GRAINS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Question:
    """What is asked about one metric."""

    name: str
    group_by: Sequence[str] = ()
    filters: Mapping[str, Sequence[str]] | None = None
    start_date: str | None = None
    end_date: str | None = None
    time_range: str | None = None
    limit: int = 1000
    order_by: str | None = None
    """A group or the metric itself, `-` before it for descending."""


def metric_list(reading: Reading, model: Model) -> Answer:
    """Every metric that the viewer can ask for: what it is, its unit, what it can be grouped by."""
    rows = []
    for metric in sorted(model.metrics.values(), key=lambda each: each.name):
        fact = model.facts[metric.fact]
        rows.append({
            "name": metric.name, "label": metric.label, "description": metric.description, "unit": metric.unit,
            "mart": fact.mart, "grain": fact.grain, "group_by": [*_grains(fact), *_dimensions(fact)],
            "is_published": reading.has(fact.mart),
        })  # fmt: skip
    return Answer({"metrics": rows}, "metrics")


def metric(reading: Reading, model: Model, asked: Question) -> Answer:
    """A metric over days, grouped and filtered by dimensions of its mart.

    Raises:
        NotFound: there is no such metric.
        AskedWrongly: with the parameter.
    """
    found = model.metrics.get(asked.name)
    if found is None:
        raise NotFound(f"there is no metric {asked.name[:60]!r}", remedy="GET /api/v1/metrics lists them", field="name")
    fact = model.facts[found.fact]
    mart = reading.need(fact.mart)
    between(asked.limit, 1, MOST_ROWS, "limit")
    span = span_of(reading, asked.start_date, asked.end_date, asked.time_range, names=("start_date", "end_date"))
    groups = {name: _group(fact, name) for name in dict.fromkeys(asked.group_by)}
    conditions, values = _conditions(fact, asked.filters or {})
    order = _order(asked.order_by, found.name, list(groups))
    rows = _rows(reading, model, found, fact, mart, groups, (conditions, values), span, order, asked.limit + 1)
    body = {
        "metric": found.name, "label": found.label, "unit": found.unit, "description": found.description,
        "mart": fact.mart, "start_date": span.first, "end_date": span.last, "group_by": list(groups),
        "rows": rows[: asked.limit], "has_more": len(rows) > asked.limit,
    }  # fmt: skip
    filters = {fact.time: [span.first, span.last], **{name: list(each) for name, each in (asked.filters or {}).items()}}
    return Answer(body, "rows", (fact.mart,), filters)


def read_model_of(settings: Settings) -> Model:
    """The metrics of a home.

    Raises:
        NotNow: dbt's project cannot be read.
    """
    from orchestration.home.dbt_project import DbtError, manifest_path
    from orchestration.publishing.bi.model import read_model

    try:
        return read_model(json.loads(manifest_path(settings).read_text("utf-8")))
    except (DbtError, OSError, ValueError) as error:
        raise NotNow(
            f"the definitions of metrics cannot be read ({str(error).splitlines()[0][:120]})", remedy="run: costops run"
        ) from None


def _grains(fact: Fact) -> tuple[str, ...]:
    return GRAINS[GRAINS.index(fact.grain) :] if fact.grain in GRAINS else GRAINS


def _dimensions(fact: Fact) -> dict[str, str]:
    return {**fact.dimensions, **fact.entities}


def _group(fact: Fact, name: str) -> str:
    if name in _grains(fact):
        return f"date_trunc('{name}', {quoted(fact.time)})::date"
    column = _dimensions(fact).get(name)
    if column is None:
        known = ", ".join([*_grains(fact), *_dimensions(fact)])
        raise AskedWrongly(f"group_by {name[:60]!r} is none of this metric", remedy=f"write {known}", field="group_by")
    return column


def _conditions(fact: Fact, filters: Mapping[str, Sequence[str]]) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for name, wanted in filters.items():
        column = _dimensions(fact).get(name)
        if column is None:
            known = ", ".join(_dimensions(fact))
            raise AskedWrongly(f"filter {name[:60]!r} is none of this metric", remedy=f"write {known}", field="filter")
        conditions.append(f"({column})::varchar in ({', '.join('?' * len(wanted)) or 'null'})")
        values += wanted
    return conditions, values


def _order(text: str | None, metric_name: str, groups: Sequence[str]) -> str:
    columns = {name: f"g{place}" for place, name in enumerate(groups)}
    rest = [f"{column} nulls last" for column in columns.values()] or ["1"]
    return order_of(text, columns | {metric_name: "value"}, rest, "is neither grouped by nor the metric")


def _rows(
    reading: Reading, model: Model, found: Metric, fact: Fact, mart: str, groups: Mapping[str, str],
    where: tuple[list[str], list[Any]], span: Span, order: str, limit: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """The figures: what needs a calendar is the same sum over other days."""
    names = [f"g{place}" for place in range(len(groups))]
    time = quoted(fact.time)
    selected = [f"{expression} as {name}" for name, expression in zip(names, groups.values(), strict=True)]
    by = f"group by {', '.join(names)}" if names else ""

    def summed(formula: Formula, days: str, shift: str = "") -> str:
        moved = [each.replace(time, f"({time}{shift})") for each in selected] if shift else selected
        conditions = " and ".join([days, *where[0]])
        expression = _expression(model, formula)
        return f"select {', '.join([*moved, f'{expression} as value'])} from {mart} where {conditions} {by}"

    formula, values = found.formula, [span.first, span.last, *where[1]]
    days = f"{time} between ? and ?"
    if isinstance(formula, ToDate):
        if any(name in GRAINS for name in groups):
            raise AskedWrongly(
                f"{found.name} is a sum to date: its days are those up to end_date",
                remedy="group by no time, or ask for the metric that it sums", field="group_by",
            )  # fmt: skip
        days = f"{time} between date_trunc('{formula.grain}', ?::date) and ?"
        statement, values = summed(formula.total, days), [span.last, span.last, *where[1]]
    elif isinstance(formula, Change):
        base = model.metrics[formula.metric].formula
        step = f"interval '{int(formula.count)} {formula.grain}'"
        joined = " and ".join(f"now_.{name} is not distinct from then_.{name}" for name in names) or "true"
        before = summed(base, f"({time} + {step}) between ? and ?", f" + {step}")
        columns = ", ".join([*(f"coalesce(now_.{name}, then_.{name}) as {name}" for name in names),
                             "now_.value - then_.value as value"])  # fmt: skip
        statement = f"select {columns} from ({summed(base, days)}) as now_ full join ({before}) as then_ on {joined}"
        values = values * 2
    else:
        statement = summed(formula, days)
    rows = reading.rows(f"{statement} order by {order} limit ?", [*values, limit])
    return [
        {group: row[name] for group, name in zip(groups, names, strict=True)} | {found.name: row["value"]}
        for row in rows
    ]


def _expression(model: Model, formula: Formula) -> str:
    def metric_sql(name: str) -> str:
        return f"({_expression(model, model.metrics[name].formula)})"

    language = Sql(quoted, metric_sql)
    if isinstance(formula, Total | Ratio | Difference):
        return language.formula(formula) or "null"
    raise AskedWrongly("this metric is built on one that needs a calendar", remedy="ask for its parts", field="name")
