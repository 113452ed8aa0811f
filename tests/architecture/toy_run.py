"""What a checkout does with the toy provider, as JSON: run within a scratch copy, with its home as the argument.

The API is asked on loopback. Put here: what the program says. Keep out: what is expected (`test_toy_provider`).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

DAYS = {
    "2026-03-01": [{"date": "2026-03-01", "model": "toy-1", "requests": 3, "input_tokens": 1000, "output_tokens": 50}],
    "2026-03-02": [{"date": "2026-03-02", "model": "toy-1", "requests": 2, "input_tokens": 10, "output_tokens": 7}],
}
COSTS = {"2026-03-01": "0.123456789012", "2026-03-02": "2.5"}
BUILT = ["+int_usage_reported", "+int_charges_reported"]
READERS = [
    "stg_landing__report_files",
    "stg_landing__pulls",
    "stg_landing__quarantined_rows",
    "int_usage_reports",
    "int_charges_reported",
    "int_report_files_landed",
]
USAGE = """
    select cast(usage_date as varchar), model, uncached_input_tokens, output_tokens, request_count, is_daily
    from intermediate.int_usage_reported where provider_name = 'toy' order by 1
"""
CHARGES = """
    select charge_source, cast(charge_period_start_utc as varchar), cast(billed_cost_usd as varchar)
    from intermediate.int_charges_reported where provider_name = 'Toy' order by 2
"""


def main(home: Path) -> dict[str, Any]:
    """Land two days, build what charges and usage become, and say what is there."""
    from ingestion.config import Settings
    from orchestration.running.dbt_invocation import parsed_project
    from orchestration.running.sources import API_SOURCES
    from tests.support.http_stub import Answer, serving

    said: dict[str, Any] = {"off": API_SOURCES["toy"].off_reason(Settings.from_env({}, home=home))}
    for day, cost in COSTS.items():
        DAYS[day][0]["cost"] = cost
    with serving(lambda asked: Answer({"data": DAYS.get(asked.query["date"], [])})) as stub:
        settings = Settings.from_env({"TOY_API_KEY": "toy-key-1234567", "TOY_BASE_URL": stub.url}, home=home)
        settings = replace(settings, api=settings.api.with_changes(backfill_from=date(2026, 3, 1)))
        said["on"] = API_SOURCES["toy"].off_reason(settings)
        report = API_SOURCES["toy"].land(settings, now=datetime(2026, 3, 3, 6, tzinfo=UTC))
        said["key"] = {asked.headers["authorization"] for asked in stub.asked} == {"Bearer toy-key-1234567"}
    said["landed"] = report.rows_by_table
    os.environ["COSTOPS_WAREHOUSE"] = str(settings.warehouse_path)
    nodes = parsed_project(settings, {}).nodes
    said["read_by"] = {
        name: sorted(
            each.partition("llm_cost_ops.")[2] for each in nodes[f"model.llm_cost_ops.{name}"].depends_on.nodes
        )
        for name in READERS
    }
    said["not_built"] = _build(settings)
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as db:
        said["usage"] = db.execute(USAGE).fetchall()
        said["charges"] = db.execute(CHARGES).fetchall()
    return said


def _short(node: str) -> str:
    """A model's name; a raw table with its schema."""
    return node.partition("llm_cost_ops.")[2]


def _build(settings: Any) -> list[str]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from orchestration.home.dbt_project import PROFILE, project_dir, target_dir
    from orchestration.running.dbt_invocation import parsed_project

    places = ["--profile", PROFILE, "--project-dir", str(project_dir()), "--profiles-dir", str(project_dir())]
    target = ["--target-path", str(target_dir(settings)), "--log-path", str(settings.dbt_dir / "logs")]
    kinds = ["--resource-type", "seed", "--resource-type", "model"]
    runner = dbtRunner(manifest=parsed_project(settings, {}))
    result = runner.invoke(["--quiet", "build", *kinds, "--select", *BUILT, *places, *target])
    DuckDBConnectionManager.close_all_connections()
    return [f"{each.node.name}: {each.message}" for each in result.result if each.status != "success"]


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1])), sys.stdout)
