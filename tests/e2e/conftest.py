"""A small sample company, built once by the command line as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from ingestion.config import API_VARIABLES

LAST_DATE = "2026-10-20"
SMALL = ["--days", "75", "--scale", "0.1", "--last-date", LAST_DATE]


def costops(
    *arguments: str, home: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    if home is not None:
        command += ["--home", str(home)]
    environment = clean_environment() | (env or {})
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=1200)


def clean_environment() -> dict[str, str]:
    """The environment without this project's settings; credentials are blank, so that no `.env` adds any."""
    ours = ("COSTOPS_", "DAGSTER_", "DBT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept.pop("AWS_PROFILE", None)  # boto3 takes an empty one for a name
    return kept | {variable: "" for variable, _ in API_VARIABLES.values() if variable != "AWS_PROFILE"}


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
    with alone_with(home):
        if not printed.exists():
            result = costops("demo", *SMALL, home=home, env=PLANTED)
            assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
            printed.write_text(result.stdout + result.stderr)
    return home, printed.read_text()
