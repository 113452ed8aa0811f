"""Frames out of the warehouse and into the tables that machine learning writes.

Put here: reading and writing frames, their columns and types. Keep out: connections (`connection`), the models (`ml`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa

from ml.contracts import SQL_TYPES, TABLES

MONEY = pa.decimal128(38, 12)


INSTANT = pa.timestamp("us")


_ARROW_TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "at": INSTANT,
    "dec": MONEY,
    "float": pa.float64(),
}


def read_frame(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | Sequence[object] | None = None
) -> pd.DataFrame:
    """A query's rows as a frame in which decimals stay decimals and dates stay dates."""
    cursor = connection.execute(sql, parameters or {})
    return cursor.fetch_arrow_table().to_pandas(date_as_object=True)


def scoring_date(connection: duckdb.DuckDBPyConnection, today: date) -> date:
    """The day after the newest day with spend, and never later than today: every day before it is complete."""
    row = connection.execute("select max(usage_date) from marts.fct_allocated_costs_daily").fetchone()
    newest = row[0] if row else None
    return today if newest is None else min(today, newest + timedelta(days=1))


def ensure_ml_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `ml` and its empty tables where they are missing."""
    connection.execute("create schema if not exists ml")
    for table, columns in TABLES.items():
        body = ", ".join(f"{name} {SQL_TYPES[kind]}" for name, kind in columns.items())
        connection.execute(f"create table if not exists ml.{table} ({body})")


def replace_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    frame: pd.DataFrame,
    *,
    key: Sequence[str] = (),
    of: Mapping[str, str] | None = None,
) -> int:
    """Write `frame` to `ml.<table>` in one transaction and return its number of rows.

    Rows with the same values of `key` are replaced; with `of` (column to value) the rows that have these values, even
    where `frame` is empty; without either the table is replaced whole. Columns must be those of `TABLES[table]`, whose
    types they are cast to.

    Raises:
        KeyError: a column is missing.
    """
    rows = _to_arrow(frame, TABLES[table])
    names = ", ".join(TABLES[table])
    connection.register("incoming_rows", rows)
    try:
        connection.execute("begin")
        if key:
            match = " and ".join(f"t.{column} is not distinct from i.{column}" for column in key)
            keys = ", ".join(key)
            connection.execute(
                f"delete from ml.{table} t where exists (select 1 from (select distinct {keys} from incoming_rows) i "
                f"where {match})"
            )
        else:
            only = " and ".join(f"{column} = ?" for column in of or {}) or "true"
            connection.execute(f"delete from ml.{table} where {only}", [*(of or {}).values()])
        connection.execute(f"insert into ml.{table} ({names}) select {names} from incoming_rows")
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise
    finally:
        connection.unregister("incoming_rows")
    return rows.num_rows


def _to_arrow(frame: pd.DataFrame, columns: dict[str, str]) -> pa.Table:
    arrays = []
    for name, kind in columns.items():
        values = frame[name]
        if kind == "dec" and values.dtype.kind == "f":
            arrays.append(pa.array(values.to_numpy(), pa.float64(), from_pandas=True))  # DuckDB rounds it on the way in
        elif kind == "dec":
            arrays.append(pa.array([_money(value) for value in values], MONEY))
        elif kind in ("date", "at"):
            instants = pd.to_datetime(values, utc=False)
            arrays.append(pa.Array.from_pandas(instants).cast(INSTANT).cast(_ARROW_TYPES[kind]))
        else:
            arrays.append(pa.Array.from_pandas(values, type=_ARROW_TYPES[kind]))
    return pa.table(arrays, names=list(columns))


def _money(value: object) -> Decimal | None:
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT:
        return None
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    return amount.quantize(Decimal(1).scaleb(-12))
