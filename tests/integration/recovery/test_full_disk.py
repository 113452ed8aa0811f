"""A disk that is full at any moment of a run: words with a remedy, and once there is room the next run loses nothing.

On a small file system of its own where one may be mounted; elsewhere a limit on the size of files stands in for it.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.publishing.mart_health import Health, begun, ended
from tests.integration.recovery import faults_home as small

QUIETLY_DONE_WITHOUT = ("last_good", "checkpoint")
"""Without a copy a run is as good; what a checkpoint could not write lies in the log still."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bool]]:
    """A folder, and whether it is a file system of 96 MB."""
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    yield folder, mounted.returncode == 0
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    small.lay(home, 0)
    assert small.in_child(home, 0) == 0
    return home


@pytest.fixture(scope="module")
def expected(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("expected") / "home"
    shutil.copytree(undisturbed, home, symlinks=True)
    small.lay(home, 4)
    assert small.in_child(home, 4) == 0
    return home


def test_a_disk_that_is_full_at_any_moment_ends_in_words_and_loses_nothing(
    disk: tuple[Path, bool], undisturbed: Path, expected: Path, tmp_path: Path
) -> None:
    """One moment after the other on one home: each run gets a little further than the one before."""
    folder, is_mounted = disk
    home, filler, words = folder / "home", folder / "filler", tmp_path / "words"
    shutil.copytree(undisturbed, home, symlinks=True)
    small.lay(home, 4)
    for moment in small.MOMENTS:

        def fill(at: str, full_at: str = moment) -> None:
            if at == full_at and is_mounted:
                _fill(filler)
            elif at == full_at:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        code = small.in_child(home, 4, at=fill, words=words)
        filler.unlink(missing_ok=True)
        assert code == 1 or moment in QUIETLY_DONE_WITHOUT, moment
        if code:
            said = words.read_text()
            assert "Traceback" not in said, (moment, said)
            assert "room" in said, (moment, said)
    assert small.in_child(home, 4) == 0
    assert small.rows_of(home) == small.rows_of(expected)


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as stream:
        for size in (1 << 20, 4096):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                pass
    os.sync()


REMEDIES = {
    "IO Error: Could not write file: No space left on device": "make room",
    "IO Error: Could not set lock on file: Conflicting lock is held in python (PID 7)": "Close the process",
    "Binder Error: no such column": "mend the newest files",
}


@pytest.mark.parametrize("words", REMEDIES)
def test_a_model_that_could_not_be_built_names_the_remedy_of_its_fault(words: str) -> None:
    node = {"schema": "marts", "name": "m", "resource_type": "model", "depends_on": {"nodes": []}}
    manifest = {"nodes": {"model.x.m": node}, "child_map": {}, "sources": {}}
    health = begun(Health(), manifest, "step", ["model.x.m"], small.START)
    health = ended(health, manifest, "step", ["model.x.m"], {"model.x.m": "error"}, {"model.x.m": words}, small.START)
    assert REMEDIES[words] in health.held_back["marts.m"].remedy
