"""The published marts and the metrics over them, read from dbt's manifest: what files for BI tools are written from.

Put here: marts, facts, metrics, how facts hang together with dimensions. Keep out: languages of tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.publishing.bi.formulas import (
    Change,
    Condition,
    Difference,
    Formula,
    Ratio,
    ToDate,
    Total,
    UnknownFormError,
    filtered,
    read_derived,
    read_filter,
    read_total,
)

SCHEMA = "marts"
SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DATES, DAY = "dim_dates", "date_day"
HIDDEN = re.compile(r"_|.*_fingerprint$")


@dataclass(frozen=True)
class Column:
    """A column of a mart; `type` as the contract writes it, in lower case."""

    name: str
    type: str
    description: str

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self.type.startswith("decimal") or self.type in ("bigint", "integer", "double")

    @property
    def is_hidden(self) -> bool:
        """Whether it serves the warehouse, or as a key, and no reader."""
        return bool(HIDDEN.match(self.name)) or self.name.endswith("_key")


@dataclass(frozen=True)
class Mart:
    """A published table."""

    name: str
    description: str
    group: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Join:
    """How a fact finds a dimension: many rows to one."""

    column: str
    mart: str
    key: str


@dataclass(frozen=True)
class Fact:
    """A mart that metrics are computed from: its key, its day or month, its dimensions by dbt's names for them."""

    name: str
    mart: str
    description: str
    key: str
    key_entity: str
    time: str
    grain: str
    dimensions: Mapping[str, str]
    entities: Mapping[str, str]
    joins: tuple[Join, ...]


@dataclass(frozen=True)
class Metric:
    """A figure by name: what it is, of which fact, how it is computed."""

    name: str
    label: str
    description: str
    fact: str
    formula: Formula

    @property
    def unit(self) -> str:
        """usd, usd_per, per, ratio, ms, seconds or count: for how it is shown."""
        if "_per_" in self.name:
            return "usd_per" if "_usd_per_" in self.name else "per"
        ending = self.name.rsplit("_", 1)[1]
        return ending if ending in ("usd", "ratio", "ms", "seconds") else "count"


@dataclass(frozen=True)
class Model:
    """Everything that files for BI tools are written from, by name."""

    marts: Mapping[str, Mart]
    facts: Mapping[str, Fact]
    metrics: Mapping[str, Metric]

    def metrics_of(self, mart: str) -> list[Metric]:
        """Metrics that are computed from a mart."""
        facts = {fact.name for fact in self.facts.values() if fact.mart == mart}
        return [metric for metric in self.metrics.values() if metric.fact in facts]

    def fact_of(self, mart: str) -> Fact | None:
        """What a mart is as a fact."""
        return next((fact for fact in self.facts.values() if fact.mart == mart), None)


def read_model(manifest: Mapping[str, Any]) -> Model:
    """The model of a dbt manifest.

    Raises:
        UnknownFormError: a metric is defined in a form that has no translation, or over several facts.
        ValueError: a name could not stand in a file of a tool as it is.
    """
    marts = {mart.name: mart for mart in _marts(manifest)}
    semantic = list(manifest.get("semantic_models", {}).values())
    primary = {
        entity["name"]: (_mart_of(node), _expression(entity))
        for node in semantic
        if not node["measures"]
        for entity in node["entities"]
        if entity["type"] == "primary"
    }
    facts = {node["name"]: _fact(node, primary) for node in semantic if node["measures"]}
    measures = {
        measure["name"]: (node["name"], read_total(measure["agg"], _expression(measure)))
        for node in semantic
        for measure in node["measures"]
    }
    metrics = _metrics(manifest.get("metrics", {}), facts, measures)
    for name in (*marts, *metrics, *(column.name for mart in marts.values() for column in mart.columns)):
        if not SAFE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name that every BI tool takes; letters, digits and _ only")
    return Model(marts, facts, metrics)


