"""A small sample company, built once by the command line as a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

LAST_DATE = "2026-10-20"
SMALL = ["--days", "75", "--scale", "0.1", "--last-date", LAST_DATE]


def costops(
    *arguments: str, home: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    import os

    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    if home is not None:
        command += ["--home", str(home)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COSTOPS_", "DAGSTER_", "DBT_"))}
    return subprocess.run(command, capture_output=True, text=True, env=clean | (env or {}), check=False, timeout=420)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Path, str]:
    """The home of a small demo and what its run printed; made once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home, printed = shared / "demo" / "home", shared / "demo" / "printed.txt"
    with FileLock(shared / "demo.lock"):
        if not printed.exists():
            result = costops("demo", *SMALL, home=home)
            assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
            printed.write_text(result.stdout)
    return home, printed.read_text()
