"""What an engine built is shown by the warehouse under its name, in one step, and noted with what it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.running.due.state import changed_by_hand, contents, ready, write_plan
from orchestration.warehouse.engines.given import give
from orchestration.warehouse.engines.tables import (
    EngineTable,
    bring_back,
    built_table,
    drop_missing,
    drop_unknown,
    known_tables,
    leave,
    sweep,
)

NOON = datetime.fromisoformat("2026-03-01T12:00")
NOW = datetime.fromisoformat("2026-03-01")
COLUMNS = (("amount_usd", "decimal(38,12)"), ("at_utc", "timestamp"), ("usage_date", "date"))


class NotedSpark:
    """An engine that notes what it is told."""

    target = "spark"

    def __init__(self) -> None:
        self.declared: dict[str, str] = {}
        self.said: list[str] = []
        self.answer: list[tuple[str, str, str]] = []

    def run(self, statement: str) -> list[tuple[str, str, str]]:
        self.said.append(statement)
        return self.answer


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        ready(connection)
        known_tables(connection)
        write_plan(connection, [("model.m", "code", (), False), ("model.n", "code", (), False)])
        yield connection


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"COSTOPS_ENGINE": "spark"}, tmp_path / "home")


def by_day(folder: Path, **days: str) -> EngineTable:
    """A table as Spark writes it: a folder for each day, instants with a zone."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for day, amount in days.items():
            file = folder / f"usage_date={day.replace('_', '-').strip('-')}" / f"{amount}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select {amount}::decimal(38,12) as amount_usd, timestamptz '2026-03-01 12:00:00+00' as at_utc) "
                f"to '{file}' (format parquet)"
            )
    return EngineTable("marts.m", str(folder), COLUMNS, is_by_day=True)


