"""One YAML file in the Open Semantic Interchange format: datasets, relationships and metrics for whatever reads it.

Put here: that format. Keep out: what a metric computes (`formulas`).
"""

from __future__ import annotations

from typing import Any

import yaml

from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import DATES, DAY, SCHEMA, Column, Mart, Metric, Model

VERSION = "0.2.0.dev0"
FILE = "costops.osi.yaml"


def files(model: Model, schema: str = SCHEMA) -> dict[str, str]:
    """The file by its name."""
    record = {"version": VERSION, "semantic_model": [document(model, schema)]}
    return {FILE: yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120)}


def document(model: Model, schema: str) -> dict[str, Any]:
    """The semantic model: facts with metrics, and the dimensions that they find."""
    joined = {join.mart: join.key for fact in model.facts.values() for join in fact.joins} | {DATES: DAY}
    keys = {fact.mart: fact.key for fact in model.facts.values()} | joined
    return {
        "name": "llm_cost_ops",
        "description": "What LLMs cost, who spent it, and whether the bill is right. NULL is unknown, never zero.",
        "datasets": [_dataset(model.marts[name], key, schema) for name, key in sorted(keys.items())],
        "relationships": _relationships(model),
        "metrics": [_metric(model, metric) for metric in model.metrics.values() if expression_of(model, metric)],
    }


def _dataset(mart: Mart, key: str, schema: str) -> dict[str, Any]:
    # A key that is put together of columns is named by them.
    parts = key.removeprefix("concat_ws('|', ").removesuffix(")").split(", ")
    return {
        "name": mart.name,
        "source": f"costops.{schema}.{mart.name}",
        "primary_key": parts,
        "description": mart.description,
        "fields": [_field(column) for column in mart.columns],
    }


def _field(column: Column) -> dict[str, Any]:
    is_time = column.type == "date" or column.type.startswith("timestamp")
    types = {"varchar": "String", "boolean": "Boolean", "bigint": "Integer", "integer": "Integer", "double": "Float"}
    kind = types.get(column.type) or (
        "Date" if column.type == "date" else "DateTime" if is_time else "Decimal" if column.is_number else "String"
    )
    return {
        "name": column.name,
        "expression": _expression(column.name),
        "dimension": {"is_time": is_time},
        "description": column.description,
        "datatype": kind,
    }


def _relationships(model: Model) -> list[dict[str, Any]]:
    found = []
    for fact in model.facts.values():
        joins = [(join.column, join.mart, join.key) for join in fact.joins]
        if model.marts[fact.mart].column(fact.time).type == "date":
            joins.append((fact.time, DATES, DAY))
        found += [
            {
                "name": f"{fact.mart}_{column}",
                "from": fact.mart,
                "to": mart,
                "from_columns": [column],
                "to_columns": [key],
            }
            for column, mart, key in joins
        ]
    return found


def _metric(model: Model, metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "expression": _expression(expression_of(model, metric) or ""),
        "description": f"{metric.label}: {metric.description}",
    }


def expression_of(model: Model, metric: Metric) -> str | None:
    """A metric over columns with their dataset; None for what needs a calendar."""
    mart = model.facts[metric.fact].mart

    def other(name: str) -> str:
        return f"({expression_of(model, model.metrics[name])})"

    return Sql(lambda column: f"{mart}.{column}", other).formula(metric.formula)


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}
