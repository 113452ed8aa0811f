"""Readers of PostgreSQL meanwhile: each transaction sees one version, however many are published.

`COSTOPS_TEST_PUBLICATIONS` sets how many publications there are (500 for the whole).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from uuid import uuid4

from orchestration.publishing.targets.postgres import write
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts
from tests.support.postgres import Server

PUBLICATIONS = int(os.environ.get("COSTOPS_TEST_PUBLICATIONS", "10"))
ROWS = 40
RETYPED_EVERY = 5
ORDERS = (("steady", "a", "b", "c", "a"), ("a", "b", "steady", "c", "a"))
"""What each looks at: one takes its snapshot with a mart that no publication changes, so that it holds none up."""
LINGER_SECONDS = 0.05


def poll(schema: str, order: Sequence[str]) -> str:
    """One transaction, which lingers after its first statement, where its snapshot is taken."""
    first, *others = [f"select count(*), min(run), max(run) from {schema}.{mart}" for mart in order]
    linger = f"select pg_sleep({LINGER_SECONDS} * random())"
    return "; ".join(("begin isolation level repeatable read", first, linger, *others, "commit"))


class Reader(threading.Thread):
    """Polls until told to stop; keeps what it saw that cannot be."""

    def __init__(self, server: Server, schema: str, order: Sequence[str]) -> None:
        super().__init__()
        self.server, self.order, self.question = server, order, poll(schema, order)
        self.done = threading.Event()
        self.versions: list[int] = []
        self.wrong: list[list[str]] = []
        self.refused: list[str] = []

    def run(self) -> None:
        with self.server.client() as client:
            while not self.done.is_set():
                lines = client.ask(self.question)
                if errors := [line for line in lines if line.startswith("ERROR")]:
                    self.refused.append(errors[0])
                    continue
                self.look_at([line for line in lines if line])

    def look_at(self, lines: list[str]) -> None:
        run = lines[-1].rpartition("|")[2]
        if lines == [f"{ROWS}|0|0" if mart == "steady" else f"{ROWS}|{run}|{run}" for mart in self.order]:
            self.versions.append(int(run))
        else:
            self.wrong.append(lines)


def publish_run(server: Server, schema: str, marts: PublishedMarts, run: int) -> None:
    extra = ("1::bigint as extra,", "'1' as extra,", "")[run // RETYPED_EVERY % 3]
    statements = [
        f"create or replace table marts.{mart} as select {extra} {run} as run, range as x from range({ROWS})"
        for mart in ("a", "b", "c")
    ]
    if run == 0:
        statements.append(f"create table marts.steady as select 0 as run from range({ROWS})")
    version = marts.change(*statements, a=str(run), b=str(run), c=str(run), steady="0")
    write([], [], version, url=server.url(), schema=schema)


def test_two_repeatable_readers_never_see_two_versions_in_one_transaction(
    server: Server, marts: PublishedMarts
) -> None:
    schema = f"m_{uuid4().hex[:8]}"
    publish_run(server, schema, marts, 0)
    readers = [Reader(server, schema, order) for order in ORDERS]
    for reader in readers:
        reader.start()
    try:
        for run in range(1, PUBLICATIONS + 1):
            publish_run(server, schema, marts, run)
    finally:
        for reader in readers:
            reader.done.set()
            reader.join(30)
    reads = sum(len(reader.versions) for reader in readers)
    refused = [error for reader in readers for error in reader.refused]
    print(f"{PUBLICATIONS} publications, {reads} transactions of readers, {len(refused)} refused")
    assert [reader.wrong for reader in readers] == [[], []]
    assert all(reader.versions == sorted(reader.versions) for reader in readers)
    assert {error for error in refused if "begin it anew" not in error} == set()
    assert len(set().union(*(reader.versions for reader in readers))) > PUBLICATIONS / 3
    assert len(refused) <= PUBLICATIONS  # at changes of columns, once a reader
