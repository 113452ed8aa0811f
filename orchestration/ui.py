"""Serves Dagster's web interface and daemon on a home.

Put here: starting the processes. Keep out: definitions.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from rich.console import Console

from ingestion.config import Settings
from orchestration.home import prepare_home


class MissingExtraError(RuntimeError):
    """The web server is not installed."""


def serve(settings: Settings, port: int, console: Console) -> int:
    """Run the web server and the daemon until interrupted; return their exit code.

    Raises:
        MissingExtraError: the extra `ui` is not installed.
    """
    if importlib.util.find_spec("dagster_webserver") is None:
        raise MissingExtraError("the web interface is not installed; run: pip install 'llm-cost-ops[ui]'")
    prepare_home(settings)
    console.print(f"Dagster on http://127.0.0.1:{port} for {settings.home} (stop with Ctrl-C)", highlight=False)
    command = [
        sys.executable,
        "-m",
        "orchestration.web_server",
        "dev",
        "--module-name",
        "orchestration.definitions",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    try:
        return subprocess.run(command, env=os.environ.copy(), cwd=settings.home, check=False).returncode
    except KeyboardInterrupt:
        return 0
