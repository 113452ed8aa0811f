"""Adjustments that people booked on purpose, kept beside the raw tables so that no rebuild undoes them.

Put here: its tables. Keep out: deciding what to book.
"""

from __future__ import annotations

import duckdb

SCHEMA = "adjustments"
USAGE_DIMENSIONS = (
    "provider_id",
    "account_id",
    "project_id",
    "workspace_id",
    "api_key_id",
    "user_id",
    "team_id",
    "customer_id",
    "feature",
    "environment",
    "model_id",
)
"""What daily usage is allocated by; an adjustment goes where its usage went."""

ADJUSTMENT_TABLES: dict[str, dict[str, str]] = {
    "price_adjustments": {
        "adjustment_id": "VARCHAR",
        "repricing_id": "VARCHAR",
        "repriced_at_utc": "TIMESTAMP",
        "as_known_at_utc": "TIMESTAMP",
        "from_date": "DATE",
        "to_date": "DATE",
        "reason": "VARCHAR",
        "usage_date": "DATE",
        **dict.fromkeys(USAGE_DIMENSIONS, "VARCHAR"),
        "meter": "VARCHAR",
        "list_difference_usd": "DECIMAL(38,12)",
        "contracted_difference_usd": "DECIMAL(38,12)",
    }
}
"""Columns and types by table; dbt declares the same ones as the source `adjustments`."""


def ensure_adjustment_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `adjustments` and its empty tables where they are missing."""
    connection.execute(f"create schema if not exists {SCHEMA}")
    for table, columns in ADJUSTMENT_TABLES.items():
        body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create table if not exists {SCHEMA}.{table} ({body})")
