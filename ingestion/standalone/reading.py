"""One file to the rows of its tables, by landing's own reading: shaped, guarded, quarantined, numbered.

Put here: reading a file for a destination that is not ours. Keep out: which files are read (`folder`, `provider`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from ingestion.landing.database import in_memory, one_file
from ingestion.landing.model import Parser
from ingestion.landing.reading import FileResult, TablePart, read_file
from ingestion.raw_schemas import DUCKDB_TYPES, arrow_schema
from ingestion.standalone.tables import Delivered, markers, numbered

BATCH_ROWS = 200_000
Scopes = Mapping[str, int]
"""The days, as bits, that newer deliveries restate of a scope of a file."""


def deliver(
    result: FileResult,
    parser: Parser,
    dataset: str,
    *,
    scope_sql: Mapping[str, tuple[str, str]] | None = None,
    restated: Scopes | None = None,
    tables: Iterable[str] | None = None,
) -> Iterator[Delivered]:
    """The markers and rows of one file, without the rows of restated days. Fills in `result` on the way.

    `tables` are those that the file may fill, None: any.
    """
    now = result.file.read_at_utc
    assert now is not None
    yield from markers(dataset, result.file.file_id, now, tables)
    counts: Counter[str] = Counter()
    left = 0
    for part in read_file(result, parser, dataset, now):
        for rows in _rows(part, result, dataset):
            sql = (scope_sql or {}).get(part.table_name)
            kept = _without(rows, sql, restated) if sql and restated else rows
            if part.table_name == "files":
                kept = _counted_again(kept, left) if restated else kept
            elif part.table_name != "quarantine":
                left += kept.num_rows
            if kept.num_rows:
                yield numbered(dataset, part.table_name, kept, counts[part.table_name] + 1)
            counts[part.table_name] += kept.num_rows


def _rows(part: TablePart, result: FileResult, dataset: str) -> Iterator[pa.Table]:
    if part.table is not None:
        yield part.table
        return
    schema = arrow_schema(dataset, part.table_name)
    assert part.parquet_path is not None
    with in_memory() as db:
        there = db.read_parquet(one_file(part.parquet_path))
        absent = [f'null as "{field.name}"' for field in schema if field.name not in there.columns]
        relation = there.project(", ".join(["*", *absent]))  # so that a fill may read a column that the file lacks
        reader = relation.project(", ".join(_value(field, result) for field in schema)).to_arrow_reader(BATCH_ROWS)
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(schema)


def _value(field: pa.Field, result: FileResult) -> str:
    """The SQL of one column of a file that is imported as it is."""
    assert result.file.read_at_utc is not None
    known = {
        "_source_file_id": str(result.file.file_id),
        "_loaded_at_utc": f"timestamp '{result.file.read_at_utc.isoformat(' ')}'",
    } | result.fills
    value = known.get(field.name, f'"{field.name}"')
    return f'cast({value} as {DUCKDB_TYPES[field.type]}) as "{field.name}"'


def _without(rows: pa.Table, sql: tuple[str, str], restated: Scopes) -> pa.Table:
    """Rows without those of restated days; `sql` gives a row's scope and day, as landing's settling uses it."""
    scope, day = sql
    due = pa.table({"due_scope": pa.array(restated.keys()), "due_days": pa.array(restated.values(), pa.int64())})
    with in_memory() as db:
        db.register("delivered", rows)
        db.register("due", due)
        found = db.execute(
            f"with placed as (select *, ({scope}) as row_scope, ({day}) as row_day from delivered) "
            "select placed.* exclude (row_scope, row_day) from placed anti join due "
            "on row_scope = due_scope and (due_days >> row_day) & 1 = 1"
        )
        return found.to_arrow_table().cast(rows.schema)


def _counted_again(registered: pa.Table, left: int) -> pa.Table:
    """The registry row of a file of which newer deliveries restate something."""
    row = registered.to_pylist()[0] | {"row_count": left, "is_superseded": left == 0}
    return pa.Table.from_pylist([row], registered.schema)
