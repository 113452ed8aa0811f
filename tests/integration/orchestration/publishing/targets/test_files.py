"""Folders and buckets hold what the marts hold, month by month where a mart is large; only changes are written."""

from __future__ import annotations

import json
import os
import random
import stat
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import fsspec
import pytest

from orchestration.publishing.distribution import Delivery, PublishedVersion, TargetError, distribute
from orchestration.publishing.parts import parts_of
from orchestration.publishing.targets import connected_targets, files, focus
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts
from tests.support.buckets import SECRET, bucket_server

BIG = """create or replace table marts.big as select date '2026-01-01' + (range::int % 90) as usage_date, range as x,
  '=1+' || range as note from range(900)"""
CHARGES = """create or replace table marts.focus_cost_and_usage as select
  timestamp '2026-01-01' + to_months((range % 3)::int) as "BillingPeriodStart",
  (range / 8)::decimal(38, 12) as "BilledCost", '-' || range || ' off' as "ChargeDescription" from range(60)"""


def version_of(marts: PublishedMarts, *statements: str, **contents: str) -> PublishedVersion:
    version = marts.change(*statements, **contents)
    with duckdb.connect(str(marts.database), read_only=True) as connection:
        for mart in version.contents:
            connection.execute(f"copy marts.{mart} to '{version.parquet(mart)}' (format parquet)")
    return version


def write(version: PublishedVersion, address: object, formats: str = "parquet") -> Delivery:
    return files.write([], [], version, address=str(address), formats=formats)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_large_mart_is_a_folder_of_months_and_only_those_that_changed_are_written(
    marts: PublishedMarts, tmp_path: Path, small_is_large: None
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "mine.txt").write_text("mine")
    (share / "big.parquet").write_text("of a publication before marts were cut")
    figures = write(version_of(marts, BIG, "create table marts.a as select 1 as x", big="1", a="1"), share).figures
    assert figures == {"files_written": 4, "rows_written": 901}
    months = [f"big/month=2026-0{month}/big.parquet" for month in (1, 2, 3)]
    assert names(share) == ["_manifest.json", "a.parquet", *months, "mine.txt"]
    before = {name: (share / name).stat().st_mtime_ns for name in months}
    figures = write(
        version_of(marts, "update marts.big set x = 0 where usage_date = '2026-02-02'", big="2"), share
    ).figures
    assert figures == {"files_written": 1, "rows_written": 280}
    assert [name for name in months if (share / name).stat().st_mtime_ns != before[name]] == [months[1]]
    listed = json.loads((share / "_manifest.json").read_text())["marts"]["big"]["parts"]
    assert [(part["month"], part["rows"], part["files"]) for part in listed] == [
        ("2026-01", 310, [months[0]]),
        ("2026-02", 280, [months[1]]),
        ("2026-03", 310, [months[2]]),
    ]
    (share / months[0]).unlink()  # somebody's mistake
    assert write(version_of(marts), share).figures["files_written"] == 1
    write(
        version_of(
            marts, "drop table marts.a", "delete from marts.big where usage_date < '2026-02-01'", big="3", a="gone"
        ),
        share,
    )
    assert names(share) == ["_manifest.json", *months[1:], "mine.txt"]


@pytest.mark.parametrize("seed", range(2))
def test_after_any_changes_the_files_are_the_mart(
    marts: PublishedMarts, tmp_path: Path, small_is_large: None, seed: int
) -> None:
    """The oracle reads all files with DuckDB and compares row by row."""
    chance = random.Random(seed)
    version_of(marts, BIG, big="0")
    for step in range(7):
        day = f"date '2026-01-01' + {chance.randrange(120)}"
        edit = chance.choice([
            f"update marts.big set x = x + 1 where usage_date = {day}",
            f"delete from marts.big where usage_date = {day}",
            f"insert into marts.big values ({day}, {step}, null), (null, {step}, 'undated')",
            f"update marts.big set usage_date = {day} where x = {chance.randrange(900)}",
            f"update marts.big set note = null where x % 7 = {step}",
            "create or replace table marts.big as select * from marts.big order by random()",
            f"delete from marts.big where x > {chance.randrange(880, 900)}",
        ])  # fmt: skip
        write(version_of(marts, edit, big=str(step + 1)), tmp_path / "share")
        with duckdb.connect(str(marts.database), read_only=True) as connection:
            theirs = f"(select usage_date, x, note from '{tmp_path}/share/big/*/*.parquet')"
            for one, other in (("marts.big", theirs), (theirs, "marts.big")):
                assert connection.execute(f"select count(*) from (from {one} except all from {other})").fetchall() == [
                    (0,)
                ]


def test_formats_stand_side_by_side_and_go_with_their_name(marts: PublishedMarts, tmp_path: Path) -> None:
    version = version_of(marts, "create table marts.a as select '=1' as x, 0.5::decimal(38, 12) as usd", a="1")
    write(version, tmp_path / "s", "parquet, csv,jsonl")
    assert names(tmp_path / "s") == ["_manifest.json", "a.csv", "a.jsonl", "a.parquet"]
    assert (tmp_path / "s" / "a.csv").read_text() == "x,usd\n'=1,0.500000000000\n"
    assert (tmp_path / "s" / "a.jsonl").read_text() == '{"x":"=1","usd":0.500000000000}\n'
    write(version, tmp_path / "s", "csv.gz")
    assert names(tmp_path / "s") == ["_manifest.json", "a.csv.gz"]
    with pytest.raises(
        TargetError, match=r"COSTOPS_PUBLISH_FILES_FORMATS: there is no format 'xlsx'; there are csv, csv.gz"
    ):
        write(version, tmp_path / "s", "xlsx")


