"""Schema `identity` of the warehouse: who people are, what stands for what, how far it was looked.

Put here: its tables, empty. Keep out: filling them (`people`).
"""

from __future__ import annotations

import duckdb

SCHEMA = "identity"
PEOPLE, SUBSTITUTES = f"{SCHEMA}.people", f"{SCHEMA}.substitutes"
IDENTITY_TABLES: dict[str, dict[str, str]] = {
    "people": {
        "pseudonym": "VARCHAR",
        "user_id": "VARCHAR",
        "display_name": "VARCHAR",
        "email": "VARCHAR",
        "found_in": "VARCHAR",
        "first_seen_at_utc": "TIMESTAMP",
    },
    "substitutes": {"kind": "VARCHAR", "delivered": "VARCHAR", "shown": "VARCHAR"},
    "epochs": {"epoch": "VARCHAR"},
    "looks": {"table_name": "VARCHAR", "stamp": "VARCHAR"},
}
"""Columns and types by table. `people`: one row per id as delivered (an address or a name by which texts mention
somebody is one, too). `substitutes`: what models show for a `person`, or for a `text` that mentions somebody. `epochs`:
one row that changes when what was built with other substitutes has to be built again."""


def ensure_identity_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `identity` and its empty tables where they are missing."""
    connection.execute(f"create schema if not exists {SCHEMA}")
    for table, columns in IDENTITY_TABLES.items():
        body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create table if not exists {SCHEMA}.{table} ({body})")
