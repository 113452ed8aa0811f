"""A stub organization, a home of its own, and short ways to run and to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.sources.openai.pipeline import land
from tests.integration.ingestion.openai.stub import KEY, Stub, serve

TODAY = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


@dataclass
class Home:
    """One warehouse that pulls from one stub."""

    settings: Settings
    stub: Stub

    def land(self, now: datetime = TODAY, from_date: date | None = date(2026, 2, 25), **options: Any) -> LandingReport:
        """Pull and land as of `now`, which is also the stub's clock."""
        self.stub.now = now
        return land(self.settings, now=now, from_date=from_date, **options)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with duckdb.connect(str(self.settings.warehouse_path)) as db:
            return db.execute(sql).fetchall()

    def with_api(self, **changes: Any) -> Home:
        """The same home with other API settings."""
        return Home(replace(self.settings, api=self.settings.api.with_changes(**changes)), self.stub)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    stub = Stub()
    with serve(stub) as base_url:
        env = {
            "OPENAI_ADMIN_KEY": KEY,
            "OPENAI_BASE_URL": base_url,
            "COSTOPS_API_RETRY_BASE_SECONDS": "0.001",
            "COSTOPS_API_MAX_ATTEMPTS": "5",
        }
        yield Home(Settings.from_env(env, home=tmp_path), stub)
