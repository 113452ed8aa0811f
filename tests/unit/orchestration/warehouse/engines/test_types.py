"""Values of every type keep their value and type on the way through Parquet, to the engine and back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion.raw_schemas import create_table_statements
from orchestration.warehouse.engines.types import as_parquet, duckdb_type, from_parquet, spark_type
from tests.support.warehouse import declared_table_statements

VALUES = {
    "varchar": "ø'\\",
    "bigint": -(2**63),
    "integer": 2**31 - 1,
    "boolean": True,
    "date": date(1999, 12, 31),
    "double": 0.1,
    "decimal(38,12)": Decimal("99999999999999999999999999.999999999999"),
    "varchar[]": ["a", None, ""],
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_went(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/New_York'")
        connection.execute(f"create table t (c {kind})")
        connection.execute("insert into t values (?), (null)", [VALUES[kind]])
        (known,) = connection.execute("select data_type from duckdb_columns() where table_name = 't'").fetchall()[0]
        connection.execute(f"copy (select {as_parquet('c', known)} from t) to '{file}' (format parquet)")
        back = from_parquet("c", spark_type(known))
        rows = connection.execute(f"select c, typeof(c) from (select {back} from read_parquet('{file}'))").fetchall()
    assert [value for value, _ in rows] == [VALUES[kind], None]
    assert {each for _, each in rows} == {known}


def test_the_widest_whole_numbers_keep_each_digit(tmp_path: Path) -> None:
    file, widest = tmp_path / "rows.parquet", 10**38 - 1
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select {widest}::hugeint as c")
        connection.execute(f"copy (select {as_parquet('c', 'HUGEINT')} from t) to '{file}' (format parquet)")
        assert connection.execute(f"select c from read_parquet('{file}')").fetchall() == [(Decimal(widest),)]
    assert str(pq.read_schema(file).field("c").type) == "decimal128(38, 0)"


def test_instants_that_spark_writes_with_a_zone_are_utc_whatever_the_readers_zone(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"copy (select timestamptz '2026-03-01 12:00:00+00' as c) to '{file}' (format parquet)")
        connection.execute("set timezone = 'Asia/Tokyo'")
        rows = connection.execute(f"select {from_parquet('c', 'timestamp')} from read_parquet('{file}')").fetchall()
    assert rows == [(datetime.fromisoformat("2026-03-01T12:00"),)]


def test_every_type_of_a_table_that_models_read_has_a_name_in_spark() -> None:
    with duckdb.connect() as connection:
        for statement in (*create_table_statements(), *declared_table_statements("ml", "alerts", "adjustments")):
            connection.execute(statement)
        kinds = {
            kind
            for (kind,) in connection.execute(
                "select distinct data_type from duckdb_columns() where not internal"
            ).fetchall()
        }
    assert len(kinds) > 5
    for kind in kinds:
        duckdb_type(spark_type(kind))


@pytest.mark.parametrize("kind", ["INTERVAL", "MAP(VARCHAR, VARCHAR)", "TIME"])
def test_a_type_without_a_name_is_an_error(kind: str) -> None:
    with pytest.raises(ValueError, match="no type of Spark is known"):
        spark_type(kind)
