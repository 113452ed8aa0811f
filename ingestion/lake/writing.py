"""Writes the objects of one table: Parquet by DuckDB, a name by content, into the store.

One thread of DuckDB writes, so that the same rows make the same bytes: an object that an interrupted run left in the
store is not sent again.

Put here: from items to objects. Keep out: which items there are (`planning`).
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.lake.changes import engine, reading, row_hash
from ingestion.lake.manifest import LakeObject
from ingestion.lake.planning import Item
from ingestion.lake.store import Store
from ingestion.lake.tables import LakeTable
from ingestion.lake.versions import AT_ONCE

Progress = Callable[[str], None]
CHUNK_ROWS, CHUNK_ITEMS = 2_000_000, 400
"""So much is written to the disk of this machine before it is sent."""
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows without a day in a table that has days, as every reader of such folders knows it."""


def write_items(
    db: duckdb.DuckDBPyConnection, store: Store, table: LakeTable, items: Sequence[Item], folder: Path,
    *, there: Collection[str], say: Progress,
) -> list[LakeObject]:  # fmt: skip
    """Write and send the items of a table; what is in `there` already is not sent. `folder` is for temporary files."""
    written, rows, total = [], 0, sum(each.rows for each in items)
    for chunk in _chunks(items):
        objects = _write(db, table, chunk, folder)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            sent = {each.path: file for file, each in objects if each.path not in there}
            list(pool.map(lambda pair: store.put(pair[1], pair[0]), sent.items()))
        shutil.rmtree(folder / "items")
        written += [each for _, each in objects]
        rows += sum(each.rows for _, each in objects)
        if total > CHUNK_ROWS or len(items) > CHUNK_ITEMS:
            say(f"lake: {table.name}, {rows:,} of {total:,} rows in {len(written):,} objects")
    return written


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    for each in items:
        if chunk and (len(chunk) >= CHUNK_ITEMS or sum(one.rows for one in chunk) + each.rows > CHUNK_ROWS):
            yield chunk
            chunk = []
        chunk.append(each)
    if chunk:
        yield chunk


def _write(
    db: duckdb.DuckDBPyConnection, table: LakeTable, items: Sequence[Item], folder: Path
) -> list[tuple[Path, LakeObject]]:
    target = folder / "items"
    with _one_thread(db):
        if table.unit:
            _copy_items(db, table, items, target)
        else:
            (target / "item=0").mkdir(parents=True)
            file = str(target / "item=0" / "data_0.parquet").replace("'", "''")
            db.execute(f"copy (from {table.name}) to '{file}' (format parquet, compression zstd)")
    files = {
        file: items[int(file.parent.name.removeprefix("item="))] for file in sorted(target.glob("item=*/*.parquet"))
    }
    known = _counted(db, table, files)
    return [(file, _object(table, item, file, *known[str(file)])) for file, item in files.items()]


def _copy_items(db: duckdb.DuckDBPyConnection, table: LakeTable, items: Sequence[Item], target: Path) -> None:
    pieces = [(each.day, unit, number) for number, each in enumerate(items) for unit in each.deliveries]
    days, units, numbers = zip(*pieces, strict=True)
    kind = table.columns[table.unit]
    wanted = {"day": pa.array(days, pa.string()), "unit": pa.array(units, pa.string()), "item": pa.array(numbers)}
    db.register("wanted_pieces", pa.table(wanted))
    db.execute(
        f"create or replace temp table lake_pieces as select cast(day as date) as day, "
        f"try_cast(nullif(unit, '-') as {kind}) as unit, item from wanted_pieces"
    )
    db.unregister("wanted_pieces")
    db.execute("set partitioned_write_max_open_files = 1000")
    columns = ", ".join(f't."{name}"' for name in table.columns)
    db.execute(
        f"copy (select {columns}, p.item from {table.name} as t join lake_pieces as p on "
        f't."{table.unit}" is not distinct from p.unit and {table.day_sql} is not distinct from p.day) '
        f"to '{str(target).replace(chr(39), chr(39) * 2)}' (format parquet, compression zstd, partition_by (item))"
    )
    db.execute("drop table lake_pieces")


def _counted(db: duckdb.DuckDBPyConnection, table: LakeTable, files: Iterable[Path]) -> dict[str, tuple[int, str]]:
    """Rows and fingerprint of each written file, read back from it."""
    source = reading(files, ", filename = '_lake_file'")
    rows = db.execute(
        f"select _lake_file, count(*), sum({row_hash(table)}::hugeint) from {source} as t group by 1"
    ).fetchall()
    release = engine(db)
    return {name: (count, f"{release}:{total}") for name, count, total in rows}


def _object(table: LakeTable, item: Item, file: Path, rows: int, fingerprint: str) -> LakeObject:
    digest = content_hash(file)
    label = "merged" if len(item.deliveries) > 1 else re.sub(r"[^\w.-]", "_", item.deliveries[0])[:64]
    day = f"day={item.day or NO_DAY}/" if table.day else ""
    return LakeObject(
        f"{table.folder}/{day}{label}-{digest}.parquet",
        rows,
        file.stat().st_size,
        item.day,
        item.deliveries,
        fingerprint,
    )


def content_hash(file: Path) -> str:
    """What the name of an object ends with."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()[:16]


@contextmanager
def _one_thread(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    before = db.execute("select current_setting('threads')").fetchall()[0][0]
    db.execute("set threads = 1")
    try:
        yield
    finally:
        db.execute(f"set threads = {before}")
