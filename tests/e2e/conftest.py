"""A small sample company, built once by the command line as a user would."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from ingestion.config import API_SETTINGS
from ingestion.demo.company import GroundTruth
from tests.support.marts import published_marts

LAST_DATE = "2026-10-20"
SMALL = ["--days", "75", "--scale", "0.1", "--last-date", LAST_DATE]


def costops(
    *arguments: str, home: Path | None = None, env: dict[str, str] | None = None, seconds: float = 1200
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    if home is not None:
        command += ["--home", str(home)]
    environment = clean_environment() | (env or {})
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=seconds)


def clean_environment() -> dict[str, str]:
    """The environment without this project's settings; credentials are blank, so that no `.env` adds any."""
    ours = ("COSTOPS_", "DAGSTER_", "DBT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept.pop("AWS_PROFILE", None)  # boto3 takes an empty one for a name
    return kept | {each.variable: "" for each in API_SETTINGS.values() if each.variable != "AWS_PROFILE"}


def drop_calls(home: Path, name: str, day: str) -> None:
    """A file of five calls of one day."""
    calls = [
        {"event_id": f"{name}-{call}", "requested_at_utc": f"{day}T00:0{call}:00Z", "provider_name": "openai",
         "requested_model": "gpt-4o-mini", "uncached_input_tokens": 1000, "output_tokens": 9}
        for call in range(5)
    ]  # fmt: skip
    (home / f"drop/events/canonical/{name}.jsonl").write_text("\n".join(map(json.dumps, calls)) + "\n")


PLANTED = {
    "OPENAI_ADMIN_KEY": "sk-admin-planted-openai-4711",
    "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-planted-anthropic-4711",
    "GROQ_API_KEY": "gsk_planted_groq_4711",
    "OPENROUTER_API_KEY": "sk-or-v1-planted-openrouter-4711",
    "AZURE_CLIENT_SECRET": "planted-azure-secret-4711",
    "AZURE_ACCESS_TOKEN": "planted-azure-token-4711",
    "AWS_SECRET_ACCESS_KEY": "planted-aws-secret-4711",
    "AWS_SESSION_TOKEN": "planted-aws-session-4711",
}
"""Credentials in the environment of the demo: it must neither use nor write them."""


def alone_with(home: Path) -> FileLock:
    """Held while the shared demo's warehouse is written or opened, as test processes share it."""
    return FileLock(home.parent.parent / "demo.lock")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Path, str]:
    """The home of a small demo and what its run printed; made once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home, printed = shared / "demo" / "home", shared / "demo" / "printed.txt"
    if not printed.exists():  # else it is made already, and whoever holds it now may go on
        with alone_with(home):
            if not printed.exists():
                _make_demo(home, printed)
    return home, printed.read_text()


def _make_demo(home: Path, printed: Path) -> None:
    """The first run is killed while it builds; what every test of the demo sees is what the next one made of that."""
    _kill_while_it_builds(home)
    result = costops("demo", *SMALL, home=home, env=PLANTED)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    unfinished = printed.with_suffix(".part")
    unfinished.write_text(result.stdout + result.stderr)
    unfinished.replace(printed)


def _kill_while_it_builds(home: Path) -> None:
    """`kill -9` of a first run, some seconds after everything has landed: no table is there, some or most are."""
    command = [sys.executable, "-m", "orchestration.cli", "demo", *SMALL, "--home", str(home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment() | PLANTED
    ) as run:
        assert run.stdout is not None
        said = []
        for line in run.stdout:
            said.append(line)
            if "land prices" in line:
                break
        seconds = random.SystemRandom().uniform(0, 15)
        time.sleep(seconds)
        assert run.poll() is None, "".join(said)[-3000:]
        run.kill()
    print(f"the first run of the demo was killed {seconds:.1f} s after it had landed everything")


@pytest.fixture(scope="module")
def marts(demo: tuple[Path, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the shared demo published.

    Closed at the end: one process opens a file with one configuration at a time, and the product's is another.
    """
    with duckdb.connect(str(published_marts(demo[0])), read_only=True) as connection:
        connection.execute("use marts")
        yield connection


@pytest.fixture(scope="session")
def truth(demo: tuple[Path, str]) -> GroundTruth:
    """What the generator of the demo's company noted of it."""
    return GroundTruth.load(demo[0] / "drop")


ORDER = (
    *("test_demo", "test_real_files", "test_demo_figures", "test_demo_scores"),
    *("test_provider_faults", "test_kill", "test_provider_apis"),
)
"""Where two processes share the files, the second makes something else while the first makes the demo."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files of this folder in the order given above, before all others; files that it does not name come last."""
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    place = {name: number for number, name in enumerate(ORDER)}
    here.sort(key=lambda item: place.get(item.path.stem, len(ORDER)))
    items[:] = here + [item for item in items if item.path.parent != Path(__file__).parent]
