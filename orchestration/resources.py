"""Dagster resources: the home a run works on and the clock it goes by.

Put here: what assets ask for by name. Keep out: logic.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import dagster as dg
import duckdb

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.home.held_runs import held_for_run
from orchestration.warehouse.connection import opened

WAREHOUSE_POOL = "warehouse"
"""Whatever opens the DuckDB file for writing runs in this pool of size 1."""


@dataclass(frozen=True)
class _Given:
    """What the command line handed to the run of this process; credentials stay out of Dagster's run config."""

    settings: Settings
    clock: datetime | None


_given: _Given | None = None


@contextmanager
def given(settings: Settings, clock: datetime | None = None) -> Iterator[None]:
    """Make assets of this process work with `settings`, and by `clock` (UTC) instead of the real one."""
    global _given
    before, _given = _given, _Given(settings, clock)
    try:
        yield
    finally:
        _given = before


class Home(dg.ConfigurableResource):
    """The home folder of this deployment: what the command line gave, else what the environment says."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Home"]:
        """Itself; a run that the command line does not drive holds the home until its end."""
        if _given or context.run is None or context.instance is None or context.log is None:
            yield self
            return
        with held_for_run(self.settings(), context.instance, context.run, context.log.warning):
            yield self

    def settings(self) -> Settings:
        """Settings of the home."""
        return _given.settings if _given else Settings.from_env()

    def now(self) -> datetime:
        """The clock of a run, UTC without a zone; the only one assets may ask."""
        if _given and _given.clock:
            return _given.clock
        return utc_now()

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the warehouse that is closed at the end, so that dbt can open the file next."""
        with opened(self.settings().warehouse_path) as connection:
            yield connection
