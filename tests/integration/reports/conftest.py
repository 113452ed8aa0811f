"""A scratch warehouse whose core facts are the random ones and whose reports dbt has built from them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from ingestion.raw_schemas import create_table_statements
from tests.integration.reports import facts as made_up

PROJECT = Path(__file__).parents[3] / "dbt_project"
REPORTS = "path:models/marts/reports"
TESTS = ("resource_type:test", "resource_type:unit_test")


@dataclass
class Warehouse:
    """A DuckDB file with built reports and the facts they were built from."""

    path: Path
    facts: made_up.Facts

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The result of a statement as dicts."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(statement).to_arrow_table().to_pylist()


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Reports over the random facts; built once for all tests here."""
    folder = tmp_path_factory.mktemp("reports")
    path = folder / "warehouse.duckdb"
    facts = made_up.make_facts()
    with duckdb.connect(str(path)) as connection:
        for statement in create_table_statements() + _inferred_tables():
            connection.execute(statement)
    run_dbt(path, "build", "--select", f"+{REPORTS}", "--exclude", REPORTS, *TESTS)
    with duckdb.connect(str(path)) as connection:
        load_facts(connection, facts)
    run_dbt(path, "run", "--full-refresh", "--select", REPORTS)
    return Warehouse(path, facts)


def run_dbt(warehouse: Path, *arguments: str) -> None:
    """One dbt command in a process of its own, as its adapter never lets go of the file; raises when it fails."""
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", warehouse.parent / "target"]
    command = [Path(sys.executable).with_name("dbt"), *arguments, *folders, "--log-path", warehouse.parent / "logs"]
    environment = os.environ | {"COSTOPS_WAREHOUSE": str(warehouse)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


def load_facts(connection: duckdb.DuckDBPyConnection, facts: made_up.Facts) -> None:
    """Replace the contents of everything the reports read."""
    days = [made_up.FIRST_DAY.replace(day=1) + timedelta(days=n) for n in range(800)]
    fill(connection, "marts.fct_allocated_costs_daily", facts.allocated)
    fill(connection, "marts.fct_llm_usage_hourly", facts.usage)
    fill(connection, "marts.fct_llm_requests", facts.requests)
    fill(connection, "marts.dim_dates", [_calendar_row(day) for day in days])
    fill(connection, "marts.dim_cost_centers", [_tree_row(center) for center in (*made_up.TREE, "unallocated")])
    ancestors = [
        {"cost_center_id": center, "ancestor_id": above, "distance": distance}
        for center in (*made_up.TREE, "unallocated")
        for distance, above in enumerate(reversed(_lineage(center)))
    ]
    fill(connection, "intermediate.int_cost_center_ancestors", ancestors)
    owners = {_owner_lookup_key(r): o for r, o in zip(facts.usage, facts.owned_usage, strict=True)}
    fill(connection, "intermediate.int_spend_owners", [o | {"owner_lookup_key": key} for key, o in owners.items()])
    fill(connection, "marts.dim_users", [{"user_id": u, "user_key": f"key of {u}"} for u in ("ann", "bo", "cy")])
    fill(
        connection,
        "intermediate.int_usage_day_fingerprints",
        [{"usage_date": day, "inputs_fingerprint": "1"} for day in days],
    )


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[made_up.Row]) -> None:
    """Make `table` a table of its own columns that holds just these rows; what a row lacks is NULL."""
    described = connection.execute(f"describe {table}").fetchall()
    columns = ", ".join(f'"{name}" {kind}' for name, kind, *_ in described)
    kind = connection.execute(
        "select table_type from information_schema.tables where table_schema || '.' || table_name = ?", [table]
    ).fetchone()
    connection.execute(f"drop {'view' if kind == ('VIEW',) else 'table'} {table}")
    connection.execute(f"create table {table} ({columns})")
    names = sorted({name for row in rows for name in row} & {name for name, *_ in described})
    batch = pa.table({name: [row.get(name) for row in rows] for name in names})
    connection.register("batch", batch)
    connection.execute(f"insert into {table} by name select * from batch")


def _calendar_row(day: date) -> made_up.Row:
    month = day.replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    return {"date_day": day, "month_start_date": month, "days_in_month": (after - month).days}


def _owner_lookup_key(row: made_up.Row) -> str:
    parts = ["usage_date", "provider_id", "account_id", "", "project_id", "workspace_id", "api_key_id", "team_id", ""]
    text = "\x1f".join("\x1e" if row.get(part) is None else str(row[part]) for part in parts)
    return hashlib.md5(text.encode()).hexdigest()


def _lineage(center: str) -> list[str]:
    path = [center]
    while parent := made_up.TREE.get(path[0]):
        path.insert(0, parent)
    return path


def _tree_row(center: str) -> made_up.Row:
    path = _lineage(center)
    return {
        "cost_center_id": center,
        "parent_cost_center_id": made_up.TREE.get(center),
        "root_cost_center_id": path[0],
        "depth": len(path) - 1,
        "path": " > ".join(path),
    }


def _inferred_tables() -> list[str]:
    statements = []
    for file in ("ml/src_ml.yml", "alerts/src_alerts.yml"):
        for source in yaml.safe_load((PROJECT / "models/staging" / file).read_text())["sources"]:
            statements.append(f"create schema if not exists {source['schema']}")
            for table in source["tables"]:
                columns = ", ".join(f"{c['name']} {c['data_type']}" for c in table["columns"])
                statements.append(f"create table {source['schema']}.{table['name']} ({columns})")
    return statements
