"""A home with its lake, for tests of what binds them.

Put here: fixtures. Keep out: assertions.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingestion.landing import ensure_tables
from orchestration.warehouse.kept import make_tables
from tests.support.lake_home import LakeHome


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose raw tables, scores and alerts are empty."""
    home = LakeHome(tmp_path_factory.mktemp("empty") / "home")
    ensure_tables(home.settings.warehouse_path)
    with duckdb.connect(str(home.settings.warehouse_path)) as db:
        make_tables(db)
    return home.settings.home
