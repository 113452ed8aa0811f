"""Superset: a database, a dataset per mart with its columns, and metrics, as its import reads them.

Put here: the YAML of an export. Keep out: what a metric computes (`formulas`).
"""

from __future__ import annotations

import uuid
from typing import Any

import yaml

from orchestration.publishing.bi.languages import Sql
from orchestration.publishing.bi.model import SCHEMA, Column, Mart, Model

DATABASE = "costops"
_NAMES = uuid.UUID("4f6f8d6e-37b4-4f0e-9c5c-0f6f5a0c6f11")
"""Under it each file has the same id every time, so that importing again changes what is there."""
_FORMATS = {
    "usd": "$,.2f",
    "usd_per": "$,.6f",
    "per": ".2f",
    "ratio": ".1%",
    "count": ",d",
    "seconds": ",d",
    "ms": ",d",
}
_EPOCH = "2026-01-01T00:00:00+00:00"


def files(model: Model, address: str, schema: str = SCHEMA) -> dict[str, str]:
    """Files of an export by their path; `address` is the SQLAlchemy address, without a password."""
    database = {
        "database_name": DATABASE,
        "sqlalchemy_uri": address,
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {},
        "uuid": _id("database"),
        "version": "1.0.0",
    }
    return {
        "costops/metadata.yaml": _yaml({"version": "1.0.0", "type": "SqlaTable", "timestamp": _EPOCH}),
        f"costops/databases/{DATABASE}.yaml": _yaml(database),
        **{
            f"costops/datasets/{DATABASE}/{mart.name}.yaml": _yaml(_dataset(model, mart, schema))
            for mart in model.marts.values()
        },
    }


def _dataset(model: Model, mart: Mart, schema: str) -> dict[str, Any]:
    fact = model.fact_of(mart.name)
    return {
        "table_name": mart.name,
        "main_dttm_col": fact.time if fact else None,
        "description": mart.description,
        "schema": schema,
        "sql": None,
        "metrics": list(_metrics(model, mart)) or [_count()],
        "columns": [_column(column) for column in mart.columns],
        "uuid": _id(mart.name),
        "database_uuid": _id("database"),
        "version": "1.0.0",
    }


def _metrics(model: Model, mart: Mart) -> list[dict[str, Any]]:
    found = []
    for metric in model.metrics_of(mart.name):
        if expression := expression_of(model, metric.name):
            found.append(
                {
                    "metric_name": metric.name,
                    "verbose_name": metric.label,
                    "metric_type": None,
                    "expression": expression,
                    "description": metric.description,
                    "d3format": _FORMATS[metric.unit],
                }
            )
    return found


def expression_of(model: Model, name: str) -> str | None:
    """A metric as one SQL expression over its fact; None for what needs a calendar."""
    return Sql(quoted, lambda other: f"({expression_of(model, other)})").formula(model.metrics[name].formula)


def quoted(column: str) -> str:
    """A column; names in mixed case are quoted."""
    return column if column == column.lower() else f'"{column}"'


def _count() -> dict[str, Any]:
    return {"metric_name": "count", "verbose_name": "Rows", "metric_type": "count", "expression": "count(*)"}


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "is_dttm": column.type == "date" or column.type.startswith("timestamp"),
        "is_active": True,
        "type": column.type.upper(),
        "groupby": not column.is_number,
        "filterable": True,
        "description": column.description,
    }


def _id(name: str) -> str:
    return str(uuid.uuid5(_NAMES, name))


def _yaml(record: dict[str, Any]) -> str:
    return yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=120)


def address_of(way: str, place: str) -> str:
    """The SQLAlchemy address of a server and database, or of a published file; never with a password."""
    return f"postgresql+psycopg2://reader@{place}" if way == "postgres" else f"duckdb:///{place}?access_mode=read_only"
