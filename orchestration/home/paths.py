"""Prepares a home folder: sub-folders, Dagster's instance file, the environment of child processes.

Put here: what must exist before anything runs. Keep out: who holds it (`lock`), what runs.
"""

from __future__ import annotations

import os

from ingestion.config import Settings
from ingestion.landing.database import bound_memory
from orchestration.home.instance import instance_config
from orchestration.home.privacy import keep_private, make_private


def prepare_home(settings: Settings) -> None:
    """Make the folders of a home and point the environment of this process and its children at it.

    Safe to call any number of times. The warehouse path, dbt's folders and the switched-off telemetry
    of dbt, dlt, Dagster and Great Expectations travel through the environment.
    """
    keep_private(settings)
    for folder in (
        settings.home,
        settings.dlt_dir,
        settings.dagster_dir,
        settings.dbt_dir / "logs",
        settings.published_dir,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    instance_file = settings.dagster_dir / "dagster.yaml"
    wanted = instance_config(settings.dagster_dir)
    if not instance_file.exists() or instance_file.read_text() != wanted:
        instance_file.write_text(wanted)
    make_private(settings)
    os.environ.update(environment_of(settings))
    bound_memory(settings.engine.duckdb_memory)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that make a child process work on this home, whatever folder it works in."""
    return {
        **settings.publish_variables,
        "COSTOPS_HOME": str(settings.home),
        "COSTOPS_WAREHOUSE": str(settings.warehouse_path),
        "COSTOPS_DUCKDB_MEMORY": settings.engine.duckdb_memory or "",
        "COSTOPS_SPARK_FILES": str(settings.engine.folder),
        "COSTOPS_EVENTS_DIR": str(settings.events_dir),
        "COSTOPS_BILLING_DIR": settings.billing_url or str(settings.billing_dir),
        "COSTOPS_GPU_DIR": str(settings.gpu_dir),
        "COSTOPS_ORG_DIR": str(settings.org_dir),
        "COSTOPS_PRICES_DIR": str(settings.prices_dir),
        "COSTOPS_LEDGER_DIR": str(settings.ledger_dir),
        "COSTOPS_DASHBOARDS_DIR": str(settings.dashboards_dir),
        "COSTOPS_LAKE_URL": settings.lake_url or "",
        "COSTOPS_SPARK_DIR": str(settings.engine.folder),
        "DAGSTER_HOME": str(settings.dagster_dir),
        "DBT_TARGET_PATH": str(settings.dbt_dir / "target"),
        "DBT_LOG_PATH": str(settings.dbt_dir / "logs"),
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "none"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "TZ": os.environ.get("TZ", "UTC"),
    }
