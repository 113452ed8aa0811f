"""Dagster resources: the home a run works on.

Put here: what assets ask for by name. Keep out: logic.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg
import duckdb

from ingestion.config import Settings
from orchestration.warehouse import connect

WAREHOUSE_POOL = "warehouse"
"""Whatever opens the DuckDB file for writing runs in this pool of size 1."""


class Home(dg.ConfigurableResource):
    """The home folder of this deployment, read from the environment when a run starts."""

    def settings(self) -> Settings:
        """Settings of the home that `COSTOPS_HOME` names."""
        return Settings.from_env()

    def now(self) -> datetime:
        """The clock of a run, UTC without a zone; the only one assets may ask."""
        return datetime.now(UTC).replace(tzinfo=None)

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the warehouse that is closed at the end, so that dbt can open the file next."""
        connection = connect(self.settings().warehouse_path)
        try:
            yield connection
        finally:
            connection.close()
