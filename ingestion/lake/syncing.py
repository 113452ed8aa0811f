"""Brings a lake up to date with the warehouse: only deliveries that changed are written, all of them or none count.

Put here: the order of it, when a change is not believed. Keep out: what changed (`changes`), which objects follow
(`planning`), versions (`versions`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.lake.changes import (
    Registries,
    changed_units,
    engine,
    gate_of,
    has_unsettled,
    registry_here,
    registry_there,
    rows_here,
)
from ingestion.lake.checking import Verified
from ingestion.lake.manifest import TableList
from ingestion.lake.planning import deliveries_to_write, plan
from ingestion.lake.tables import LakeTable, plain_types
from ingestion.lake.versions import Lake
from ingestion.lake.writing import write_items
from ingestion.landing.shapes import FROM_FILES

Progress = Callable[[str], None]
_REGISTRIES = [f"{dataset}.files" for dataset in FROM_FILES]


class EmptyWarehouseError(Exception):
    """The warehouse has no landed file and the lake has: it is not emptied without a word."""


@dataclass
class SyncReport:
    """What one writing did."""

    version: int = 0
    tables_written: int = 0
    objects_written: int = 0
    rows_written: int = 0
    bytes_written: int = 0
    files_removed: int = 0
    notes: list[str] = field(default_factory=list)


def sync(
    db: duckdb.DuckDBPyConnection, lake: Lake, tables: Sequence[LakeTable], now: datetime,
    *, say: Progress | None = None, compare_all: bool = False, believe: bool = False, mend: Verified | None = None,
) -> SyncReport:  # fmt: skip
    """Write what changed of `tables` since the version in force, and put a new one in force; nothing where nothing did.

    `compare_all` looks at every row instead of the registries; `believe` takes a source out that lost all its files;
    `mend` writes objects and lists again that were found damaged.

    Raises:
        NotOursError: another home writes this lake.
        EmptyWarehouseError: the warehouse has no landed file and the lake has.
        UnreadableLakeError: what lies there is no lake.
    """
    lake.open(for_writing=True)
    lake.pass_over(mend.lost if mend else ())
    if not believe:
        _refuse_nothing(db, lake)
    there: Collection[str] = lake.own_files() if lake.was_unfinished else ()
    report = SyncReport(lake.current.version if lake.current else 0)
    writing = _Writing(db, lake, now, say or (lambda _: None), compare_all or lake.note.purge_due, there, report,
                       frozenset(mend.damaged if mend else ()))  # fmt: skip
    changed = writing.changed_lists(_believed(writing, tables, believe))
    if changed:
        report.version = lake.commit(changed, now).version
    is_purging = lake.note.purge_due
    report.files_removed = lake.clean(now)
    if is_purging and report.notes:
        lake.remember(purge_due=True)  # of what was passed over, objects may still say what is to be forgotten
    return report


@dataclass
class _Writing:
    """One writing under way."""

    db: duckdb.DuckDBPyConnection
    lake: Lake
    now: datetime
    say: Progress
    compare_all: bool
    there: Collection[str]
    report: SyncReport
    damaged: frozenset[str] = frozenset()
    registries: dict[str, Registries] = field(default_factory=dict)

    def changed_lists(self, tables: Iterable[LakeTable]) -> dict[str, TableList]:
        """Write what changed; the new lists of the tables that did."""
        release, changed = engine(self.db), {}
        tables = [table for table in tables if not self._is_known_unchanged(table)]
        self.lake.read_lists([table.name for table in tables])
        with tempfile.TemporaryDirectory(prefix="costops-lake-") as folder:
            for table in tables:
                content = self.lake.list_of(table.name)
                units = changed_units(
                    self.db, table, content, self.registries.get(table.schema),
                    compare_all=self.compare_all, release=release,
                )  # fmt: skip
                units |= {
                    unit
                    for each in (content.objects if content and self.damaged else ())
                    if each.path in self.damaged
                    for unit in each.deliveries
                }
                fresh = self._written(table, content or TableList(plain_types(table)), units, Path(folder))
                if content != fresh:
                    changed[table.name] = fresh
                    self.report.tables_written += 1
        return changed

    def _is_known_unchanged(self, table: LakeTable) -> bool:
        """Whether the registry alone says that there is nothing to do."""
        registries, entry = self.registries.get(table.schema), self.lake.entry_of(table.name)
        return (
            table.is_registered
            and not self.compare_all
            and not self.damaged
            and registries is not None
            and not registries.changed
            and entry is not None
            and entry.columns == plain_types(table)
        )

    def _written(self, table: LakeTable, content: TableList, units: set[str], folder: Path) -> TableList:
        if not units:
            return TableList(plain_types(table), content.objects, gate_of(self.db, table))
        rows = rows_here(self.db, table, deliveries_to_write(content.objects, units))
        kept, items = plan(content.objects, units, rows, self.now.date())
        if items:
            self.lake.begin()
        objects = write_items(self.db, self.lake.store, table, items, folder, there=self.there, say=self.say)
        self.report.objects_written += len(objects)
        self.report.rows_written += sum(each.rows for each in objects)
        self.report.bytes_written += sum(each.bytes for each in objects)
        by_name = sorted((*kept, *objects), key=lambda each: each.path)
        return TableList(plain_types(table), tuple(by_name), gate_of(self.db, table))


def _believed(writing: _Writing, tables: Sequence[LakeTable], believe: bool) -> list[LakeTable]:
    """The tables whose changes count now: not those of a landing that was interrupted, nor of one that lost all."""
    passed_over: set[str] = set()
    for dataset in FROM_FILES:
        own = [each for each in tables if each.schema == dataset]
        if not own:
            continue
        if has_unsettled(writing.db, dataset, own):
            passed_over.add(dataset)
            writing.report.notes.append(f"{dataset}: its last landing was interrupted; the lake keeps what it has")
            continue
        lists = (writing.lake.list_of(f"{dataset}.{table}") for table in ("files", "_rewritten"))
        found = Registries(registry_here(writing.db, dataset), registry_there(writing.db, writing.lake.store, *lists))
        writing.registries[dataset] = found
        if found.there and not found.here and not believe:
            passed_over.add(dataset)
            writing.report.notes.append(
                f"{dataset}: the warehouse has none of the {len(found.there):,} files that the lake has; they stay in "
                "the lake. If they were removed on purpose: costops lake sync --believe"
            )
    return [each for each in tables if each.schema not in passed_over]


def _refuse_nothing(db: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """A warehouse without any landed file is one that was lost, where the lake has some."""
    tables = lake.current.tables.items() if lake.current else ()
    there = sum(entry.rows for table, entry in tables if table in _REGISTRIES)
    if there and not any(db.execute(f"from {table} limit 1").fetchall() for table in _REGISTRIES):
        raise EmptyWarehouseError(
            f"the warehouse has no landed file and the lake has {there:,}: nothing was written. Give the warehouse "
            "what the lake has (costops lake restore), or take it out of the lake (costops lake sync --believe)"
        )
