"""What dbt noted of the project serves the next home of the same user, and a cache that fails costs nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.home.parsed_once import KEPT_PROJECTS, NOTES, reading_once, shared_notes

PARSE = """
import sys
from pathlib import Path
from ingestion.config import Settings
from orchestration.home.dbt_project import manifest_path
from orchestration.running import dbt_invocation
for home in sys.argv[1:]:
    dbt_invocation._parsed.clear()
    manifest_path(Settings.from_env({}, Path(home)))
"""


def noted(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTES).write_text(text)
    return folder


def test_notes_of_one_home_are_there_for_the_next(tmp_path: Path) -> None:
    shared = tmp_path / "cache" / "a.msgpack"
    with reading_once(shared, tmp_path / "first"):
        noted(tmp_path / "first", "read")
    with reading_once(shared, tmp_path / "second"):
        assert (tmp_path / "second" / NOTES).read_text() == "read"
    assert [path.name for path in shared.parent.iterdir()] == ["a.msgpack"]


def test_notes_on_something_else_are_not_taken(tmp_path: Path) -> None:
    names = {
        shared_notes("project", variables={}),
        shared_notes("project", "dbt 1.12", variables={}),
        shared_notes("project", variables={"identities": "pseudonyms"}),
    }
    assert len(names) == 3


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    with reading_once(tmp_path / "file" / "a.msgpack", tmp_path / "home"):
        noted(tmp_path / "home", "read")
    assert (tmp_path / "home" / NOTES).read_text() == "read"


def test_a_read_that_failed_leaves_no_notes(tmp_path: Path) -> None:
    shared = tmp_path / "cache" / "a.msgpack"
    with pytest.raises(ValueError, match="dbt stopped"), reading_once(shared, noted(tmp_path / "home", "half")):
        raise ValueError("dbt stopped")
    assert not shared.exists()


def test_the_oldest_notes_go(tmp_path: Path) -> None:
    for age in range(KEPT_PROJECTS + 2):
        with reading_once(tmp_path / "cache" / f"{age}.msgpack", noted(tmp_path / str(age), "read")):
            pass
        os.utime(tmp_path / "cache" / f"{age}.msgpack", (age, age))
    assert sorted(int(path.stem) for path in (tmp_path / "cache").iterdir()) == list(range(2, KEPT_PROJECTS + 2))


def test_dbt_reads_no_file_again_in_another_home(tmp_path: Path) -> None:
    homes = [tmp_path / "first", tmp_path / "second"]
    subprocess.run([sys.executable, "-c", PARSE, *homes], check=True, capture_output=True)
    read = json.loads((tmp_path / "second" / "dbt" / "target" / "perf_info.json").read_text())
    assert read["path_count"] > 500
    assert read["parsed_path_count"] == 0
    manifest = json.loads((tmp_path / "second" / "dbt" / "target" / "manifest.json").read_text())
    assert {node["database"] for node in manifest["nodes"].values()} == {"warehouse"}
