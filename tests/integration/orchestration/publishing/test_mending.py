"""A large mart is mended by its changed days and ends up as a whole copy would, in the database and in Parquet."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing import mending
from orchestration.publishing.mending import Mended, mend
from orchestration.publishing.published_copy import publish

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001
BIG = """create table marts.big as select date '2026-01-01' + (range // 10)::int as usage_date, range as id,
  (range / 7)::decimal(38, 12) as usd, case when range % 3 = 0 then 'x' || range end as note from range(1000)"""


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mending, "LARGE_ROWS", 100)
    path = tmp_path / "w.duckdb"
    change(path, "create schema marts", BIG, "create table marts.small as select 1 as x")
    return path


def change(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def is_whole(warehouse: Path, published: Path) -> bool:
    """The oracle: row for row, both ways, in the database, through its view and in the Parquet file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as w (read_only)")
        connection.execute(f"attach '{published}/costops.duckdb' as p (read_only)")
        differ = [
            connection.execute(f"select count(*) from (from {one} except all from {other})").fetchall()[0][0]
            for copy in ("p.marts.big", "p.main.big", f"'{published}/parquet/big.parquet'")
            for one, other in (("w.marts.big", copy), (copy, "w.marts.big"))
        ]
    return not any(differ)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Mended]:
    """What became of the large mart in each publication that could mend it."""
    found: list[Mended] = []

    def noted(*given: object) -> Mended:
        found.append(mend(*given))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr("orchestration.publishing.published_copy.mend", noted)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_after_any_changes_the_copy_is_the_mart(warehouse: Path, tmp_path: Path, seed: int, done: list[Mended]) -> None:
    chance = random.Random(seed)
    publish(warehouse, tmp_path / "p", now=NOON, contents={"big": "0", "small": "0"})
    for step in range(1, 7):
        day = f"date '2026-01-01' + {chance.randrange(120)}"
        edits: list[str] = [
            f"update marts.big set usd = usd + 0.000000000001 where usage_date = {day}",
            f"delete from marts.big where usage_date = {day}",
            f"insert into marts.big values ({day}, {step}, null, ''), (null, {step}, 0, null)",
            f"insert into marts.big (from marts.big where usage_date = {day})",
            f"update marts.big set usage_date = {day} where id = {chance.randrange(1000)}",
            "update marts.big set note = null where note = ''",
            "create or replace table marts.big as from marts.big order by hash(id)",
            "update marts.big set usd = 0 where id % 2 = 0",
        ]
        change(warehouse, chance.choice(edits), chance.choice(edits))
        publish(warehouse, tmp_path / "p", now=NOON, contents={"big": str(step), "small": "0"})
        assert is_whole(warehouse, tmp_path / "p"), (seed, step)
    assert len(done) == 6


def test_only_the_days_that_differ_are_written(warehouse: Path, tmp_path: Path, done: list[Mended]) -> None:
    folder = tmp_path / "p"
    publish(warehouse, folder, now=NOON, contents={"big": "0", "small": "0"})
    change(warehouse, "update marts.big set usd = 1 where usage_date = '2026-02-01'")
    assert "big" in publish(warehouse, folder, now=NOON, contents={"big": "1", "small": "0"}).written
    file = (folder / "parquet" / "big.parquet").stat()
    assert "big" not in publish(warehouse, folder, now=NOON, contents={"big": "2", "small": "0"}).written
    assert (folder / "parquet" / "big.parquet").stat().st_ino == file.st_ino  # the same rows: the same file
    change(warehouse, "update marts.big set usd = 2 where usage_date >= '2026-02-01'")
    publish(warehouse, folder, now=NOON, contents={"big": "3", "small": "0"})
    change(warehouse, "alter table marts.big drop column note")
    publish(warehouse, folder, now=NOON, contents={"big": "4", "small": "0"})
    assert done == [Mended.DAYS, Mended.SAME, Mended.NOT, Mended.NOT]
    assert is_whole(warehouse, folder)


def test_a_file_that_is_mended_for_ever_does_not_grow_for_ever(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "FEW_BLOCKS", 1)
    folder = tmp_path / "p"
    change(
        warehouse, "insert into marts.big select usage_date, id + 1000 * n, usd, note from marts.big, range(1, 10) t(n)"
    )
    sizes = []
    for step in range(8):
        change(warehouse, f"update marts.big set usd = {step} where usage_date >= '2026-03-20'")
        publish(warehouse, folder, now=NOON, contents={"big": str(step), "small": "0"})
        sizes.append((folder / "costops.duckdb").stat().st_size)
    assert max(sizes) <= 2 * sizes[0]
    assert is_whole(warehouse, folder)


def test_without_what_the_copy_was_made_from_it_is_mended_all_the_same(
    warehouse: Path, tmp_path: Path, done: list[Mended]
) -> None:
    """Rows are compared, so that it does not matter who wrote the copy, or which publication ended midway."""
    folder = tmp_path / "p"
    publish(warehouse, folder, now=NOON, contents={"big": "0", "small": "0"})
    (folder / "parquet" / "_contents.json").unlink()
    with duckdb.connect(str(folder / "costops.duckdb")) as connection:
        connection.execute("update marts.big set usd = 99 where usage_date = '2026-01-05'")
    publish(warehouse, folder, now=NOON, contents={"big": "0", "small": "0"})
    assert done == [Mended.DAYS]
    assert is_whole(warehouse, folder)
