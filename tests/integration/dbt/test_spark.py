"""The models on Spark, in a session of this process, give what they give on DuckDB: rows and types, whole and by parts.

Needs the extra `spark` and Java; skipped where either is not there. One change after the first build by default,
every one of `test_incremental_build` with COSTOPS_TEST_SPARK=1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion.config import Settings
from orchestration.home.dbt_project import manifest_path
from orchestration.home.paths import environment_of
from orchestration.running.dbt_invocation import DbtOutcome
from orchestration.running.due.nodes import Project, read_project
from orchestration.running.due.state import note_contents, ready, write_plan
from orchestration.running.spark_build import build_on_spark, is_view
from orchestration.warehouse.engines.spark import SessionSpark, missing_for_spark, started
from orchestration.warehouse.engines.tables import known_tables
from tests.integration.dbt import test_incremental_build as changes
from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

NOW = datetime.fromisoformat("2026-06-02")
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


@dataclass
class OnSpark:
    """A scratch warehouse whose tables Spark builds, and the home around it."""

    warehouse: ScratchWarehouse
    settings: Settings
    statuses: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return read_project(manifest_path(self.settings))

    def end_session(self) -> None:
        """As the end of a process does: the next build is told of the tables that are there."""
        session = started(self.settings)
        assert isinstance(session, SessionSpark)
        session.stop()

    def build(self, *names: str, full: bool = False) -> None:
        """Build these models and all that they are made from, as a run does."""
        project, manifest = self.project, json.loads(manifest_path(self.settings).read_text())
        nodes = behind(project, names)
        with self.warehouse.connection() as connection:
            ready(connection)
            note_contents(connection, project.sources, NOW)
            rows = [(node.id, node.code_key, node.reads, False) for node in project.nodes.values()]
            write_plan(connection, rows)
        outcome = DbtOutcome()
        named: dict[str, Any] = {"select": [project.nodes[node].name.rpartition(".")[2] for node in sorted(nodes)]}
        for _ in build_on_spark(
            self.settings, outcome, project, manifest, nodes=nodes, exclude=(), variables={}, now=NOW,
            full_refresh=full, without=("test",), **named,
        ):  # fmt: skip
            pass
        assert set(outcome.statuses.values()) == {"success"}, outcome.messages
        assert set(outcome.statuses) == nodes

    def files(self, table: str) -> dict[str, set[str]]:
        """Names of a table's files by day."""
        with self.warehouse.connection() as connection:
            known = known_tables(connection)[table]
        found: dict[str, set[str]] = {}
        for path in known.files:
            found.setdefault(path.parent.name.removeprefix("usage_date="), set()).add(path.name)
        return found


def behind(project: Project, names: tuple[str, ...]) -> set[str]:
    """Ids of models and seeds by these names and of all that they read, however indirectly."""
    left = [node.id for node in project.nodes.values() if node.name.rpartition(".")[2] in names]
    found: set[str] = set()
    while left:
        node = project.nodes.get(left.pop())
        if node and node.id not in found:
            found.add(node.id)
            left += node.parents
    return found


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSpark]:
    folder = tmp_path_factory.mktemp("spark")
    settings = Settings.from_env({"COSTOPS_ENGINE": "spark", "COSTOPS_IDENTITIES": "delivered"}, folder)
    warehouse = ScratchWarehouse.create(folder)
    company.small_company(warehouse)
    on_spark = OnSpark(warehouse, settings)
    with pytest.MonkeyPatch.context() as patch:
        # To compile for a speed that small tables never need takes Java longer than all of the work.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
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
    with spark.warehouse.connection() as connection:
        tables = sorted(known_tables(connection))
    assert len(tables) > 20
    for table in tables:
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


def test_a_late_file_rewrites_the_days_it_touches(spark: OnSpark, reference: ScratchWarehouse) -> None:
    before = spark.files("intermediate.int_llm_usage_hourly")
    assert len(before) == 10
    for warehouse in (spark.warehouse, reference):
        changes.old_day_backfilled(warehouse)
    spark.end_session()
    spark.build(*ENDS)
    reference.dbt("run", *SELECTED, "--exclude", "path:models/staging")
    after = spark.files("intermediate.int_llm_usage_hourly")
    changed = {day for day in before if after.get(day) != before[day]}
    newest = sorted(before)[-3:]
    assert changed == {"2026-03-02", *newest}
    assert after.keys() == before.keys()
    assert_equal(spark, reference)


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
