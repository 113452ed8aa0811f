"""Keeps outside the warehouse what no source can give again: when prices were known, adjustments, alerts, forecasts.

The warehouse is a cache: a kill while DuckDB writes can tear its file for good. Rows that exist nowhere else therefore
lie in `state/<schema>.<table>/` as Parquet parts. A part is written whole, takes its name in one step and is never
changed; of several versions of a row the newest counts, whichever side has it, so neither side need be ahead.

Put here: parts, and bringing a table and its parts together. Keep out: what rows mean, when to keep them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.landing.database import transaction
from ingestion.whole_files import sync_file

MOST_PARTS = 40
"""So many parts are gathered into one."""
_PART = "????????.parquet"


@dataclass(frozen=True)
class KeptTable:
    """A table whose rows are kept. Rows of one `unit` belong together: the newest version of a unit replaces it whole.

    `newest` orders versions, newest first; `key` tells the rows of a unit apart and ends with what makes it unique.
    """

    schema: str
    table: str
    unit: tuple[str, ...]
    newest: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """Only these are kept; empty: all of them."""

    @property
    def name(self) -> str:
        """`schema.table`, also the name of its folder."""
        return f"{self.schema}.{self.table}"

    def newest_of(self, rows: str) -> str:
        """Query of the newest version of each unit among `rows`, itself a query."""
        order = ", ".join(self.newest) or "1"
        ranked = f"select *, rank() over (partition by {', '.join(self.unit)} order by {order}) as _rank from ({rows})"
        return (
            f"select distinct on ({', '.join(self.key or self.unit)}) * exclude (_rank) from ({ranked}) where _rank = 1"
        )


PRICE_TABLES = tuple(
    KeptTable("raw_prices", table, (row_hash, "known_from_utc"), ("known_to_utc nulls last",))
    for table, row_hash in (("model_prices", "price_row_hash"), ("model_aliases", "alias_row_hash"))
)
"""Every version of a price and of a name, with when it was known."""


class KeptState:
    """The folder of everything kept; `tell` hears of parts that cannot be read."""

    def __init__(self, folder: Path, tell: Callable[[str], None] | None = None) -> None:
        self.folder = folder
        self._tell = tell or (lambda _: None)

    def parts(self, table: KeptTable) -> list[Path]:
        """The parts of a table, oldest first."""
        return sorted((self.folder / table.name).glob(_PART))

    def recall(self, db: duckdb.DuckDBPyConnection, table: KeptTable) -> int:
        """Bring a table of the warehouse up to date with its parts; returns how many rows it lacked."""
        parts = self._readable(db, table)
        if not parts or not _exists(db, table):
            return 0
        _add_columns(db, table, parts)
        names = _names(db, table)
        in_parts = f"select {_known(db, names, parts)} from {_read(parts)}"
        kept = table.newest_of(in_parts)
        db.execute(f"create or replace temp table recalled as {kept} except select {names} from {table.name}")
        if not db.execute("select count(*) from recalled").fetchone()[0]:
            return 0
        on = " and ".join(f"old.{column} is not distinct from new.{column}" for column in table.unit)
        concerned = f"exists (select 1 from (select distinct {', '.join(table.unit)} from recalled) new where {on})"
        both = f"select {names} from {table.name} old where {concerned} union all {in_parts}"
        both = f"select * from ({both}) old where {concerned}"
        db.execute(f"create or replace temp table merged as {table.newest_of(both)}")
        lacking = db.execute(f"from merged except select {names} from {table.name}").fetchall()
        if lacking:
            with transaction(db):
                db.execute(f"delete from {table.name} old where {concerned}")
            with transaction(db):  # apart: a primary key counts rows deleted in the same transaction
                db.execute(f"insert into {table.name} by name select * from merged")
        for each in ("recalled", "merged"):
            db.execute(f"drop table {each}")
        return len(lacking)

    def keep(self, db: duckdb.DuckDBPyConnection, table: KeptTable) -> int:
        """Write a part with the rows of the table that no part has yet; returns how many."""
        parts = self._readable(db, table)
        if not _exists(db, table):
            return 0
        names = _names(db, table)
        own = f"select {names} from {table.name}"
        if not parts:
            return self.keep_rows(db, table, own)
        kept = table.newest_of(f"select {_known(db, names, parts)} from {_read(parts)}")
        units = ", ".join(table.unit)
        changed = f"select distinct {units} from ({own} except ({kept}))"
        on = " and ".join(f"o.{column} is not distinct from c.{column}" for column in table.unit)
        return self.keep_rows(db, table, f"select o.* from ({own}) o where exists (from ({changed}) c where {on})")

    def keep_rows(
        self,
        db: duckdb.DuckDBPyConnection,
        table: KeptTable,
        query: str,
        parameters: dict[str, object] | None = None,
    ) -> int:
        """Write the rows of a query as one more part; none when it has no rows. After this they are safe."""
        folder = self.folder / table.name
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{os.getpid()}.tmp"
        db.execute(f"create or replace temp table to_be_kept as {query}", parameters or {})
        count = int(db.execute("select count(*) from to_be_kept").fetchone()[0])
        if count:
            db.execute(f"copy to_be_kept to '{_quoted(partial)}' (format parquet, compression zstd)")
            self._name(table, partial)
            self._gather(db, table)
        db.execute("drop table to_be_kept")
        return count

    def rewrite(self, db: duckdb.DuckDBPyConnection, table: KeptTable) -> None:
        """Forget all parts but one: the table as it is in the warehouse."""
        before = self.parts(table)
        if _exists(db, table):
            self.keep_rows(db, table, f"select {_names(db, table)} from {table.name}")
        for part in before:
            part.unlink(missing_ok=True)

    def broken(self, db: duckdb.DuckDBPyConnection) -> list[Path]:
        """Parts that cannot be read, of any table."""
        return [part for part in sorted(self.folder.glob(f"*/{_PART}")) if not _is_readable(db, part)]

    def _readable(self, db: duckdb.DuckDBPyConnection, table: KeptTable) -> list[Path]:
        """The parts that can be read; others are set aside and told of. What the warehouse has is kept again."""
        parts = self.parts(table)
        try:
            if parts:
                db.execute(f"select count(*) from {_read(parts)}")
            return parts
        except duckdb.Error:
            pass
        good = []
        for part in parts:
            if _is_readable(db, part):
                good.append(part)
            else:
                aside = part.with_name(part.name + ".broken")
                os.replace(part, aside)
                self._tell(f"{part} cannot be read; it is now {aside.name}, and what the warehouse has is kept again")
        return good

    def _name(self, table: KeptTable, partial: Path) -> None:
        """Give a written part its name, so that a power cut leaves it whole or not at all."""
        parts = self.parts(table)
        number = int(parts[-1].stem) + 1 if parts else 1
        sync_file(partial)
        os.replace(partial, partial.with_name(f"{number:08}.parquet"))
        sync_file(partial.parent)

    def _gather(self, db: duckdb.DuckDBPyConnection, table: KeptTable) -> None:
        parts = self.parts(table)
        if len(parts) <= MOST_PARTS:
            return
        partial = self.folder / table.name / f".{os.getpid()}.tmp"
        query = table.newest_of(f"select * from {_read(parts)}")
        db.execute(f"copy ({query}) to '{_quoted(partial)}' (format parquet, compression zstd)")
        self._name(table, partial)
        for part in parts:
            part.unlink(missing_ok=True)


def _exists(db: duckdb.DuckDBPyConnection, table: KeptTable) -> bool:
    found = db.execute(
        "select 1 from duckdb_tables() where database_name = current_database() and schema_name = ? and table_name = ?",
        [table.schema, table.table],
    ).fetchone()
    return found is not None


def _names(db: duckdb.DuckDBPyConnection, table: KeptTable) -> str:
    """The columns that are kept, as SQL; dlt's own are not."""
    if table.columns:
        return ", ".join(f'"{name}"' for name in table.columns)
    rows = db.execute(
        "select column_name from duckdb_columns() where database_name = current_database() and schema_name = ? "
        "and table_name = ? and column_name not like '\\_dlt\\_%' escape '\\' order by column_index",
        [table.schema, table.table],
    ).fetchall()
    return ", ".join(f'"{name}"' for (name,) in rows)