def test_a_table_by_days_is_shown_with_its_types(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = by_day(tmp_path / "m", **{"2026_03_01": "1.5", "2026_03_02": "2.25"})
    bring_back(connection, "model.m", table, NOW, ("usage_date", "amount_usd", "at_utc"))
    found = connection.execute("select * from marts.m order by usage_date")
    assert [column[0] for column in found.description] == ["usage_date", "amount_usd", "at_utc"]
    rows = found.fetchall()
    assert [(str(day), amount, at) for day, amount, at in rows] == [
        ("2026-03-01", Decimal("1.5"), NOON),
        ("2026-03-02", Decimal("2.25"), NOON),
    ]
    assert contents(connection)["model.m"].row_count == 2
    assert changed_by_hand(connection) == {}
    assert known_tables(connection) == {"marts.m": table}


def test_a_table_without_rows_has_its_columns(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bring_back(connection, "model.m", EngineTable("marts.m", str(tmp_path), COLUMNS, is_by_day=True), NOW)
    assert connection.execute("select * from marts.m").fetchall() == []
    kinds = connection.execute("select data_type from duckdb_columns() where table_name = 'm'").fetchall()
    assert [kind for (kind,) in kinds] == ["DECIMAL(38,12)", "TIMESTAMP", "DATE"]


def test_a_column_that_only_new_days_have_is_null_before(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = by_day(tmp_path / "m", **{"2026_03_01": "1"})
    file = tmp_path / "m" / "usage_date=2026-03-02" / "new.parquet"
    file.parent.mkdir()
    connection.execute(
        "copy (select 2::decimal(38,12) as amount_usd, timestamptz '2026-03-01 12:00:00+00' as at_utc, 'x' as added) "
        f"to '{file}' (format parquet)"
    )
    grown = EngineTable("marts.m", table.location, (*COLUMNS, ("added", "string")), is_by_day=True)
    bring_back(connection, "model.m", grown, NOW)
    assert connection.execute("select added from marts.m order by usage_date").fetchall() == [(None,), ("x",)]


def test_the_same_rows_have_the_same_content_and_others_another(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = []
    for folder, amount in (("a", "1"), ("b", "1"), ("c", "2")):
        bring_back(connection, "model.m", by_day(tmp_path / folder, **{"2026_03_01": amount}), NOW)
        found.append(contents(connection)["model.m"].content)
    assert found[0] == found[1] != found[2]


def test_a_table_of_duckdb_gives_way(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute("create schema marts")
    connection.execute("create table marts.m as select 7 as amount_usd")
    bring_back(connection, "model.m", by_day(tmp_path / "m", **{"2026_03_01": "1"}), NOW)
    assert connection.execute("select amount_usd from marts.m").fetchall() == [(Decimal(1),)]


def test_a_table_that_cannot_be_shown_leaves_the_one_before(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = by_day(tmp_path / "m", **{"2026_03_01": "1"})
    bring_back(connection, "model.m", before, NOW)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "rows.parquet").write_bytes(b"no parquet")
    with pytest.raises(duckdb.Error):
        bring_back(connection, "model.m", EngineTable("marts.m", str(tmp_path / "broken"), COLUMNS, False), NOW)
    assert connection.execute("select amount_usd from marts.m").fetchall() == [(Decimal(1),)]
    assert known_tables(connection) == {"marts.m": before}


def test_files_that_nobody_names_go_and_the_others_stay(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    built = settings.engine.folder / "built" / "marts" / "m"
    bring_back(connection, "model.m", by_day(built / "first", **{"2026_03_01": "1"}), NOW)
    bring_back(connection, "model.m", by_day(built / "second", **{"2026_03_01": "2"}), NOW)
    sweep(connection, settings)
    assert [path.name for path in built.iterdir()] == ["second"]
    assert connection.execute("select amount_usd from marts.m").fetchall() == [(Decimal(2),)]


def test_a_table_whose_files_are_gone_is_due(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = by_day(tmp_path / "m", **{"2026_03_01": "1"})
    bring_back(connection, "model.m", table, NOW)
    (tmp_path / "m").rename(tmp_path / "elsewhere")
    (words,) = drop_missing(connection)
    assert words.startswith("the files of marts.m are gone")
    assert "model.m" not in contents(connection)
    assert known_tables(connection) == {}


def test_duckdb_takes_over_what_spark_built(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bring_back(connection, "model.m", by_day(tmp_path / "m", **{"2026_03_01": "1"}), NOW)
    assert leave(connection) == ["1 tables were built by Spark. DuckDB builds them anew"]
    assert connection.execute("select * from duckdb_views() where view_name = 'm'").fetchall() == []
    assert "model.m" not in contents(connection)
    assert leave(connection) == []


def test_a_table_from_elsewhere_is_not_built_on() -> None:
    spark = NotedSpark()
    spark.declared = {"marts.m": "/elsewhere", "marts.kept": "/here"}
    spark.answer = [("marts", "m", "false"), ("marts", "kept", "false")]
    drop_unknown(spark, {"marts.m", "marts.new", "marts.kept"}, {"marts.kept", "marts.other"})
    assert [words for words in spark.said if words.startswith("drop")] == ["drop table marts.m"]
    assert spark.declared == {"marts.kept": "/here"}


def test_what_a_killed_build_left_of_its_own_is_dropped() -> None:
    spark = NotedSpark()
    left = ("m__next", "m__made_1a2b3c4d", "m__fresh_00ff00ff")
    spark.answer = [("marts", name, "false") for name in (*left, "m", "fct__made_up", "rpt__next_month")]
    drop_unknown(spark, {"marts.m"}, {"marts.m"})
    assert [words for words in spark.said if words.startswith("drop")] == [f"drop table marts.{name}" for name in left]


def test_what_the_engine_says_of_a_table_is_understood() -> None:
    spark = NotedSpark()
    spark.answer = [
        ("amount_usd", "decimal(38,12)", ""),
        ("usage_date", "date", ""),
        ("# Partition Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("usage_date", "date", ""),
        ("", "", ""),
        ("# Detailed Table Information", "", ""),
        ("Location", "file:/home/spark/built/marts/m/1", ""),
    ]
    table = built_table(spark, "marts.m")
    assert table == EngineTable(
        "marts.m", "/home/spark/built/marts/m/1", (("amount_usd", "decimal(38,12)"), ("usage_date", "date")), True
    )


def test_a_raw_table_is_written_for_each_content_once(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    connection.execute("create schema raw_x")
    connection.execute("create table raw_x.t as select 1 as a, ['x'] as words")

    def noted(content: str) -> None:
        connection.execute("delete from build_state.built")
        connection.execute("insert into build_state.built values ('s', '', ?, 1, '', 'raw_x.t', null)", [content])

    def given() -> dict[str, int]:
        files = settings.engine.folder.glob("given/raw_x/t/*/*.parquet")
        return {path.parent.name: path.stat().st_mtime_ns for path in files}

    spark = NotedSpark()
    noted("first")
    give(connection, spark, settings, ["raw_x.t", "raw_x.missing"])
    first = given()
    give(connection, spark, settings, ["raw_x.t"])
    assert given() == first
    noted("second")
    give(connection, spark, settings, ["raw_x.t"])
    assert len(given()) == 1
    assert given().keys() != first.keys()
    created = [each for each in spark.said if each.startswith("create table")]
    assert len(created) == 2
    assert created[0].startswith("create table raw_x.t (`a` int, `words` array<string>) using parquet")
