"""Keys in the metadata of the published file, and marts once more as floating-point numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publishing.descriptions import Description
from orchestration.publishing.keys import Keys, keys_of
from orchestration.publishing.published_copy import publish

DESCRIPTIONS = {
    "dim_teams": Description("Teams.", {}, Keys("team_id")),
    "dim_bad": Description("Twice.", {}, Keys("id")),
    "fct_costs": Description("Costs.", {}, Keys("cost_key", {"team_id": ("dim_teams", "team_id")})),
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.dim_teams as select 'a' as team_id, 'A' as team_name union all select 'b', 'B';
            create table marts.dim_bad as select 1 as id from range(2);
            create table marts.fct_costs as
                select 'k' as cost_key, 'a' as team_id, 0.000000000001::decimal(38, 12) as usd, 5::bigint as n;
            """
        )
    return path


def opened(published: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published / "costops.duckdb"), read_only=True)


def test_keys_are_constraints_of_dimensions_and_stand_in_the_comments(warehouse: Path, tmp_path: Path) -> None:
    for _ in range(2):  # also where a copy is mended rather than made anew
        publish(warehouse, tmp_path / "published", descriptions=DESCRIPTIONS, contents={"dim_teams": "1"})
    with opened(tmp_path / "published") as connection:
        keys = connection.execute(
            "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        assert keys == [("dim_teams", ["team_id"])], "a key that rows do not hold is left out; facts have no index"
        comments = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert comments["fct_costs"] == ("Costs. Primary key: cost_key. Foreign keys: team_id → dim_teams.team_id.")


def test_doubles_stand_beside_the_decimals_where_they_are_wanted(warehouse: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(warehouse, published, has_doubles=True)
    with opened(published) as connection:
        described = connection.execute("describe marts_double.fct_costs").fetchall()
        assert [(name, kind) for name, kind, *_ in described] == [
            ("cost_key", "VARCHAR"), ("team_id", "VARCHAR"), ("usd", "DOUBLE"), ("n", "BIGINT"),
        ]  # fmt: skip
        assert connection.execute("select usd from marts_double.fct_costs").fetchall() == [(1e-12,)]
        assert connection.execute("select typeof(usd) from fct_costs").fetchall() == [("DECIMAL(38,12)",)]
    publish(warehouse, published)
    with opened(published) as connection:
        assert connection.execute(
            "select count(*) from duckdb_schemas() where schema_name = 'marts_double'"
        ).fetchall() == [(0,)]


def test_keys_are_read_from_checks_and_semantic_models() -> None:
    def model(name: str) -> dict[str, Any]:
        return {"resource_type": "model", "schema": "marts", "alias": name}

    def check(name: str, mart: str, column: str, **given: str) -> dict[str, Any]:
        return {
            "resource_type": "test", "attached_node": f"model.p.{mart}", "column_name": column,
            "test_metadata": {"name": name, "kwargs": given},
        }  # fmt: skip

    def well_formed(mart: str, *unique: str) -> dict[str, Any]:
        return check("well_formed", mart, "") | {
            "column_name": None,
            "test_metadata": {"name": "well_formed", "kwargs": {"never_null": ["name"], "unique": list(unique)}},
        }

    def entities(mart: str, *given: tuple[str, str, str | None]) -> dict[str, Any]:
        listed = [{"name": name, "type": kind, "expr": expr} for name, kind, expr in given]
        return {"node_relation": {"alias": mart}, "entities": listed}

    found = keys_of(
        {
            "nodes": {
                "model.p.dim_t": model("dim_t"), "model.p.dim_m": model("dim_m"), "model.p.fct": model("fct"),
                "1": well_formed("dim_t", "team_id"), "2": check("unique", "fct", "fct_key"),
                "3": check("relationships", "fct", "model_id", to="ref('dim_m')", field="model_id"),
                "4": check("relationships", "fct", "raw_id", to="ref('stg_x')", field="id"),
            },
            "semantic_models": {
                "a": entities("dim_t", ("team", "primary", "team_id")),
                "b": entities("fct", ("team", "foreign", "team_id"), ("day", "foreign", "cast(x as date)")),
            },
        }
    )  # fmt: skip
    assert found["dim_t"] == Keys("team_id")
    assert found["fct"] == Keys("fct_key", {"model_id": ("dim_m", "model_id"), "team_id": ("dim_t", "team_id")})
