"""Which deliveries of a table differ between warehouse and lake.

Of tables that a registry tells of, it is enough to compare registries: every landing of a file has a load id of its
own, and what landing changes of a file later has a mark (`_rewritten`). Of others, and whenever all is to be compared,
sums of hashes of rows are, by delivery and day.

Put here: comparing. Keep out: what follows from it (`planning`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.lake.manifest import LakeObject, TableList
from ingestion.lake.store import Store
from ingestion.lake.tables import WHOLE, LakeTable, plain_types
from ingestion.lake.versions import AT_ONCE

Piece = tuple[str | None, str]
"""Day (ISO) and delivery."""


@dataclass
class Registries:
    """Files of a raw schema with what tells their versions apart, as the warehouse has them and as the lake has."""

    here: dict[str, str] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> set[str]:
        """Files that are new, changed or gone."""
        return {file for file in self.here.keys() | self.there.keys() if self.here.get(file) != self.there.get(file)}


_REGISTRY = """
    select file_id::varchar, coalesce(_dlt_load_id, '') || coalesce('/' || mark, '')
    from {files} as files left join {marks} as marks using (file_id)
"""


def registry_here(db: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, str]:
    """The registry of the warehouse."""
    return dict(db.execute(_REGISTRY.format(files=f"{dataset}.files", marks=f"{dataset}._rewritten")).fetchall())


def registry_there(
    db: duckdb.DuckDBPyConnection, store: Store, files: TableList | None, marks: TableList | None
) -> dict[str, str]:
    """The registry that the lake has."""
    if files is None or marks is None or not files.objects:
        return {}
    with tempfile.TemporaryDirectory(prefix="costops-lake-") as folder:
        read_marks = "(select null::bigint as file_id, null::varchar as mark where false)"
        if marks.objects:
            read_marks = reading(fetched(store, marks.objects, Path(folder)))
        query = _REGISTRY.format(files=reading(fetched(store, files.objects, Path(folder))), marks=read_marks)
        return dict(db.execute(query).fetchall())


def has_unsettled(db: duckdb.DuckDBPyConnection, dataset: str, tables: Iterable[LakeTable]) -> bool:
    """Whether a landing was interrupted and left rows that do not count yet."""
    unsettled = f"coalesce(_dlt_load_id, '') not in (select load_id from {dataset}._settled_loads)"
    questions = [f"select 1 from {dataset}.files where {unsettled}"]
    questions += [
        f'select 1 from (select distinct t."{each.unit}" as f from {each.name} as t) '
        f"where f is null or f not in (select file_id from {dataset}.files)"
        for each in tables
        if each.unit
    ]
    return any(db.execute(f"{question} limit 1").fetchall() for question in questions)


def sums_here(db: duckdb.DuckDBPyConnection, table: LakeTable) -> dict[Piece, tuple[int, int]]:
    """Rows and sum of hashes by day and delivery."""
    rows = db.execute(
        f"select cast({table.day_sql} as varchar), {table.unit_sql}, count(*), sum({row_hash(table)}::hugeint) "
        f"from {table.name} as t group by 1, 2"
    ).fetchall()
    return {(day, unit): (count, total) for day, unit, count, total in rows}


def row_hash(table: LakeTable) -> str:
    """SQL of the hash of a row `t`."""
    return "hash(struct_pack(" + ", ".join(f'"{name}" := t."{name}"' for name in table.columns) + "))"


def rows_here(db: duckdb.DuckDBPyConnection, table: LakeTable, units: Iterable[str]) -> dict[Piece, int]:
    """Rows by day and delivery, of these deliveries."""
    if not table.unit:
        count = db.execute(f"select count(*) from {table.name}").fetchall()[0][0]
        return {(None, WHOLE): count} if count else {}
    db.register("wanted_units", pa.table({"unit": pa.array(sorted(units), pa.string())}))
    kind = table.columns[table.unit]
    rows = db.execute(
        f"select cast({table.day_sql} as varchar), {table.unit_sql}, count(*) from {table.name} as t "
        f'where t."{table.unit}" in (select try_cast(unit as {kind}) from wanted_units) '
        f"or (t.\"{table.unit}\" is null and exists (from wanted_units where unit = '-')) group by 1, 2"
    ).fetchall()
    db.unregister("wanted_units")
    return {(day, unit): count for day, unit, count in rows}


def engine(db: duckdb.DuckDBPyConnection) -> str:
    """The release whose hashes a fingerprint is made of."""
    return str(db.execute("select version()").fetchall()[0][0])


def differing(here: dict[Piece, tuple[int, int]], content: TableList | None, release: str) -> set[str]:
    """Deliveries whose rows are not those of the objects, one that another release wrote counts as such."""
    pieces: dict[tuple[str | None, tuple[str, ...]], list[LakeObject]] = {}
    for each in content.objects if content else ():
        pieces.setdefault(each.piece, []).append(each)
    found, covered = set(), set()
    for (day, units), objects in pieces.items():
        own = [here[day, unit] for unit in units if (day, unit) in here]
        covered |= {(day, unit) for unit in units}
        has = (sum(count for count, _ in own), f"{release}:{sum(total for _, total in own)}")
        if has != (sum(each.rows for each in objects), total_of(objects)):
            found |= set(units)
    return found | {unit for day, unit in here if (day, unit) not in covered}


def total_of(objects: Iterable[LakeObject]) -> str:
    """The fingerprint of objects together; empty where several releases made them."""
    parts = [each.fingerprint.rsplit(":", 1) for each in objects]
    releases = {release for release, _ in parts}
    return f"{releases.pop()}:{sum(int(total) for _, total in parts)}" if len(releases) == 1 else ""


def changed_units(
    db: duckdb.DuckDBPyConnection, table: LakeTable, content: TableList | None, registries: Registries | None,
    *, compare_all: bool, release: str,
) -> set[str]:  # fmt: skip
    """Deliveries that are new, changed or gone."""
    if content is not None and not compare_all and content.columns == plain_types(table):
        if table.is_registered and registries is not None:
            return registries.changed
        if table.gate and content.gate == gate_of(db, table):
            return set()
    is_other = content is not None and content.columns != plain_types(table)
    here = sums_here(db, table)
    found = {unit for _, unit in here} | all_units(content) if is_other else differing(here, content, release)
    return {WHOLE} if found and not table.unit else found


def all_units(content: TableList | None) -> set[str]:
    """Every delivery that a list has."""
    return {unit for each in (content.objects if content else ()) for unit in each.deliveries}


def gate_of(db: duckdb.DuckDBPyConnection, table: LakeTable) -> str:
    """What the table is known by; empty where it has no such thing."""
    if not table.gate:
        return ""
    return str(db.execute(f"select {table.gate} from {table.name} as t").fetchall()[0])


def fetched(store: Store, objects: Iterable[LakeObject], folder: Path) -> list[Path]:
    """Objects as files of this machine."""
    files: list[Path] = []
    missing: dict[str, Path] = {}
    for each in objects:
        here = store.local(each.path)
        files.append(here or folder / each.path.rsplit("/", 1)[-1])
        if here is None:
            missing[each.path] = files[-1]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(store.fetch, missing.keys(), missing.values()))
    return files


def reading(files: Iterable[Path], more: str = "") -> str:
    """SQL that reads Parquet files."""
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], hive_partitioning = false{more})"
