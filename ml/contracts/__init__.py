"""Columns and types of every table that machine learning writes, once: all else follows from here or is checked.

The tables are made from these (`orchestration.warehouse.frames`), the functions here return frames with these columns,
and dbt's declaration of the sources (`models/staging/ml/src_ml.yml`) is compared with them.

Put here: a module per subject with its tables, values that several of these tables share. Keep out: what a column
means (the yml says it).
"""

from __future__ import annotations

from ml.contracts import anomalies, forecasts, prices, savings

UNOWNED_SCOPE_ID = "unallocated"
"""Scope id of spend that no team owns."""

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "bool": "BOOLEAN",
    "date": "DATE",
    "at": "TIMESTAMP",
    "dec": "DECIMAL(38,12)",
    "float": "DOUBLE",
}
"""The types in SQL: `at` is an instant in UTC, `dec` is money or a price."""

TABLES: dict[str, dict[str, str]] = {
    **forecasts.TABLES,
    **anomalies.TABLES,
    **savings.TABLES,
    **prices.TABLES,
}
"""By table: columns in order, with their types."""


def columns_of(table: str) -> list[str]:
    """The columns of a table in order."""
    return list(TABLES[table])