def _marts(manifest: Mapping[str, Any]) -> Iterator[Mart]:
    for node in sorted(manifest["nodes"].values(), key=lambda node: node.get("alias") or ""):
        if node["resource_type"] == "model" and node["schema"] == SCHEMA:
            columns = (
                Column(name, (column["data_type"] or "").lower().replace(" ", ""), _words(column["description"]))
                for name, column in node["columns"].items()
            )
            group = node.get("group") or node["config"].get("group") or ""
            yield Mart(node["alias"], _words(node["description"]), group, tuple(columns))


def _fact(node: Mapping[str, Any], primary: Mapping[str, tuple[str, str]]) -> Fact:
    own = next(entity for entity in node["entities"] if entity["type"] == "primary")
    time = next(each for each in node["dimensions"] if each["type"] == "time")
    entities = {each["name"]: _expression(each) for each in node["entities"] if each["type"] == "foreign"}
    joins = [Join(column, *primary[name]) for name, column in entities.items()]
    return Fact(
        name=node["name"],
        mart=_mart_of(node),
        description=_words(node["description"]),
        key=_expression(own),
        key_entity=own["name"],
        time=_expression(time),
        grain=time["type_params"]["time_granularity"],
        dimensions={each["name"]: _expression(each) for each in node["dimensions"] if each["type"] != "time"},
        entities=entities,
        joins=tuple(joins),
    )


def _metrics(
    nodes: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Fact], measures: Mapping[str, tuple[str, Total]]
) -> dict[str, Metric]:
    read: dict[str, Metric] = {}
    by_name = {node["name"]: node for node in nodes.values()}

    def metric(name: str) -> Metric:
        if name not in read:
            node = by_name[name]
            fact, formula = _formula(node, facts, measures, metric)
            read[name] = Metric(name, node["label"], _words(node["description"]), fact, formula)
        return read[name]

    for name in by_name:
        metric(name)
    return {name: read[name] for name in by_name}


def _formula(
    node: Mapping[str, Any], facts: Mapping[str, Fact], measures: Mapping[str, tuple[str, Total]], metric: Any
) -> tuple[str, Formula]:
    kind, parameters = node["type"], node["type_params"]
    if kind in ("simple", "cumulative"):
        fact, total = measures[parameters["measure"]["name"]]
        for each in (node["filter"] or {}).get("where_filters", ()):
            total = filtered(total, _on_column(read_filter(each["where_sql_template"]), facts[fact]))
        if kind == "simple":
            return fact, total
        return fact, ToDate(total, parameters["cumulative_type_params"]["grain_to_date"])
    if kind == "ratio":
        names = [parameters["numerator"]["name"], parameters["denominator"]["name"]]
        formula: Formula = Ratio(*names)
    elif kind == "derived":
        earlier = [each for each in parameters["metrics"] if each["offset_window"]]
        names = sorted({each["name"] for each in parameters["metrics"]})
        formula = read_derived(parameters["expr"])
        if earlier:
            if not isinstance(formula, Difference) or len(names) != 1 or formula.second != earlier[0]["alias"]:
                raise UnknownFormError(f"{node['name']}: only a metric minus itself some time before has a translation")
            window = earlier[0]["offset_window"]
            formula = Change(names[0], window["count"], window["granularity"])
    else:
        raise UnknownFormError(f"{node['name']}: a metric of type {kind} has no translation")
    found = {metric(name).fact for name in names}
    if len(found) != 1:
        raise UnknownFormError(f"{node['name']} is of several facts: {', '.join(sorted(found))}")
    return found.pop(), formula


def _on_column(condition: Condition, fact: Fact) -> Condition:
    """The condition with the column of the fact that dbt's name means."""
    entity, _, dimension = condition.column.partition("__")
    known = fact.dimensions if dimension and entity == fact.key_entity else fact.entities
    column = known.get(dimension or entity)
    if column is None:
        raise UnknownFormError(f"a filter on {condition.column} has no column in {fact.mart}")
    return Condition(column, condition.test, condition.value)


def _mart_of(node: Mapping[str, Any]) -> str:
    return str(node["node_relation"]["alias"])


def _expression(node: Mapping[str, Any]) -> str:
    return str(node["expr"] or node["name"])


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
