"""The published database as a BI tool meets it: names with and without schema, meanings, its former name."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.vocabulary.settings import PUBLISHED_DATABASE
from orchestration.publishing.descriptions import descriptions_of
from orchestration.publishing.published_copy import publish

MANIFEST = {
    "nodes": {
        "model.p.rpt_cost_monthly": {
            "resource_type": "model",
            "schema": "marts",
            "alias": "rpt_cost_monthly",
            "description": "Cost by month,\n  the team's too.",
            "columns": {"cost_usd": {"description": "What it cost; NULL is unknown."}},
        },
        "model.p.fct_focus": {
            "resource_type": "model",
            "schema": "marts",
            "alias": "fct_focus",
            "description": "Columns as FOCUS spells them.",
            "columns": {"billedcost": {"description": "What is invoiced."}, "gone": {"description": "No more."}},
        },
        "model.p.int_costs": {"resource_type": "model", "schema": "intermediate", "alias": "int_costs"},
    }
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Two marts, one with names in mixed case."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create schema marts")
        db.execute("create table marts.rpt_cost_monthly as select 'a' as team_id, 1.5::decimal(38, 12) as cost_usd")
        db.execute('create table marts.fct_focus as select 2::decimal(38, 12) as "BilledCost"')
    return path


def published(warehouse: Path) -> Path:
    folder = warehouse.with_name("published")
    publish(warehouse, folder, descriptions=descriptions_of(MANIFEST))
    return folder / PUBLISHED_DATABASE


@pytest.mark.parametrize("name", ["rpt_cost_monthly", "marts.rpt_cost_monthly", "costops.marts.rpt_cost_monthly"])
def test_a_mart_is_found_by_every_name(warehouse: Path, name: str) -> None:
    with duckdb.connect(str(published(warehouse)), read_only=True) as db:
        assert db.execute(f"select team_id, cost_usd from {name}").fetchall() == [("a", 1.5)]


@pytest.mark.parametrize("name", ["bi.rpt_cost_monthly", "bi.marts.rpt_cost_monthly"])
def test_also_where_the_file_is_attached_under_another_name(warehouse: Path, name: str) -> None:
    with duckdb.connect() as db:
        db.execute(f"attach '{published(warehouse)}' as bi (read_only)")
        assert db.execute(f"select team_id from {name}").fetchall() == [("a",)]


def test_meanings_are_comments_of_tables_views_and_columns(warehouse: Path) -> None:
    with duckdb.connect(str(published(warehouse)), read_only=True) as db:
        tables = db.execute("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
        views = db.execute("select view_name, comment from duckdb_views() where not internal").fetchall()
        columns = db.execute(
            "select schema_name, table_name, column_name, comment from duckdb_columns() "
            "where comment is not null and not internal order by all"
        ).fetchall()
    for found in (dict(tables), dict(views)):
        assert found["rpt_cost_monthly"] == "Cost by month, the team's too."
        assert found["fct_focus"] == "Columns as FOCUS spells them."
        assert found["rpt_mart_status"].startswith("One row per mart")
    assert columns == [
        ("main", "fct_focus", "BilledCost", "What is invoiced."),
        ("main", "rpt_cost_monthly", "cost_usd", "What it cost; NULL is unknown."),
        ("marts", "fct_focus", "BilledCost", "What is invoiced."),
        ("marts", "rpt_cost_monthly", "cost_usd", "What it cost; NULL is unknown."),
    ]


def test_a_mart_that_is_gone_leaves_no_view_behind(warehouse: Path) -> None:
    published(warehouse)
    with duckdb.connect(str(warehouse)) as db:
        db.execute("drop table marts.fct_focus")
    with duckdb.connect(str(published(warehouse)), read_only=True) as db:
        names = db.execute("select view_name from duckdb_views() where not internal order by 1").fetchall()
    assert names == [("rpt_cost_monthly",), ("rpt_mart_status",)]


def test_who_opens_the_former_name_finds_the_newest(warehouse: Path) -> None:
    database = published(warehouse)
    former = database.with_name("marts.duckdb")
    database.rename(former)
    with duckdb.connect(str(warehouse)) as db:
        db.execute("update marts.rpt_cost_monthly set team_id = 'b'")
    published(warehouse)
    for path in (former, database):
        with duckdb.connect(str(path), read_only=True) as db:
            (schema,) = db.execute("select current_database()").fetchone() or ("",)
            assert db.execute(f"select team_id from {schema}.marts.rpt_cost_monthly").fetchall() == [("b",)]