def _add_columns(db: duckdb.DuckDBPyConnection, table: KeptTable, parts: Sequence[Path]) -> None:
    """Columns that the parts have and a table that was made anew lacks, and the other way round in the query."""
    own = {name.strip('"') for name in _names(db, table).split(", ")}
    for name, kind, *_ in db.execute(f"describe select * from {_read(parts)}").fetchall():
        if name not in own and not table.columns:
            db.execute(f'alter table {table.name} add column "{name}" {kind}')


def _known(db: duckdb.DuckDBPyConnection, names: str, parts: Sequence[Path]) -> str:
    """The columns of a table as its parts have them: NULL for one that came after they were written."""
    have = {row[0] for row in db.execute(f"describe select * from {_read(parts)}").fetchall()}
    return ", ".join(name if name.strip('"') in have else f"null as {name}" for name in names.split(", "))


def _read(parts: Sequence[Path]) -> str:
    files = ", ".join(f"'{_quoted(part)}'" for part in parts)
    return f"read_parquet([{files}], union_by_name = true)"


def _is_readable(db: duckdb.DuckDBPyConnection, part: Path) -> bool:
    try:
        db.execute(f"select count(hash(p)) from read_parquet('{_quoted(part)}') p").fetchall()
    except duckdb.Error:
        return False
    return True


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
