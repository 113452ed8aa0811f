"""kill -9 at any moment of writing: readers see one whole landing, the next writing ends as an undisturbed one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.lake import versions
from ingestion.lake.checking import verify
from tests.integration.ingestion.lake.killed_sync import ARM, later
from tests.support.lake_home import LakeHome, event
from tests.support.lake_reader import manifest_of, of_folder, table_of

ROOT = Path(__file__).parents[4]


def seen(lake: Path) -> list[tuple[str, int]]:
    """Events and tokens as a reader has them now."""
    table = table_of(of_folder(lake), manifest_of(of_folder(lake)), "raw_events.requests")
    return sorted(zip(table["event_id"].to_pylist(), table["output_tokens"].to_pylist(), strict=True))


def in_force(lake: Path) -> set[str]:
    """Objects of the version in force."""
    opened = LakeHome(lake.with_name("home"), lake).lake()
    opened.open()
    return {name for name in opened.in_force() if name.endswith(".parquet")}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with a first landing, and a home with a second one: a changed, a new, a renamed and a vanished file."""
    folder = tmp_path_factory.mktemp("start")
    home = LakeHome(folder / "home", folder / "lake")
    for name in "abcd":
        home.write(f"{name}.jsonl", *[event(ord(name) * 100 + n, 1 + n % 3) for n in range(9)])
    home.land()
    home.sync()
    home.write("a.jsonl", event(9700, 2, 7), event(9701, 5), "broken")
    home.write("e.jsonl", *[event(20_000 + n, 1 + n) for n in range(8)])
    (home.folder / "b.jsonl").rename(home.folder / "f.jsonl")
    (home.folder / "c.jsonl").unlink()
    home.land()
    return folder


def test_killed_at_any_point(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEPT_VERSIONS", 1)
    monkeypatch.setattr(versions, "KEPT_HOURS", 0)
    before = seen(start / "lake")
    shutil.copytree(start, tmp_path / "undisturbed")
    undisturbed = later(LakeHome(tmp_path / "undisturbed" / "home", tmp_path / "undisturbed" / "lake"))
    undisturbed.sync()
    after, wanted = seen(tmp_path / "undisturbed" / "lake"), in_force(tmp_path / "undisturbed" / "lake")
    assert (len(before), len(after)) == (36, 2 + 9 + 9 + 8)
    assert undisturbed.differences() == {}
    for point in ARM:
        shutil.copytree(start, tmp_path / point)
    module = "tests.integration.ingestion.lake.killed_sync"
    done = subprocess.run(
        [sys.executable, "-m", module, str(tmp_path), *ARM],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for point in ARM:
        assert f"9 {point}" in done.stdout.splitlines(), (point, done.stdout, done.stderr)
        home = later(LakeHome(tmp_path / point / "home", tmp_path / point / "lake"))
        is_swapped = point in ("after the swap", "before old files go", "while old files go")
        assert seen(tmp_path / point / "lake") == (after if is_swapped else before), point
        home.sync()
        assert in_force(tmp_path / point / "lake") == wanted, point
        lake = home.lake()
        lake.open()
        found = verify(lake, lambda _: None)
        assert (found.faults, found.unknown) == ([], []), point
