"""What several tests of the house's shape read: the manifest of the dbt project, parsed once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.warehouse import DBT_PROJECT


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's own account of its files: nodes with what they read, references within macros included."""
    from dbt.cli.main import dbtRunner

    target = tmp_path_factory.mktemp("manifest")
    where = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    result = dbtRunner().invoke(["parse", *where, "--target-path", str(target), "--log-path", str(target), "--quiet"])
    assert result.success, result.exception
    return json.loads((target / "manifest.json").read_text())
