"""One opened file for a run, closed while dbt or an attached database has it; one thread while it is small."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.connection import SMALL_BYTES, kept_open, let_go, on_threads_for, opened, threads_for
from tests.support import warehouse as scratch
from tests.support.warehouse import ScratchWarehouse


def test_what_a_kept_file_holds_is_on_disk_while_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with kept_open(path):
        with opened(path) as connection:
            connection.execute("create table calls as select 3 as call_count")
        with let_go(path):
            assert not path.with_suffix(".duckdb.wal").exists()
            with duckdb.connect(str(path), read_only=True, config={"threads": "1"}) as other:
                assert other.execute("from calls").fetchall() == [(3,)]
        with opened(path) as connection:
            connection.execute("insert into calls values (4)")
        with pytest.raises(duckdb.ConnectionException, match="different configuration"):
            duckdb.connect(str(path), read_only=True)
    with duckdb.connect(str(path), read_only=True) as other:
        assert other.execute("from calls").fetchall() == [(3,), (4,)]


def test_a_file_that_nothing_keeps_open_is_not_opened_by_letting_go(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with let_go(path):
        pass
    assert not path.exists()
    with kept_open(path):
        gone = let_go(path)
        gone.__enter__()
    gone.__exit__(None, None, None)
    with duckdb.connect(str(path), read_only=True):
        pass


def test_a_small_warehouse_is_built_by_one_thread_and_a_large_one_by_all_cores(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    assert threads_for(path) == "1"
    usual = duckdb.sql("select current_setting('threads')").fetchone()
    for size, threads in ((SMALL_BYTES - 1, (1,)), (SMALL_BYTES, usual)):
        with path.open("wb") as file:
            file.truncate(size)
        with on_threads_for(path, duckdb.connect()) as connection:
            assert connection.execute("select current_setting('threads')").fetchone() == threads


def test_dbt_is_told_how_many_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = ScratchWarehouse.create(tmp_path)
    monkeypatch.setattr(scratch, "threads_for", lambda path: "0")
    with pytest.raises(AssertionError, match="at least 1 thread"):
        warehouse.dbt("seed", "--select", "meters")
