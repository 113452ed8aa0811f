"""A warehouse that is made from the lake alone gives the marts of the home that wrote the lake.

Whole runs are dear: this is for `COSTOPS_TEST_LAKE_RESTORE=1`; `tests/integration/orchestration/lake` compares what
models read.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.e2e.conftest import costops
from tests.e2e.test_repair import MAY_DIFFER, WARNINGS_TOO
from tests.support.marts import differences, published_marts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("COSTOPS_TEST_LAKE_RESTORE"), reason="two whole runs"),
]


def test_marts_of_a_restored_warehouse_are_those_of_the_home_that_wrote_the_lake(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    lake = {"COSTOPS_LAKE_URL": str(tmp_path / "lake")}
    home, other = tmp_path / "home", tmp_path / "other"
    shutil.copytree(demo[0], home, symlinks=True)
    ran = costops("run", home=home, env=lake)
    assert ran.returncode in WARNINGS_TOO, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert "lake: what landed" in ran.stdout
    status = costops("lake", "status", home=home, env=lake)
    assert status.returncode == 0, status.stdout + status.stderr
    restored = costops("lake", "restore", home=other, env=lake)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    shutil.copytree(home / "access", other / "access", dirs_exist_ok=True)
    again = costops("run", home=other)
    assert again.returncode in WARNINGS_TOO, again.stdout[-3000:] + again.stderr[-3000:]
    of_runs = (*MAY_DIFFER, "delivered_at_utc")
    found = differences(published_marts(home), published_marts(other), of_runs)
    assert set(found) <= {"rpt_landing_notes"}, found
    assert _notes(other) - _notes(home) == {"folder_gone"}
    assert _notes(home) <= _notes(other)


def _notes(home: Path) -> set[str]:
    with duckdb.connect(str(published_marts(home)), read_only=True) as db:
        return {kind for (kind,) in db.execute("select distinct kind from marts.rpt_landing_notes").fetchall()}
