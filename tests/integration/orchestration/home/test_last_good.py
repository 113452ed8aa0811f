"""A broken warehouse file is replaced by the last good one, or made anew, and said so."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.home.last_good import BROKEN_KEPT, heal, keep_last_good, last_good_path, problem_of

TORN_BLOCKS = int(os.environ.get("COSTOPS_TEST_TORN_BLOCKS", "6"))
BLOCK_BYTES = 262_144
HEADER_BYTES = 3 * 4096


def _fill(path: Path, *, rows: int = 60_000, name: str = "t") -> None:
    connection = duckdb.connect(str(path))
    connection.execute(f"create or replace table {name} as select i, hash(i) h, 'x' || i s from range({rows}) r(i)")
    connection.close()


def _rows(path: Path) -> int:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        return int(connection.execute("select count(distinct h) from t").fetchall()[0][0])
    finally:
        connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({}, tmp_path)
    _fill(found.warehouse_path)
    assert keep_last_good(found)
    return found


BREAKAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda b: b[: len(b) // 2],
    "empty": lambda b: b"",
    "text": lambda b: b"this is no database\n" * 100,
    "headers_zeroed": lambda b: bytes(HEADER_BYTES) + b[HEADER_BYTES:],
    "noise": lambda b: random.Random(7).randbytes(len(b)),
    "of_another_version": lambda b: b[:12] + (9999).to_bytes(8, "little") + b[20:],
    "half_a_header": lambda b: b[:6000],
    "data_zeroed": lambda b: b[:HEADER_BYTES] + bytes(len(b) - HEADER_BYTES),
}


@pytest.mark.parametrize("kind", BREAKAGES)
def test_a_broken_file_is_restored_and_said_so(settings: Settings, kind: str) -> None:
    path = settings.warehouse_path
    path.write_bytes(BREAKAGES[kind](path.read_bytes()))
    said: list[str] = []
    assert heal(settings, said.append)
    assert len(said) == 1
    assert "was broken" in said[0]
    assert _rows(path) == 60_000
    assert len(list((settings.home / "broken").glob("*.duckdb"))) == 1


def test_a_good_file_is_left_alone(settings: Settings) -> None:
    before = settings.warehouse_path.read_bytes()
    assert not heal(settings, pytest.fail, thorough=True)
    assert settings.warehouse_path.read_bytes() == before


def test_a_file_whose_free_blocks_at_the_end_were_cut_is_left_alone(settings: Settings) -> None:
    """The header counts them still: DuckDB writes it before it cuts the file."""
    path = settings.warehouse_path
    connection = duckdb.connect(str(path))
    connection.execute("create table big as select i, hash(i) h from range(2_000_000) r(i)")
    connection.execute("checkpoint")
    connection.execute("drop table big")
    connection.close()
    connection = duckdb.connect(str(path), read_only=True)
    counted = connection.execute("select block_size * total_blocks from pragma_database_size()").fetchall()[0][0]
    connection.close()
    assert path.stat().st_size < counted, "this file shows nothing"
    assert not heal(settings, pytest.fail, thorough=True)


def test_without_a_good_copy_the_file_goes_so_that_a_run_makes_it_anew(settings: Settings) -> None:
    last_good_path(settings).write_bytes(b"broken as well")
    settings.warehouse_path.write_bytes(b"broken")
    said: list[str] = []
    assert heal(settings, said.append)
    assert not settings.warehouse_path.exists()
    assert "builds it again" in said[0]


def test_only_the_newest_broken_files_stay(settings: Settings) -> None:
    for _ in range(BROKEN_KEPT + 2):
        settings.warehouse_path.write_bytes(b"broken")
        assert heal(settings, lambda _: None)
    assert len(list((settings.home / "broken").glob("*.duckdb"))) == BROKEN_KEPT


def test_a_broken_file_never_becomes_the_last_good_one(settings: Settings) -> None:
    settings.warehouse_path.write_bytes(b"broken")
    assert not keep_last_good(settings)
    assert _rows(last_good_path(settings)) == 60_000


def test_a_file_that_another_process_writes_is_not_broken(settings: Settings) -> None:
    import subprocess
    import sys

    code = (
        f"import duckdb, sys; c = duckdb.connect({str(settings.warehouse_path)!r}); print('open', flush=True); input()"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        assert other.stdout.readline().strip() == "open"
        assert not heal(settings, pytest.fail, thorough=True)
    finally:
        other.communicate("\n", timeout=30)


def test_blocks_torn_at_a_checkpoint_are_seen_and_mended(settings: Settings) -> None:
    """Half of a block that a checkpoint changed lies over the file of before, as a power cut in its write leaves it."""
    path = settings.warehouse_path
    before = path.read_bytes()
    connection = duckdb.connect(str(path))
    connection.execute("update t set s = 'y' || i where i % 3 = 0")
    for number in range(40):
        connection.execute(f"create table u{number} as select i, hash(i) h from range({1000 * number}) r(i)")
    connection.close()
    after = path.read_bytes()
    starts = range(HEADER_BYTES, min(len(before), len(after)), BLOCK_BYTES)
    changed = [at for at in starts if before[at : at + BLOCK_BYTES] != after[at : at + BLOCK_BYTES]]
    assert changed
    choose = random.Random(20261128)
    unreadable = 0
    for _ in range(TORN_BLOCKS):
        at = choose.choice(changed)
        cut = choose.randrange(512, BLOCK_BYTES, 512)
        path.write_bytes(before[:at] + after[at : at + cut] + before[at + cut :])
        problem = problem_of(path, thorough=True)
        if problem is not None:
            unreadable += 1
            assert heal(settings, lambda _: None, known=problem)
        assert _rows(path) == 60_000
    print(f"{unreadable} of {TORN_BLOCKS} torn blocks made the file unreadable; all homes healed")
