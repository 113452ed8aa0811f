"""Held-back marts keep their last good version in the published copy, and one mart says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.mart_health import HeldBack
from orchestration.publishing.published_copy import publish

NOON = datetime(2026, 6, 1, 12)  # noqa: DTZ001
HELD = HeldBack("the check x failed: got 1 result", "mend it", "2026-06-02T11:00:00")


class Home:
    """A warehouse with two marts, `a` a table and `b` a view on what may be bad."""

    def __init__(self, folder: Path) -> None:
        self.warehouse, self.published = folder / "warehouse.duckdb", folder / "published"

    def build(self, value: int, *marts: str) -> None:
        with duckdb.connect(str(self.warehouse)) as db:
            db.execute("create schema if not exists marts; create or replace table warehouse.main.upstream (x integer)")
            db.execute(f"insert into warehouse.main.upstream values ({value})")
            for mart in marts or ("a", "b"):
                kind = "view" if mart == "b" else "table"
                db.execute(f"create or replace {kind} marts.{mart} as select x from warehouse.main.upstream")

    def publish(self, day: int, **held_back: HeldBack) -> None:
        publish(self.warehouse, self.published, held_back, now=NOON + timedelta(days=day))

    def shown(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect() as db:
            db.execute(f"attach '{self.published / 'costops.duckdb'}' as copy (read_only)")
            db.execute("use copy.marts")
            return db.execute(sql).fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


STATUS = "select mart, status, published_at_utc, held_back_since_utc, reason, remedy from rpt_mart_status order by 1"


def test_all_is_current_where_nothing_is_held_back(home: Home) -> None:
    home.build(1)
    home.publish(0)
    assert home.shown("from a") == home.shown("from b") == [(1,)]
    assert home.shown(STATUS) == [("a", "current", NOON, None, None, None), ("b", "current", NOON, None, None, None)]


def test_a_held_back_mart_stays_as_it_was_and_says_since_when_and_why(home: Home) -> None:
    home.build(1)
    home.publish(0)
    home.build(2)
    for day in (1, 2):
        home.publish(day, b=HELD)
        assert (home.shown("from a"), home.shown("from b")) == ([(2,)], [(1,)])
        assert home.shown(STATUS)[1] == (
            "b", "stale", NOON, datetime(2026, 6, 2, 11), HELD.reason, HELD.remedy)  # fmt: skip  # noqa: DTZ001
        parquet = home.published / "parquet" / "b.parquet"
        assert duckdb.sql(f"from '{parquet}'").fetchall() == [(1,)]
    home.publish(3)
    assert home.shown("from b") == [(2,)]
    assert home.shown(STATUS)[1][1] == "current"


def test_a_mart_that_was_never_published_is_missing_and_named(home: Home) -> None:
    home.build(1, "a")
    home.publish(0, b=HELD)
    assert home.shown(STATUS)[1][:3] == ("b", "missing", None)
    with pytest.raises(duckdb.CatalogException):
        home.shown("from b")


def test_a_copy_from_before_there_was_a_status_gives_its_marts(home: Home) -> None:
    home.build(1)
    home.publish(0)
    with duckdb.connect(str(home.published / "costops.duckdb")) as db:
        db.execute("drop table marts.rpt_mart_status")
    home.build(2)
    home.publish(1, b=HELD)
    assert home.shown("from b") == [(1,)]
    assert home.shown(STATUS)[1][1] == "stale"


def test_a_damaged_copy_costs_the_held_back_marts_only(home: Home) -> None:
    home.build(1)
    home.publish(0)
    (home.published / "costops.duckdb").write_bytes(b"no database" * 1000)
    home.build(2)
    home.publish(1, b=HELD)
    assert home.shown("from a") == [(2,)]
    assert [row[1] for row in home.shown(STATUS)] == ["current", "missing"]
