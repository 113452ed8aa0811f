"""Published copies in use: every answer belongs to one of them, whatever is swapped in meanwhile.

A copy is opened once, by the file that has its name at that moment, and stays open until the last answer from it is
given. Put here: opening, swapping, closing. Keep out: who may see what of it (`reading`).
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.serving.faults import NotNow
from orchestration.warehouse.connection import confine, connect

DATABASE = "published"
"""What the copy is attached as."""
_BY_DESCRIPTOR = Path("/proc/self/fd")
T = TypeVar("T")
Open = TypeVar("Open", bound="Publication | None")


class Publication:
    """One published copy, open for reading and nothing else."""

    def __init__(self, database: Path, identity: tuple[int, int, int]) -> None:
        self.identity = identity
        self.id = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
        self.connection = connect(":memory:")
        self._lock = threading.RLock()
        self._kept: dict[str, Any] = {}
        try:
            with _name_of(database, identity) as path:
                self.connection.execute(f"attach '{path}' as {DATABASE} (read_only)")
            confine(self.connection)
            rows = self.connection.execute(
                "select table_name, column_name, data_type from duckdb_columns() "
                "where database_name = ? and schema_name = ? order by table_name, column_index",
                [DATABASE, MART_SCHEMA],
            ).fetchall()
        except BaseException:
            self.connection.close()
            raise
        self.columns: dict[str, dict[str, str]] = {}
        for mart, column, kind in rows:
            self.columns.setdefault(mart, {})[column] = kind
        self.published_at_utc = self._published_at()

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """What is worked out once for this copy; making it may ask for something else that is kept."""
        if name in self._kept:
            return self._kept[name]
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            return self._kept[name]

    def peek(self, name: str) -> Any:
        """What was worked out already; None where it was not."""
        return self._kept.get(name)

    def close(self) -> None:
        """Let the file go."""
        self.connection.close()

    def _published_at(self) -> datetime | None:
        if "rpt_mart_status" not in self.columns:
            return None
        row = self.connection.execute(
            f"select max(published_at_utc) from {DATABASE}.{MART_SCHEMA}.rpt_mart_status"
        ).fetchone()
        return row[0] if row else None


class Publications:
    """The newest copy of a home, for as long as an answer from it takes."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._newest: Publication | None = None
        self._users: dict[int, int] = {}

    @contextmanager
    def current(self) -> Iterator[Publication]:
        """The newest copy, kept open meanwhile.

        Raises:
            NotNow: nothing is published, or the copy cannot be read.
        """
        publication = self._take()
        try:
            yield publication
        finally:
            self._give_back(publication)

    @property
    def is_open(self) -> bool:
        """Whether a copy is open, the newest or not."""
        return self._newest is not None

    def is_due(self) -> bool:
        """Whether another copy was swapped in, and nobody is opening it.

        Raises:
            NotNow: nothing is published.
        """
        newest = self._newest
        return newest is None or (newest.identity != _identity(self.database) and not self._opening.locked())

    def open_newest(self) -> None:
        """Have the newest copy open.

        Raises:
            NotNow: nothing is published, or the copy cannot be read.
        """
        self._give_back(self._take())

    @contextmanager
    def at_hand(self) -> Iterator[Publication]:
        """The copy that is open already, for who cannot wait until the newest is.

        Raises:
            NotNow: none is.
        """
        with self._lock:
            publication = self._counted(self._newest)
        if publication is None:
            raise NotNow("the published copy is not open", remedy="ask again")
        try:
            yield publication
        finally:
            self._give_back(publication)

    def close(self) -> None:
        """Close what nobody uses; the rest closes with its last answer."""
        self._become(None)

    def _take(self) -> Publication:
        if found := self._open_as(_identity(self.database)):
            return found
        with self._opening:
            return self._open_as(_identity(self.database)) or self._become(self._opened())

    def _open_as(self, identity: tuple[int, int, int]) -> Publication | None:
        """The copy that is open, where it is this file."""
        with self._lock:
            return self._counted(self._newest) if self._newest and self._newest.identity == identity else None

    def _counted(self, publication: Open) -> Open:
        if publication is not None:
            self._users[id(publication)] = self._users.get(id(publication), 0) + 1
        return publication

    def _become(self, fresh: Open) -> Open:
        """Take another copy for the newest; the former closes once nobody uses it."""
        with self._lock:
            former, self._newest = self._newest, fresh
            self._counted(fresh)
            is_idle = former is not None and not self._users.get(id(former))
        if former is not None and is_idle:
            former.close()
        return fresh

    def _opened(self) -> Publication:
        for _ in range(5):
            identity = _identity(self.database)
            try:
                return Publication(self.database, identity)
            except _SwappedMeanwhile:
                continue
            except duckdb.Error as error:
                raise NotNow(
                    f"the published copy cannot be read ({str(error).splitlines()[0][:120]})",
                    remedy="mend it with: costops repair",
                ) from None
        raise NotNow("the published copy changes faster than it can be opened", remedy="ask again")

    def _give_back(self, publication: Publication) -> None:
        with self._lock:
            self._users[id(publication)] -= 1
            is_idle = not self._users[id(publication)]
            if is_idle:
                del self._users[id(publication)]
            is_former = publication is not self._newest
        if is_idle and is_former:
            publication.close()


class _SwappedMeanwhile(Exception):
    """The name leads to another file by now."""


def _identity(database: Path) -> tuple[int, int, int]:
    try:
        found = database.stat()
    except OSError:
        raise NotNow("nothing is published yet", remedy="run: costops run (or costops demo)") from None
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _name_of(database: Path, identity: tuple[int, int, int]) -> Iterator[str]:
    """A name of exactly this file that no other copy has: DuckDB takes two files of one name for the same."""
    descriptor = os.open(database, os.O_RDONLY)
    link = None
    try:
        found = os.fstat(descriptor)
        if (found.st_ino, found.st_size, found.st_mtime_ns) != identity:
            raise _SwappedMeanwhile
        if _BY_DESCRIPTOR.is_dir():
            yield str(_BY_DESCRIPTOR / str(descriptor))
            return
        link = database.with_name(f".{database.name}.{os.getpid()}.{threading.get_ident()}.serving")
        os.link(database, link)
        yield str(link).replace("'", "''")
    finally:
        os.close(descriptor)
        if link is not None:
            link.unlink(missing_ok=True)
