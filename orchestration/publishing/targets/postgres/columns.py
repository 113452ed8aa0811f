"""What DuckDB's types are in PostgreSQL, and what of a column does not travel as it is.

Put here: types, one by one. Keep out: tables.
"""

from __future__ import annotations

import re

from orchestration.publishing.parts import quoted

_SAME = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20, 0)",
    "HUGEINT": "numeric(38, 0)",
    "UHUGEINT": "numeric(38, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BLOB": "bytea",
    "UUID": "uuid",
}
_AS_DECIMAL = {"UBIGINT", "HUGEINT", "UHUGEINT"}
"""Beyond 64 bits; above 38 digits the cast fails rather than round."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)\Z")


def type_of(kind: str) -> str:
    """PostgreSQL's type for one of DuckDB's; text where there is none."""
    if decimal := _DECIMAL.match(kind):
        return f"numeric({decimal[1]}, {decimal[2]})"
    return _SAME.get(kind, "text")


def travels(kind: str) -> bool:
    """Whether a column keeps its type; else it is written as text (lists and structures as JSON)."""
    return kind in _SAME or _DECIMAL.match(kind) is not None or kind.startswith("ENUM(")


def expression(name: str, kind: str) -> str:
    """DuckDB's SQL for a column as it is sent."""
    column = quoted(name)
    if kind in _AS_DECIMAL:
        return f"{column}::decimal(38, 0) as {column}"
    if travels(kind):
        return f"{column}::varchar as {column}" if kind.startswith("ENUM(") else column
    if kind.endswith("]") or kind.startswith(("STRUCT(", "MAP(", "UNION(")):
        return f"to_json({column})::varchar as {column}"
    return f"{column}::varchar as {column}"
