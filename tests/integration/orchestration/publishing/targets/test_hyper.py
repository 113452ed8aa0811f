"""The file for Tableau, read back by Tableau's own engine, equals the marts. Needs `llm-cost-ops[hyper]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publishing.distribution import Delivery, TargetError
from orchestration.publishing.hyper_file import engine
from orchestration.publishing.targets import hyper
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts

KINDS = """create or replace table marts.kinds as select * from (values
  (1, 12345678901234567890123456.123456789012::decimal(38, 12), date '2026-02-28',
   timestamp '2026-02-28 23:59:59.123456', timestamptz '2026-03-01 00:30:00+02',
   true, 'O''Brien "x" ü😀', 0.1::double, 9007199254740993::bigint),
  (2, null, null, null, null, null, null, null, null),
  (3, -0.000000000001::decimal(38, 12), date '0001-01-01', timestamp '1970-01-01', timestamptz '2026-03-01', false, '',
   0::double, 0::bigint)) as t (id, cost_usd, usage_date, at_local, at_utc, is_paid, note, ratio, tokens)"""
USAGE = """create or replace table marts.rpt_usage_daily as select md5(range::text) as usage_daily_key,
  date '2026-01-01' + (range::int % 40) as usage_date, 'm' || range % 3 as model_id, 'team' || range % 4 as team_id,
  case when range % 2 = 0 then 'u1' end as user_id, (range * 1000)::bigint as total_tokens,
  case when range % 5 > 0 then (range / 7)::decimal(38, 12) end as contracted_cost_usd from range(500)"""


@pytest.fixture
def hyperd() -> Iterator[Any]:
    pytest.importorskip("tableauhyperapi", reason="Tableau's engine (290 MB) is an extra: llm-cost-ops[hyper]")
    with engine() as running:
        yield running


def published(marts: PublishedMarts, folder: Path, changed: list[str], *statements: str, **contents: str) -> Delivery:
    before = set(marts.contents)
    version = marts.change(*statements, **contents)
    with duckdb.connect(str(marts.database), read_only=True) as connection:
        for mart in version.contents:
            connection.execute(f"copy marts.{mart} to '{version.parquet(mart)}' (format parquet)")
    gone = sorted(before - version.contents.keys())
    return hyper.write(changed, gone, version, address=str(folder))


def read(hyperd: Any, folder: Path, query: str) -> list[list[Any]]:
    from tableauhyperapi import Connection

    with Connection(hyperd.endpoint, str(folder / "costops.hyper")) as connection:
        return connection.execute_list_query(query)


def test_values_and_types_read_back_as_they_are(hyperd: Any, marts: PublishedMarts, tmp_path: Path) -> None:
    from tableauhyperapi import Connection, TableName

    assert published(marts, tmp_path / "t", ["kinds"], KINDS, kinds="1").notes == ()
    with Connection(hyperd.endpoint, str(tmp_path / "t" / "costops.hyper")) as connection:
        columns = connection.catalog.get_table_definition(TableName("marts", "kinds")).columns
    assert {column.name.unescaped: str(column.type) for column in columns} == {
        "id": "INT", "cost_usd": "NUMERIC(38, 12)", "usage_date": "DATE", "at_local": "TIMESTAMP",
        "at_utc": "TIMESTAMP_TZ", "is_paid": "BOOL", "note": "TEXT", "ratio": "DOUBLE", "tokens": "BIG_INT",
    }  # fmt: skip
    as_text = "select {0} from marts.kinds order by id"
    for name in ("cost_usd", "usage_date", "at_local", "tokens", "note", "is_paid", "ratio"):
        with duckdb.connect(str(marts.database), read_only=True) as connection:
            ours = connection.execute(as_text.format(f"{name}::text")).fetchall()
        theirs = [(each[0],) for each in read(hyperd, tmp_path / "t", as_text.format(f"cast({name} as text)"))]
        if name in ("is_paid", "ratio"):
            words = {"t": "true", "f": "false", "0": "0.0"}
            theirs = [(words.get(each, each),) for (each,) in theirs]
        assert theirs == ours, name
    instants = read(hyperd, tmp_path / "t", "select extract(epoch from at_utc) from marts.kinds where id = 1")
    assert float(instants[0][0]) == 1_772_317_800  # 2026-02-28 22:30 UTC


def test_sums_equal_to_the_last_decimal_and_costs_has_its_seven_columns(
    hyperd: Any, marts: PublishedMarts, tmp_path: Path
) -> None:
    from tableauhyperapi import Connection, TableName

    published(marts, tmp_path / "t", ["rpt_usage_daily"], USAGE, rpt_usage_daily="1")
    sums = "select count(*), count(contracted_cost_usd), sum(contracted_cost_usd), sum(total_tokens) from {}"
    with duckdb.connect(str(marts.database), read_only=True) as connection:
        ours = list(connection.execute(sums.format("marts.rpt_usage_daily")).fetchall()[0])
    assert read(hyperd, tmp_path / "t", sums.format("marts.rpt_usage_daily")) == [ours]
    rows = read(hyperd, tmp_path / "t", 'select * from "Extract"."Costs" order by "tokens_used" limit 2')
    assert [str(value) for value in rows[1]] == [
        "c4ca4238a0b923820dcc509a6f75849b", "2026-01-02", "m1", "0.142857142857", "1000", "None", "team1",
    ]  # fmt: skip
    assert rows[0][3] is None  # unknown stays unknown
    with Connection(hyperd.endpoint, str(tmp_path / "t" / "costops.hyper")) as connection:
        columns = connection.catalog.get_table_definition(TableName("Extract", "Costs")).columns
    assert [(column.name.unescaped, str(column.type)) for column in columns] == [
        ("id", "TEXT"), ("date", "DATE"), ("model", "TEXT"), ("cost", "DOUBLE"), ("tokens_used", "BIG_INT"),
        ("user_id", "TEXT"), ("team_id", "TEXT"),
    ]  # fmt: skip
    count = read(hyperd, tmp_path / "t", 'select count(*), count("cost"), count("user_id") from "Extract"."Costs"')
    assert count == [[500, 400, 250]]


def test_only_what_changed_is_written_and_what_is_gone_goes(hyperd: Any, marts: PublishedMarts, tmp_path: Path) -> None:
    folder = tmp_path / "t"
    tables = {f"{name}": f"create or replace table marts.{name} as select 1 as x" for name in "abcd"}
    assert published(marts, folder, list(tables), *tables.values(), **dict.fromkeys(tables, "1")).figures == {
        "marts": 4,
        "marts_written": 4,
    }
    assert published(marts, folder, ["b"], "update marts.b set x = 2", b="2").figures["marts_written"] == 1
    assert read(hyperd, folder, "select a.x, b.x from marts.a, marts.b") == [[1, 2]]
    published(marts, folder, ["c"], "drop table marts.d", "update marts.c set x = 3", d="gone", c="2")
    names = "select tablename from pg_tables where schemaname = 'marts' order by 1"
    assert read(hyperd, folder, names) == [["a"], ["b"], ["c"]]
    (folder / "costops.hyper").write_bytes(b"torn")
    assert published(marts, folder, ["c"], "update marts.c set x = 4", c="3").figures["marts_written"] == 3
    assert read(hyperd, folder, "select a.x, b.x, c.x from marts.a, marts.b, marts.c") == [[1, 2, 4]]
    assert [path.name for path in folder.iterdir()] == ["costops.hyper"]


def test_without_the_engine_the_error_says_what_to_install(
    marts: PublishedMarts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tableauhyperapi", None)
    with pytest.raises(TargetError, match=r"install llm-cost-ops\[hyper\]"):
        published(marts, tmp_path / "t", ["a"], "create table marts.a as select 1 as x", a="1")
