"""The models on Spark, in a session of this process, give what they give on DuckDB: rows and types, whole and by parts.

Needs the extra `spark` and Java; skipped where either is not there. The first build by default, and that nothing new
builds nothing; a late file and every change of `test_incremental_build` with COSTOPS_TEST_SPARK=1 (`make scale`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingestion.config import Settings
from orchestration.home.paths import environment_of
from orchestration.running.due.nodes import is_view
from orchestration.warehouse.engines.spark import missing_for_spark
from tests.integration.dbt import test_incremental_build as changes
from tests.integration.dbt import tiny_company as company
from tests.integration.dbt.on_spark import OnSpark, behind
from tests.support.warehouse import ScratchWarehouse

EVERY_CHANGE = os.environ.get("COSTOPS_TEST_SPARK") == "1"
ENDS: tuple[str, ...] = ("fct_llm_usage_hourly", "int_llm_usage_daily", "int_tagged_usage_daily")
"""What is built with all that it is made from."""
if EVERY_CHANGE:
    ENDS = ("fct_allocated_costs_daily", "fct_unpriced_usage_daily", "int_tagged_usage_daily")
SELECTED = ("--select", *(f"+{name}" for name in ENDS))
MADE_FROM = ("_inputs_fingerprint", "file_version")
"""Columns whose values an engine makes its own way, and compares with its own."""

missing = missing_for_spark(Settings.from_env({}, Path()))
pytestmark = pytest.mark.skipif(missing is not None, reason=f"Spark {missing}")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSpark]:
    folder = tmp_path_factory.mktemp("spark")
    settings = Settings.from_env({"COSTOPS_ENGINE": "spark", "COSTOPS_IDENTITIES": "delivered"}, folder)
    warehouse = ScratchWarehouse.create(folder)
    company.small_company(warehouse)
    on_spark = OnSpark(warehouse, settings)
    with pytest.MonkeyPatch.context() as patch:
        # To compile for a speed that small tables never need takes Java longer than all of the work, be it code that
        # each statement would bring or Java's own; as do collectors of several threads.
        no_code = "-Dspark.sql.codegen.wholeStage=false"
        patch.setenv("JAVA_TOOL_OPTIONS", f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC {no_code}")
        for name, value in environment_of(settings).items():
            patch.setenv(name, value)
        try:
            on_spark.build(*ENDS, full=True)
            yield on_spark
        finally:
            on_spark.end_session()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    return company.built(tmp_path_factory.mktemp("reference"), *SELECTED)


def assert_equal(spark: OnSpark, reference: ScratchWarehouse) -> None:
    """Marts in rows and types; stored tables before them in rows, but for what says what they were made from."""
    tables = spark.there()
    assert len(tables) > 20
    for table in sorted(tables):
        here, there = table_of(spark.warehouse, table), table_of(reference, table)
        if table.startswith("marts."):
            assert here.schema == there.schema, table
        with duckdb.connect() as connection:
            connection.register("here", here)
            connection.register("there", there)
            names = [name for name in there.schema.names if name not in MADE_FROM and not name.endswith("fingerprint")]
            shown = ", ".join(f'"{name}"' for name in names)
            for one, other in (("here", "there"), ("there", "here")):
                rows = connection.execute(
                    f"select {shown} from {one} except all select {shown} from {other} limit 3"
                ).fetchall()
                assert rows == [], table


def table_of(warehouse: ScratchWarehouse, table: str) -> pa.Table:
    """A table or view as the warehouse gives it; its widest whole numbers as text."""
    with warehouse.connection() as connection:
        wide = [
            name
            for name, kind in connection.execute(f"select column_name, column_type from (describe {table})").fetchall()
            if kind in ("HUGEINT", "DECIMAL(38,0)")
        ]
        replaced = f" replace ({', '.join(f'{name}::varchar as {name}' for name in wide)})" if wide else ""
        return connection.execute(f"select *{replaced} from {table}").to_arrow_table()


def test_what_spark_builds_is_what_duckdb_builds(spark: OnSpark, reference: ScratchWarehouse) -> None:
    assert_equal(spark, reference)


def test_the_warehouse_has_every_view_and_no_table_twice(spark: OnSpark) -> None:
    views = {node.name for key in behind(spark.project, ENDS) if is_view(node := spark.project.nodes[key])}
    there = {name for (name,) in spark.warehouse.rows("select schema_name || '.' || view_name from duckdb_views()")}
    assert views <= there
    stored = spark.warehouse.rows(
        "select table_name from duckdb_tables() where schema_name in ('intermediate', 'marts')"
    )
    assert stored == []


@pytest.mark.skipif(not EVERY_CHANGE, reason="a minute and a half: set COSTOPS_TEST_SPARK=1")
def test_a_late_file_rewrites_the_days_it_touches(spark: OnSpark, reference: ScratchWarehouse) -> None:
    before = spark.files("intermediate.int_llm_usage_hourly")
    assert len(before) == 10
    for warehouse in (spark.warehouse, reference):
        changes.old_day_backfilled(warehouse)
    spark.end_session()
    built = spark.build(*ENDS)
    assert "intermediate.int_llm_usage_hourly" in built
    others = {"seeds.meters", "intermediate.int_price_versions", "intermediate.int_usage_reported"}
    assert others <= spark.there()
    assert built.isdisjoint(others)
    reference.dbt("run", *SELECTED, "--exclude", "path:models/staging")
    after = spark.files("intermediate.int_llm_usage_hourly")
    changed = {day for day in before if after.get(day) != before[day]}
    newest = sorted(before)[-3:]
    assert changed == {"2026-03-02", *newest}
    assert after.keys() == before.keys()
    assert_equal(spark, reference)


def test_nothing_new_builds_nothing(spark: OnSpark) -> None:
    before = spark.files("intermediate.int_llm_usage_hourly")
    assert spark.build(*ENDS) == set()
    assert spark.files("intermediate.int_llm_usage_hourly") == before


STEPS = [change for step in changes.CHANGES for change in step if change is not changes.old_day_backfilled]


@pytest.mark.skipif(not EVERY_CHANGE, reason="several minutes: set COSTOPS_TEST_SPARK=1")
@pytest.mark.parametrize("change", [each for each in STEPS if "earlier_version" not in each.__name__])
def test_building_on_what_is_there_gives_what_duckdb_gives(
    spark: OnSpark, reference: ScratchWarehouse, change: Callable[[ScratchWarehouse], None]
) -> None:
    for warehouse in (spark.warehouse, reference):
        change(warehouse)
    spark.build(*ENDS)
    reference.dbt("run", *SELECTED, "--exclude", "path:models/staging")
    assert_equal(spark, reference)
