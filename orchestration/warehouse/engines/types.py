"""How types of DuckDB are called by Spark, and back.

Put here: names of types, and columns that need another form on the way. Keep out: statements around them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TO_SPARK = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "SMALLINT": "smallint",
    "TINYINT": "tinyint",
    "UBIGINT": "decimal(20,0)",
    "UINTEGER": "bigint",
    "HUGEINT": "decimal(38,0)",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "DOUBLE": "double",
    "FLOAT": "float",
    "BLOB": "binary",
}
_TO_DUCKDB = {spark: duckdb for duckdb, spark in reversed(_TO_SPARK.items())} | {"timestamp": "TIMESTAMP"}
_NOT_IN_PARQUET = {"UBIGINT", "HUGEINT"}


def spark_type(kind: str) -> str:
    """Spark's name of a type of DuckDB; a `ValueError` for one that no table has so far."""
    if kind.endswith("[]"):
        return f"array<{spark_type(kind[:-2])}>"
    return _named(kind, _TO_SPARK, kind.lower(), "no type of Spark is known for DuckDB's")


def duckdb_type(kind: str) -> str:
    """DuckDB's name of a type of Spark."""
    if inner := re.fullmatch(r"array<(.*)>", kind):
        return f"{duckdb_type(inner[1])}[]"
    return _named(kind, _TO_DUCKDB, kind.upper(), "no type of DuckDB is known for Spark's")


def _named(kind: str, known: Mapping[str, str], as_decimal: str, unknown: str) -> str:
    """The other engine's name; decimals have the same in other letters."""
    if kind.upper().startswith("DECIMAL("):
        return as_decimal
    if kind not in known:
        raise ValueError(f"{unknown} {kind}")
    return known[kind]


def as_parquet(name: str, kind: str) -> str:
    """A column as it is written: DuckDB would write its widest whole numbers as floating ones."""
    if kind in _NOT_IN_PARQUET:
        return f'cast("{name}" as {spark_type(kind)}) as "{name}"'
    return f'"{name}"'


def from_parquet(name: str, kind: str) -> str:
    """A column of Spark's files with the type that DuckDB gives it; instants are UTC without a zone."""
    if kind == "timestamp":
        return f'cast(timezone(\'UTC\', "{name}") as timestamp) as "{name}"'
    return f'cast("{name}" as {duckdb_type(kind)}) as "{name}"'
