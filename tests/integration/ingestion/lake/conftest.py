"""Homes for tests of the lake.

Put here: fixtures. Keep out: what a home can do (`tests.support.lake_home`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.landing import ensure_tables
from tests.support.lake_home import LakeHome


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose raw tables are empty."""
    home = LakeHome(tmp_path_factory.mktemp("empty") / "home")
    ensure_tables(home.settings.warehouse_path)
    return home.settings.home
