"""Checks every file of a home that a run depends on, and mends what can be made again.

Put here: the order of checks, what follows from each. Keep out: how a warehouse is restored (`home.last_good`), how a
table that was changed by hand is filled (landing and dbt, in the run that follows).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingestion.api.pulls import MISSING, Ledger
from ingestion.api.spool import SNAPSHOT, Spool
from ingestion.config import Settings
from ingestion.landing import shapes
from ingestion.landing.keeping import PRICE_TABLES, KeptState
from ingestion.sources.ledger.records import read_ledger
from orchestration.home.clock import utc_now
from orchestration.home.last_good import heal, last_good_path, problem_of
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.home.paths import prepare_home
from orchestration.home.run_history import broken_history, set_broken_history_aside
from orchestration.running.due import state
from orchestration.warehouse import kept
from orchestration.warehouse.connection import connect, opened

Tell = Callable[[str], None]
BROKEN = ".broken"


class CannotRebuildError(RuntimeError):
    """The warehouse holds what its files do not, or there is no copy to restore."""


@dataclass
class Findings:
    """What was found: how much, whether a run mends the rest, and how much only a person can."""

    count: int = 0
    needs_run: bool = False
    for_a_person: int = 0


def repair(
    settings: Settings, tell: Tell, *, rebuild: bool = False, restore: bool = False, only_check: bool = False
) -> Findings:
    """Check all and mend what is broken; `only_check` changes nothing.

    `rebuild` puts the warehouse aside as it is, to be made again from files; `restore` puts the last good copy in its
    place.

    Raises:
        HomeIsBusyError: a run holds the home.
        WarehouseIsLockedError: another process keeps the warehouse open.
        CannotRebuildError: a file that only the warehouse stands in for is broken, or there is no good copy.
    """
    prepare_home(settings)
    with hold_home(settings):
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=tell)
        check = _Check(settings, tell, only_check)
        check.copy()
        check.warehouse()
        check.kept_state()
        check.spool()
        check.ledger()
        check.published()
        check.history()
        if rebuild and not only_check:
            check.rebuild()
        if restore and not only_check:
            check.restore()
        return check.findings


class _Check:
    """One walk through a home."""

    def __init__(self, settings: Settings, tell: Tell, only_check: bool) -> None:
        self.settings, self._tell, self._only_check = settings, tell, only_check
        self.findings = Findings()
        self._is_readable = False

    def _found(self, words: str, then: str, *, needs_run: bool = True, for_a_person: bool = False) -> None:
        self.findings.count += 1
        self.findings.needs_run |= needs_run
        self.findings.for_a_person += for_a_person
        self._tell(f"{words}; {then}")

    def copy(self) -> None:
        """The last good copy."""
        path = last_good_path(self.settings)
        problem = problem_of(path, thorough=True)
        if problem:
            self._found(
                f"last good copy: {problem}", "it is deleted, the next good run keeps a new one", needs_run=False
            )
            if not self._only_check:
                path.unlink()

    def warehouse(self) -> None:
        """The warehouse file, then whether its tables are those that runs left."""
        path = self.settings.warehouse_path
        if not path.exists():
            self._found("warehouse: there is none", "the next run builds it from the files")
            return
        problem = problem_of(path, thorough=True)
        if problem and self._only_check:
            self._found(f"warehouse: {problem}", "costops repair puts the last good copy in its place")
        elif problem:
            self.findings.count += 1
            self.findings.needs_run = True
            heal(self.settings, self._tell, known=problem)
        else:
            self._tell("warehouse: every table was read, nothing is broken")
        self._is_readable = not problem or (path.exists() and not self._only_check)
        if self._is_readable:
            with opened(self.settings.warehouse_path) as db:
                for words in changed_by_hand(db):
                    self._found(f"changed by hand: {words}", "the next run lands or builds it again")

    def kept_state(self) -> None:
        """Parts of the kept state; what the warehouse has is kept again."""
        state = KeptState(self.settings.state_dir)
        with duckdb.connect() as db:
            broken = state.broken(db)
        for part in broken:
            self._found(f"kept state: {part} cannot be read", "it is set aside; what the warehouse has is kept again")
            if not self._only_check:
                os.replace(part, part.with_name(part.name + BROKEN))
        if self._is_readable and not self._only_check:
            with opened(self.settings.warehouse_path) as db:
                if not changed_by_hand(db):
                    for table in (*PRICE_TABLES, *kept.KEPT):
                        state.keep(db, table)

    def spool(self) -> None:
        """What providers sent: each day can be read, else it is asked for again."""
        for folder in sorted(path for path in self.settings.spool_dir.glob("*") if path.is_dir()):
            spool = Spool(folder)
            for path in sorted(folder.glob("*/*.jsonl.gz")):
                if (problem := _problem_of_spooled(spool, path)) is None:
                    continue
                then = "it is set aside and asked for again; meanwhile the rows that were landed from it count"
                self._found(f"spool: {path} cannot be read ({problem})", then)
                if not self._only_check:
                    os.replace(path, path.with_name(path.name + BROKEN))
                    day = path.name.partition(".")[0]
                    Ledger(folder).mark(path.parent.name, None if day == SNAPSHOT else date.fromisoformat(day), MISSING,
                                        "its file in the spool was broken", utc_now())  # fmt: skip

    def ledger(self) -> None:
        """Closed months: nothing can make their records again."""
        for fault in read_ledger(self.settings.ledger_dir).faults:
            then = (
                "restore the record from a backup; until then the month counts as it was landed (costops verify-close)"
            )
            self._found(f"ledger: {fault}", then, needs_run=False, for_a_person=True)

    def published(self) -> None:
        """The published copy, as database and as Parquet."""
        database, folder = self.settings.published_database, self.settings.published_dir / "parquet"
        problem = problem_of(database, thorough=True)
        if problem:
            self._found(f"published copy: it was broken ({problem})", "the next run publishes it again")
            if not self._only_check:
                database.unlink()
        elif database.exists():
            for words in _problems_of_parquet(database, folder):
                self._found(f"published Parquet: {words}", "the next run publishes it again")

    def history(self) -> None:
        """Dagster's run history."""
        found = broken_history(self.settings)
        for path, problem in found.items():
            name = path.relative_to(self.settings.home)
            self._found(f"run history: {name}: {problem}", "it is set aside, no figure depends on it", needs_run=False)
        if not self._only_check:
            set_broken_history_aside(self.settings, self._tell, found)

    def rebuild(self) -> None:
        """Put the warehouse aside so that the next run makes it from files, where files have all that it has."""
        lost = [path for path in self.settings.spool_dir.glob(f"*/*/*{BROKEN}") if not path.with_suffix("").exists()]
        if (lost or self.findings.for_a_person) and self._is_readable:
            what = f"{len(lost)} broken files of the spool, such as {lost[0]}" if lost else "the ledger does not verify"
            raise CannotRebuildError(
                f"the warehouse holds rows that its files no longer have ({what}). Nothing was rebuilt. Restore these "
                "files from a backup or let costops run ask for the days again; then rebuild."
            )
        last_good_path(self.settings).unlink(missing_ok=True)
        if self.settings.warehouse_path.exists():
            heal(self.settings, self._tell, known="to be rebuilt")
        self.findings.needs_run = True

    def restore(self) -> None:
        """Put the last good copy in the place of a warehouse that can be read but is not wanted."""
        copy = last_good_path(self.settings)
        if not copy.exists() or problem_of(copy, thorough=True):
            raise CannotRebuildError(f"{copy} is no good copy. Nothing was changed. See costops repair --rebuild.")
        heal(self.settings, self._tell, known="to be replaced")
        self.findings.needs_run = True