def test_focus_goes_out_by_billing_month_under_its_exact_names(marts: PublishedMarts, tmp_path: Path) -> None:
    version = version_of(
        marts, CHARGES, "create table marts.focus_billing_period as select 1 as x",
        "create table marts.a as select 1 as x",
        focus_cost_and_usage="1", focus_billing_period="1", a="1",
    )  # fmt: skip
    folder = tmp_path / "focus"
    focus.write([], [], version, address=str(folder), formats="csv.gz")
    months = [f"focus_cost_and_usage/billing_month=2026-0{n}/focus_cost_and_usage.csv.gz" for n in (1, 2, 3)]
    assert names(folder) == ["_manifest.json", "focus_billing_period.csv.gz", *months]
    assert duckdb.sql(
        f"select * from read_csv('{folder / months[0]}', all_varchar=true, hive_partitioning=false) order by 2 limit 1"
    ).fetchall() == [("2026-01-01 00:00:00", "0.000000000000", "'-0 off")]
    version = version_of(
        marts, 'update marts.focus_cost_and_usage set "BilledCost" = 9 where "BilledCost" = 0', focus_cost_and_usage="2"
    )
    assert focus.write([], [], version, address=str(folder), formats="csv.gz").figures["files_written"] == 1


@pytest.mark.parametrize("address", ["memory://{}/share", "file:///{}/share"])
def test_any_store_that_fsspec_knows(marts: PublishedMarts, tmp_path: Path, small_is_large: None, address: str) -> None:
    url = address.format(uuid4().hex if address.startswith("memory") else str(tmp_path / "f").lstrip("/"))
    write(version_of(marts, BIG, big="1"), url)
    write(version_of(marts, "delete from marts.big where usage_date >= '2026-03-01'", big="2"), url)
    store, root = fsspec.core.url_to_fs(url)
    found = sorted(path.removeprefix(root.rstrip("/") + "/") for path in store.find(root))
    assert found == ["_manifest.json", "big/month=2026-01/big.parquet", "big/month=2026-02/big.parquet"]


def test_a_bucket(marts: PublishedMarts, tmp_path: Path, small_is_large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server(monkeypatch, "costs") as client:
        write(version_of(marts, BIG, big="1"), "s3://costs/share")
        write(version_of(marts, "delete from marts.big where usage_date >= '2026-02-01'", big="2"), "s3://costs/share")
        keys = [each["Key"] for each in client.list_objects_v2(Bucket="costs")["Contents"]]
        assert keys == ["share/_manifest.json", "share/big/month=2026-01/big.parquet"]
        (target,) = connected_targets({"COSTOPS_PUBLISH_FILES_DIR": "s3://no-such-bucket/x"})
        (done,) = distribute(marts.folder, version_of(marts), [target])
        assert done.failure is not None
        assert done.failure.startswith("target files: the place of COSTOPS_PUBLISH_FILES_DIR cannot be ")
        assert SECRET not in done.failure


def test_a_folder_that_cannot_be_made_and_a_store_without_its_package_are_named(
    marts: PublishedMarts, tmp_path: Path
) -> None:
    version = version_of(marts, "create table marts.a as select 1 as x", a="1")
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError, match="COSTOPS_PUBLISH_FILES_DIR: the folder cannot be made"):
        write(version, tmp_path / "file" / "x")
    with pytest.raises(TargetError, match="COSTOPS_PUBLISH_FILES_DIR: no such address"):
        write(version, "nowhere://x")


def test_who_may_read_the_folder_may_read_the_files(
    marts: PublishedMarts, tmp_path: Path, small_is_large: None
) -> None:
    """Runs make everything for their user alone; a share is for others."""
    share, before = tmp_path / "share", os.umask(0o077)
    try:
        share.mkdir()
        share.chmod(0o2755)
        write(version_of(marts, BIG, big="1"), share)
        write(version_of(marts), tmp_path / "own")
    finally:
        os.umask(before)
    rights = {name: stat.S_IMODE((share / name).stat().st_mode) for name in ("big", *names(share))}
    assert rights == {"big": 0o2755} | dict.fromkeys(names(share), 0o644)
    assert stat.S_IMODE((tmp_path / "own" / "_manifest.json").stat().st_mode) == 0o600


def test_a_writing_that_ends_midway_leaves_whole_files_and_is_taken_up(
    marts: PublishedMarts, tmp_path: Path, small_is_large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    write(version_of(marts, BIG, big="1"), share)
    put, done = files.place_at(str(share), "x").put.__func__, []  # type: ignore[attr-defined]

    def fails_at_the_second(self: object, file: Path, name: str) -> None:
        done.append(name)
        if len(done) == 2:
            raise TargetError("the disk is full")
        put(self, file, name)

    monkeypatch.setattr("orchestration.publishing.places.Place.put", fails_at_the_second)
    with pytest.raises(TargetError, match="full"):
        write(version_of(marts, "update marts.big set x = -1 where usage_date < '2026-04-01'", big="2"), share)
    monkeypatch.undo()
    monkeypatch.setitem(parts_of.__kwdefaults__, "large_rows", 100)  # type: ignore[arg-type]
    count = f"select count(*) filter (x = -1), count(*) from '{share}/big/*/*.parquet'"
    assert duckdb.sql(count).fetchall() == [(310, 900)]  # of January the new file, of the others the old ones
    write(version_of(marts, big="3"), share)
    assert duckdb.sql(count).fetchall() == [(900, 900)]
    assert datetime.fromisoformat(json.loads((share / "_manifest.json").read_text())["published_at_utc"])
