"""Readers of the published copy never fail and never see two versions at once, however often it is published."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.home.lock import WarehouseIsLockedError, wait_until_free
from orchestration.publishing.published_copy import publish

SECONDS = float(os.environ.get("COSTOPS_TEST_READER_SECONDS", "3"))
READER = """
import sys, time, duckdb
from pathlib import Path
published, seconds = Path(sys.argv[1]), float(sys.argv[2])
reads, failed, mixed = 0, [], 0
print("ready", flush=True)
end = time.monotonic() + seconds
while time.monotonic() < end:
    for read in (
        lambda: duckdb.sql(f"select count(*), min(n), max(n) from '{published}/parquet/a.parquet'").fetchall()[0],
        lambda: [duckdb.sql(f"select min(n) from '{folder}/{x}.parquet'").fetchall()[0][0]
                 for folder in [(published / "parquet").resolve()] for x in "ab"],
        lambda: duckdb.connect(str(published / "costops.duckdb"), read_only=True).execute(
            "select count(*), min(n), max(n) from marts.a").fetchall()[0],
    ):
        reads += 1
        try:
            found = read()
            mixed += found[-1] != found[-2]
        except Exception as error:
            failed.append(str(error)[:200])
print(reads, mixed, len(failed), *failed[:1], sep="|")
"""


def _build(warehouse: Path, number: int) -> None:
    with duckdb.connect(str(warehouse)) as db:
        db.execute("create schema if not exists marts")
        for mart in "ab":
            db.execute(f"create or replace table marts.{mart} as select {number} n, hash(i) h from range(30000) r(i)")


def test_no_read_fails_while_new_versions_take_their_place(tmp_path: Path) -> None:
    warehouse, published = tmp_path / "w.duckdb", tmp_path / "published"
    _build(warehouse, 0)
    publish(warehouse, published)
    command = [sys.executable, "-c", READER, str(published), str(SECONDS)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    number, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        number += 1
        _build(warehouse, number)
        publish(warehouse, published)
        time.sleep(0.05)
    results = [reader.communicate(timeout=60)[0].strip().split("|") for reader in readers]
    print(f"{number} publications, readers (reads, mixed, failed): {results}")
    assert number >= 3
    for reads, mixed, failed, *words in results:
        assert int(reads) > 10
        assert (mixed, failed) == ("0", "0"), words


@pytest.fixture
def reader_that_never_closes(tmp_path: Path) -> Iterator[Path]:
    """Holds the warehouse, the published database and a Parquet file open, for reading, until the test is over."""
    warehouse, published = Settings.from_env({}, tmp_path).warehouse_path, tmp_path / "published"
    _build(warehouse, 1)
    publish(warehouse, published)
    code = (
        "import duckdb, sys\n"
        f"paths = ({str(warehouse)!r}, {str(published / 'costops.duckdb')!r})\n"
        "held = [duckdb.connect(path, read_only=True) for path in paths]\n"
        f"stream = open({str(published / 'parquet' / 'a.parquet')!r}, 'rb')\n"
        "print('open', flush=True); sys.stdin.read()\n"
        "print(held[1].execute('select min(n) from marts.a').fetchall()[0][0], len(stream.read()) > 0)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    try:
        yield tmp_path
    finally:
        assert process.communicate(timeout=30)[0] == "1 True\n", "the reader lost what it had open"


def test_a_reader_that_never_closes_is_named_after_a_stated_time(reader_that_never_closes: Path) -> None:
    """Its process is named, with what to do; what it has open of the published copy does not stop a publication."""
    warehouse = Settings.from_env({}, reader_that_never_closes).warehouse_path
    said: list[str] = []
    began = time.monotonic()
    with pytest.raises(WarehouseIsLockedError, match=r"(?s)after 1 s.*PID \d+.*Close it"):
        wait_until_free(warehouse, patience_seconds=1, tell=said.append)
    assert time.monotonic() - began < 10
    assert "up to 1 s" in said[0]
    other = reader_that_never_closes / "other.duckdb"
    _build(other, 2)
    publish(other, reader_that_never_closes / "published")
    with duckdb.connect(str(reader_that_never_closes / "published" / "costops.duckdb"), read_only=True) as db:
        assert db.execute("select min(n) from marts.a").fetchall() == [(2,)]