def changed_by_hand(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Every table that has other columns or rows than landing or dbt gave it, and what is wrong."""
    found = [what for _, what in shapes.changes(db)]
    found += [f"{schema}.{name}: {what}" for schema, name, _, what in kept.changes(db)]
    found += [f"{name}: {what}" for name, what in state.changed_by_hand(db).values()]
    if not found:
        for dataset in shapes.FROM_FILES:
            if db.execute("from duckdb_tables() where schema_name = ? and table_name = 'files'", [dataset]).fetchall():
                found += [f"{dataset}: rows of {path}" for path in shapes.miscounted(db, dataset).values()]
    return found


def _problem_of_spooled(spool: Spool, path: Path) -> str | None:
    try:
        for _ in spool.read(path):
            pass
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        return str(error)[:100] or type(error).__name__
    return None


def _problems_of_parquet(database: Path, folder: Path) -> Iterator[str]:
    """Files that are missing, cannot be read, or have other rows than the published database."""
    with connect(database, read_only=True) as db:
        marts = db.execute("select table_name from duckdb_tables() where schema_name = 'marts' order by 1").fetchall()
        for (mart,) in marts:
            path = folder / f"{mart}.parquet"
            try:
                quoted = str(path).replace("'", "''")
                rows = db.execute(f"select count(*), bit_xor(hash(p)) from read_parquet('{quoted}') p").fetchall()[0]
            except duckdb.Error as error:
                yield f"{path.name} cannot be read ({str(error).splitlines()[0][:100]})"
                continue
            wanted = db.execute(f'select count(*) from {database.stem}.marts."{mart}"').fetchall()[0]
            if rows[0] != wanted[0]:
                yield f"{path.name} has {rows[0]:,} rows of {wanted[0]:,}"
