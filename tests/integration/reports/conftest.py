"""A scratch warehouse whose core facts are the random ones and whose reports dbt has built from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.integration.reports import facts as made_up
from tests.support.warehouse import ScratchWarehouse

REPORTS = "path:models/marts/reports"
TESTS = ("resource_type:test", "resource_type:unit_test")
USERS = ("ann", "bo", "cy")
SUMMED_USAGE = (
    "insert into intermediate.int_llm_usage_hourly by name "
    "select distinct usage_hour_utc, usage_date from marts.fct_llm_usage_hourly",
    "insert into intermediate.int_llm_usage_daily by name "
    "select usage_date, provider_id, account_id, project_id, workspace_id, api_key_id, user_id, team_id, model_id, "
    "sum(list_cost_usd) as list_cost_usd, sum(contracted_cost_usd) as contracted_cost_usd, "
    "count(*) - count(contracted_cost_usd) as unknown_cost_row_count, sum(request_count) as request_count, "
    "'contracted' as cost_basis, sum(contracted_cost_usd) as spend_usd, "
    "count(*) - count(contracted_cost_usd) as unknown_spend_row_count, "
    "sum(quantity) filter (is_token and is_input_token) as input_tokens, "
    "sum(quantity) filter (is_token and not is_input_token) as output_tokens "
    "from marts.fct_llm_usage_hourly inner join seeds.meters using (meter, is_token) group by all",
)
"""What allocation reads of the usage, summed from it."""
_ALWAYS = {"valid_from_utc": datetime.fromisoformat("1900-01-01"), "valid_to_utc": datetime.fromisoformat("2200-01-01")}


@dataclass
class Warehouse:
    """Built reports and the facts they were built from."""

    scratch: ScratchWarehouse
    facts: made_up.Facts

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The result of a statement as dicts."""
        with self.scratch.connection() as connection:
            return connection.execute(statement).to_arrow_table().to_pylist()


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Reports over the random facts; built once for all tests here."""
    scratch = ScratchWarehouse.create(tmp_path_factory.mktemp("reports"))
    facts = made_up.make_facts()
    scratch.dbt("build", "--select", f"+{REPORTS}", "--exclude", REPORTS, *TESTS)
    with scratch.connection() as connection:
        load_facts(connection, facts)
    scratch.dbt("run", "--full-refresh", "--select", REPORTS)
    return Warehouse(scratch, facts)


def load_facts(connection: duckdb.DuckDBPyConnection, facts: made_up.Facts) -> None:
    """Replace the contents of everything the reports read."""
    days = [made_up.FIRST_DAY.replace(day=1) + timedelta(days=n) for n in range(800)]
    centers = (*made_up.TREE, "unallocated")
    owners = {_owner_lookup_key(r): o for r, o in zip(facts.usage, facts.owned_usage, strict=True)}
    tables = {
        "intermediate.int_allocated_costs_daily": facts.allocated,
        "marts.fct_llm_usage_hourly": facts.usage,
        "marts.fct_llm_requests": facts.requests,
        "marts.dim_dates": [_calendar_row(day) for day in days],
        "marts.dim_cost_centers": [_tree_row(center) for center in centers],
        "marts.dim_users": [{"user_id": user, "user_key": f"key of {user}"} for user in USERS],
        "intermediate.int_cost_center_positions": [
            _ALWAYS | _tree_row(center) | {"parent_path": " > ".join(_lineage(center)[:-1]) or None}
            for center in centers
        ],
        "intermediate.int_cost_center_ancestors": [
            _ALWAYS
            | {"cost_center_id": center, "ancestor_id": above, "distance": distance}
            | {"ancestor_path": " > ".join(_lineage(above))}
            for center in centers
            for distance, above in enumerate(reversed(_lineage(center)))
        ],
        "intermediate.int_spend_owners": [owner | {"owner_lookup_key": key} for key, owner in owners.items()],
        "intermediate.int_usage_cost_fingerprints": [
            {"usage_date": day, "inputs_fingerprint": "1"} for day in days if day <= made_up.LAST_DAY
        ],
        "raw_events.files": [_file_row(n, name) for n, name in enumerate(("canonical", "litellm", "otel"))],
    }
    for table, rows in tables.items():
        fill(connection, table, rows)
    for statement in SUMMED_USAGE:
        connection.execute(statement)


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


def _file_row(number: int, source_format: str) -> made_up.Row:
    return {
        "file_id": number,
        "source_format": source_format,
        "row_count": 10,
        "quarantined_row_count": number,
        "is_superseded": False,
        "landed_at_utc": datetime.combine(made_up.LAST_DAY, time(number)),
    }


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
