"""What docs/reports.md and docs/metrics.md say about the tables is true of the tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.publishing.mart_status import STATUS_MART
from tests.integration.reports.conftest import Warehouse

DOCS = Path(__file__).parents[3] / "docs"
REPORTS = (DOCS / "reports.md").read_text()
METRICS = (DOCS / "metrics.md").read_text()
STATEMENTS = re.findall(r"```sql\n(.*?)```", REPORTS, re.DOTALL)
NOT_COLUMNS = {"percentile_disc", "inverted_cdf", "decimal", "unallocated", "user_key"}


@pytest.mark.parametrize("number", range(len(STATEMENTS)))
def test_every_statement_in_the_docs_runs(warehouse: Warehouse, number: int) -> None:
    with warehouse.scratch.connection() as connection:
        connection.execute("use marts")
        connection.execute(STATEMENTS[number])


def test_every_report_is_in_the_table_of_questions(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select table_name from duckdb_tables() where schema_name = 'marts'")
    built = {row["table_name"] for row in rows if row["table_name"].startswith("rpt_")}
    named = set(re.findall(r"`(rpt_\w+)`", REPORTS))
    assert named == built - {"rpt_spend_series_daily"} | {STATUS_MART}
    assert "`rpt_spend_series_daily`" in METRICS


def test_every_table_and_column_of_the_metrics_exists(warehouse: Warehouse) -> None:
    rows = warehouse.rows("select column_name from duckdb_columns() where schema_name = 'marts'")
    models = {path.stem for path in (DOCS.parent / "dbt_project/models/marts").rglob("*.sql")}
    known = models | {row["column_name"] for row in rows}
    words = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", METRICS)) - NOT_COLUMNS
    assert {word for word in words if word not in known and not word.startswith("assert_")} == set()


def test_every_test_the_metrics_name_exists() -> None:
    tests = {path.stem for path in (DOCS.parent / "dbt_project/tests/reports").glob("*.sql")}
    assert set(re.findall(r"`(assert_\w+)`", METRICS)) == tests
