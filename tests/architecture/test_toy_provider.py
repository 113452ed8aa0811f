"""A provider with an API is added by new files and one line of what exists: a toy one is, in a scratch copy.

Its files lie in `toy_provider`, as they would lie in a checkout: a place to look how one is added.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOY = Path(__file__).with_name("toy_provider")
COPIED = ("ingestion", "ml", "orchestration", "dbt_project", "docs", "pyproject.toml")
NEEDED_BY_THE_RUN = ("tests/__init__.py", "tests/support", "tests/architecture/toy_run.py")
THE_LINE = ("dbt_project/dbt_project.yml", "  api_sources:\n", "    toy: [activity]\n")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the toy provider."""
    root = tmp_path_factory.mktemp("toy") / "checkout"
    for name in (*COPIED, *NEEDED_BY_THE_RUN):
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "logs", "dbt_packages")
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    for path in TOY.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = root / path.relative_to(TOY)
            assert not target.exists(), f"{target} exists in the checkout"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    path, after, line = THE_LINE
    text = (root / path).read_text()
    assert text.count(after) == 1
    (root / path).write_text(text.replace(after, after + line))
    return root


@pytest.fixture(scope="module")
def said(scratch: Path) -> dict[str, Any]:
    """What the program says of it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TOY_", "COSTOPS_", "DBT_"))}
    result = subprocess.run(
        [sys.executable, "tests/architecture/toy_run.py", str(scratch.parent / "home")],
        cwd=scratch,
        env=env | {"PYTHONPATH": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    found: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{") :])
    return found


def test_it_edits_one_line_of_what_exists(scratch: Path) -> None:
    edited = []
    for name in COPIED:
        place = ROOT / name
        for path in [place] if place.is_file() else place.rglob("*"):
            copy = scratch / path.relative_to(ROOT)
            if path.is_file() and copy.exists() and path.read_bytes() != copy.read_bytes():
                lines = difflib.ndiff(path.read_text().splitlines(), copy.read_text().splitlines())
                edited += [line for line in lines if line.startswith(("+", "-"))]
    assert edited == ["+     toy: [activity]"]


def test_it_is_listed_and_switched_on_by_its_variable(said: dict[str, Any]) -> None:
    assert said["off"] == "TOY_API_KEY is not set"
    assert said["on"] is None
    assert said["key"], "its key is sent, and no other"


def test_its_rows_land(said: dict[str, Any]) -> None:
    assert said["landed"]["activity"] == 2
    assert said["landed"]["pulls"] == 3, "the day of today is pulled as well, and is not complete"


def test_everything_that_reads_providers_reads_it(said: dict[str, Any]) -> None:
    reads = said["read_by"]
    assert "stg_toy__activity" in reads["int_usage_reports"]
    assert "stg_toy__activity" in reads["int_charges_reported"]
    assert "stg_toy__activity" in reads["int_report_files_landed"]
    assert "raw_toy.files" in reads["stg_landing__report_files"]
    assert "raw_toy.pulls" in reads["stg_landing__pulls"]
    assert "raw_toy.quarantine" in reads["stg_landing__quarantined_rows"]


def test_its_usage_and_charges_reach_the_warehouse(said: dict[str, Any]) -> None:
    assert said["not_built"] == []
    assert said["usage"] == [["2026-03-01", "toy-1", 1000, 50, 3, True], ["2026-03-02", "toy-1", 10, 7, 2, True]]
    assert said["charges"] == [
        ["toy_api", "2026-03-01 00:00:00", "0.123456789012"],
        ["toy_api", "2026-03-02 00:00:00", "2.500000000000"],
    ]
