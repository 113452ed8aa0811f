"""The shape of the house: layers, folders, words that must not appear."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_FOLDERS = {"ingestion", "dbt_project", "ml", "orchestration", "tests", "docs", ".ci"}

FORBIDDEN_IMPORTS = {
    "ingestion": {"dagster", "dagster_dbt", "dbt", "ml", "orchestration"},
    "ml": {"dagster", "dagster_dbt", "dbt", "dlt", "duckdb", "ingestion", "orchestration"},
}


def tracked_files() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return listing.stdout.splitlines()


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(FORBIDDEN_IMPORTS))
def test_package_imports_only_what_its_layer_may(package: str) -> None:
    broken = {
        str(path.relative_to(ROOT)): sorted(imports_of(path) & FORBIDDEN_IMPORTS[package])
        for path in (ROOT / package).rglob("*.py")
        if imports_of(path) & FORBIDDEN_IMPORTS[package]
    }
    assert broken == {}


def test_one_module_reads_the_environment_in_ingestion_and_ml() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for package in ("ingestion", "ml")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    ]
    assert readers == ["ingestion/environment.py"]


def test_alerting_rules_are_free_of_dagster() -> None:
    for path in (ROOT / "orchestration" / "alerting").rglob("*.py"):
        assert "dagster" not in imports_of(path), path


def test_heavy_libraries_are_imported_inside_functions() -> None:
    heavy = {"prophet", "sklearn", "great_expectations"}
    top_level = {}
    for package in ("ml", "orchestration", "ingestion"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text())
            names = set()
            for node in tree.body:
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.split(".")[0])
            if names & heavy:
                top_level[str(path.relative_to(ROOT))] = sorted(names & heavy)
    assert top_level == {}


def test_no_top_level_folder_outside_the_layout() -> None:
    folders = {name.split("/")[0] for name in tracked_files() if "/" in name}
    assert folders <= TOP_FOLDERS


def test_no_lock_file_and_no_package_index_address_is_tracked() -> None:
    names = tracked_files()
    assert not {"uv.lock", "poetry.lock", "pylock.toml"} & set(names)
    address = re.compile(r"--(extra-)?index-url[ =]http|files\.pythonhosted")
    offenders = [
        name
        for name in names
        if (ROOT / name).exists()
        and name.endswith((".txt", ".toml", ".md", ".cfg", ".yml"))
        and address.search((ROOT / name).read_text(errors="ignore"))
    ]
    assert offenders == []


def test_every_module_opens_with_its_charter() -> None:
    missing = [
        str(path.relative_to(ROOT))
        for package in ("ingestion", "ml", "orchestration")
        for path in (ROOT / package).rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert missing == []
