"""A target gets the marts that it lacks, and no others: after a change, a failure, a move, a mart that went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.publishing.distribution import ConnectedTarget, PublishedVersion, are_behind, distribute
from orchestration.publishing.published_copy import publish
from orchestration.publishing.targets import connected_targets

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001
STATUS = "rpt_mart_status"


class Place:
    """A target that notes what it is given."""

    def __init__(self) -> None:
        self.given: list[tuple[list[str], list[str]]] = []
        self.fails = False

    def publish(self, changed: Sequence[str], gone: Sequence[str], _: PublishedVersion) -> None:
        if self.fails:
            raise OSError("hidden-password is refused")
        self.given.append(([*changed], [*gone]))


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create schema marts; create table marts.a as select 1 as x; create table marts.b as select 2 as x")
    return path


def version_of(warehouse: Path, folder: Path, **contents: str) -> PublishedVersion:
    return publish(warehouse, folder, now=NOON, contents=contents).version


def test_only_what_a_target_lacks_is_written(warehouse: Path, tmp_path: Path) -> None:
    folder, place = tmp_path / "published", Place()
    target = [ConnectedTarget("place", place.publish, ("hidden-password",))]
    first = version_of(warehouse, folder, a="1", b="1")
    assert are_behind(folder, first.contents, target) == ["place"]
    distribute(folder, first, target)
    assert are_behind(folder, first.contents, target) == []
    distribute(folder, version_of(warehouse, folder, a="1", b="2"), target)
    with duckdb.connect(str(warehouse)) as db:
        db.execute("drop table marts.a")
    distribute(folder, version_of(warehouse, folder, b="2"), target)
    # What the status of the marts was made from is not known, so it counts as changed.
    assert place.given == [(["a", "b", STATUS], []), (["b", STATUS], []), ([STATUS], ["a"])]


def test_a_target_that_failed_gets_all_it_lacks_and_costs_the_others_nothing(warehouse: Path, tmp_path: Path) -> None:
    folder, bad, good = tmp_path / "published", Place(), Place()
    targets = [ConnectedTarget("bad", bad.publish, ("hidden-password",)), ConnectedTarget("good", good.publish)]
    distribute(folder, version_of(warehouse, folder, a="1", b="1"), targets)
    bad.fails = True
    version = version_of(warehouse, folder, a="2", b="1")
    failed, done = distribute(folder, version, targets)
    assert failed.failure == "target bad: OSError: … is refused"
    assert done.failure is None
    assert are_behind(folder, version.contents, targets) == ["bad"]
    bad.fails = False
    distribute(folder, version_of(warehouse, folder, a="2", b="3"), targets)
    assert [given for given, _ in bad.given] == [["a", "b", STATUS], ["a", "b", STATUS]]
    assert [given for given, _ in good.given] == [["a", "b", STATUS], ["a", STATUS], ["b", STATUS]]


def test_another_place_has_nothing_yet(warehouse: Path, tmp_path: Path) -> None:
    folder, place = tmp_path / "published", Place()
    version = version_of(warehouse, folder, a="1", b="1")
    for value in ("one", "two"):
        distribute(folder, version, [ConnectedTarget("place", place.publish, (value,))])
    assert [given for given, _ in place.given] == [["a", "b", STATUS]] * 2
    assert "two" not in (folder / ".targets.json").read_text()


def test_a_folder_of_ones_own_has_the_marts_as_files(warehouse: Path, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "mine.txt").write_text("mine")
    settings = Settings.from_env({"COSTOPS_PUBLISH_FILES_DIR": str(share)}, tmp_path)
    targets = connected_targets(settings.publish_variables)
    folder = tmp_path / "published"
    distribute(folder, version_of(warehouse, folder, a="1", b="1"), targets)
    before = (share / "a.parquet").stat().st_mtime_ns
    with duckdb.connect(str(warehouse)) as db:
        db.execute("update marts.b set x = 3")
    distribute(folder, version_of(warehouse, folder, a="1", b="2"), targets)
    assert (share / "a.parquet").stat().st_mtime_ns == before
    assert duckdb.sql(f"select x from '{share}/b.parquet'").fetchall() == [(3,)]
    with duckdb.connect(str(warehouse)) as db:
        db.execute("drop table marts.a")
    distribute(folder, version_of(warehouse, folder, b="2"), targets)
    assert sorted(path.name for path in share.iterdir()) == [
        "_manifest.json", "b.parquet", "mine.txt", f"{STATUS}.parquet",
    ]  # fmt: skip
