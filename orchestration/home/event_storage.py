"""Dagster's SQLite event log that keeps its databases open from one event to the next.

Dagster opens and closes a database for each event. The last one to close makes SQLite copy its log back and sync both
files, so an event took ten milliseconds, of them four of CPU; now it takes one. What a run plans, an event
for each of its assets and checks, is stored in one transaction. Files and tables are Dagster's own.
Put here: how that storage connects. Keep out: what it stores.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

INDEX = "index"
"""The database of all runs' asset events; every other one belongs to a run."""
BUSY_SECONDS = 30
EVENTS_AT_ONCE = "DAGSTER_EVENT_BATCH_SIZE"
"""Dagster's setting: how many of the events that it has at one time it hands over together."""


class OpenEventLogStorage(SqliteEventLogStorage):
    """Keeps the index and the database of the run that was used last open, one connection each."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._opened_by = os.getpid()
        self._tables: set[str] = set()
        self._batch: dict[str, Connection] = {}
        self._batch_thread: int | None = None
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenEventLogStorage:
        """The storage that `dagster.yaml` names."""
        os.environ.setdefault(EVENTS_AT_ONCE, "2000")
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if self._batch_thread == get_ident():
            yield self._batch[shard]
            return
        with self._db_lock, self._begun(shard) as connection:
            yield connection

    @contextmanager
    def _begun(self, shard: str) -> Iterator[Connection]:
        engine = self._engine(shard)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        with engine.connect() as connection, connection.begin():
            yield connection

    def store_event(self, event: Any) -> None:
        """Store one event and touch its run's database, whose time is what watchers look at."""
        super().store_event(event)
        os.utime(self.path_for_shard(event.run_id))

    def store_event_batch(self, events: Sequence[Any]) -> None:
        """Store events of one run, all or none."""
        run_id = events[0].run_id
        with self._db_lock, ExitStack() as stack:
            self._batch = {shard: stack.enter_context(self._begun(shard)) for shard in (INDEX, run_id)}
            self._batch_thread = get_ident()
            try:
                for each in events:
                    super().store_event(each)
            finally:
                self._batch, self._batch_thread = {}, None
        os.utime(self.path_for_shard(run_id))

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; asked with each check's result, and a table never goes."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def wipe(self) -> None:
        """Delete all events."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close the databases."""
        super().dispose()
        self._close()

    def _engine(self, shard: str) -> Engine:
        if self._opened_by != os.getpid():  # SQLite's connections must not be used, nor closed, after a fork
            self._close(in_other_process=True)
        if shard not in self._engines:
            self._close(keep=INDEX)
            self._engines[shard] = _open(self.conn_string_for_shard(shard))
        return self._engines[shard]

    def _close(self, *, keep: str = "", in_other_process: bool = False) -> None:
        for shard in [shard for shard in self._engines if shard != keep]:
            self._engines.pop(shard).dispose(close=not in_other_process)
        self._opened_by = os.getpid()


def try_out() -> None:
    """Do once in a folder of its own what Dagster does with an event log; raises where a part of Dagster has moved."""
    used = ("_initdb", "conn_string_for_shard", "path_for_shard", "has_table", "store_event", "store_event_batch")
    for name in (*used, "wipe", "dispose"):
        if not callable(getattr(SqliteEventLogStorage, name, None)):
            raise AttributeError(f"SqliteEventLogStorage has no {name}")
    with TemporaryDirectory() as folder:
        storage = OpenEventLogStorage(folder)
        try:
            entry = EventLogEntry(None, "debug", "", "00000000-0000-0000-0000-000000000000", 0.0)
            storage.store_event(entry)
            storage.store_event_batch([entry, entry])
            if not storage.has_table("event_logs") or len(storage.get_logs_for_run(entry.run_id)) != 3:
                raise AttributeError("what SqliteEventLogStorage stores is not found again")
        finally:
            storage.dispose()


def _open(url: str) -> Engine:
    """An engine of one connection that leaves syncing to checkpoints: a power cut may lose events, a kill does not."""
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def sync_less(connection: Any, _record: Any) -> None:
        connection.execute("pragma synchronous=normal")

    return engine
