"""Rows as Arrow and pandas, with their exact types: money is decimal(38, 12), days are days, instants are UTC.

Put here: both forms. Keep out: rows. The packages are imported when they are asked for and not before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from costops_client.building import hints_of
from costops_client.errors import MissingPackage

if TYPE_CHECKING:
    import pandas
    import pyarrow


def arrow_of(columns: dict[str, Any], rows: Sequence[Any]) -> pyarrow.Table:
    """Rows as a table. `columns`: the Python type of each."""
    pa = needed_pyarrow()
    found = [_plain_fields(row) for row in rows]
    schema = pa.schema([pa.field(name, _arrow_type(kind, pa)) for name, kind in columns.items()])
    values = {name: [_cell(row.get(name), kind) for row in found] for name, kind in columns.items()}
    return pa.table(values, schema=schema)


def pandas_of(table: pyarrow.Table) -> pandas.DataFrame:
    """The same as a frame: decimals stay decimals, whole numbers stay whole where some are unknown."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingPackage("frames need pandas", remedy="pip install pandas pyarrow") from None
    pa = needed_pyarrow()
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pandas.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame


def cast(table: pyarrow.Table, columns: dict[str, Any]) -> pyarrow.Table:
    """A table of the server in declared types: where all of a column is unknown, its type is not in the stream."""
    pa = needed_pyarrow()
    schema = pa.schema([pa.field(name, _arrow_type(kind, pa)) for name, kind in columns.items()])
    if table.num_columns == 0:
        return schema.empty_table()
    chosen = [
        pa.nulls(table.num_rows, field.type)
        if table[field.name].null_count == table.num_rows
        else table[field.name].cast(field.type)
        for field in schema
    ]
    return pa.table(chosen, schema=schema)


def columns_of(kind: type[Any]) -> dict[str, Any]:
    """Columns of a dataclass, by their Python types."""
    return dict(hints_of(kind))


def column_types(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Columns of rows whose fields are known by their values alone; text where all of them are unknown."""
    names = list(rows[0]) if rows else []
    return {name: next((type(row[name]) for row in rows if row[name] is not None), str) for name in names}


def needed_pyarrow() -> Any:
    """pyarrow.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingPackage("Arrow tables need pyarrow", remedy="pip install pyarrow") from None
    return pa


def _plain_fields(row: Any) -> dict[str, Any]:
    return asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row)


def _bare(kind: Any) -> Any:
    """The type of what is known: of `X | None`, X."""
    known = [each for each in get_args(kind) if each is not NoneType]
    return known[0] if known and NoneType in get_args(kind) else kind


def _arrow_type(kind: Any, pa: Any) -> Any:
    return {
        Decimal: pa.decimal128(38, 12), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32(),
        datetime: pa.timestamp("us", tz="UTC"),
    }.get(_bare(kind), pa.string())  # fmt: skip


def _cell(value: Any, kind: Any) -> Any:
    """A value as Arrow takes it: what has parts is JSON as text."""
    if value is None or isinstance(value, str | date) or _bare(kind) in (Decimal, int, float, bool):
        return value
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
