"""Serves Dagster's web interface and daemon on a home: one family of processes that ends as a whole.

Put here: starting the family once per home, ending it. Keep out: definitions; how the family ends (`ui_family`).
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from ingestion.config import Settings
from ingestion.environment import of_this_process
from ingestion.whole_files import replace_file
from orchestration.home.lock import HomeIsBusyError, hold_home
from orchestration.home.mending import mend
from orchestration.home.paths import prepare_home
from orchestration.running.ui_family import PATIENCE_SECONDS
from orchestration.running.variables import unused_variables, wrong_words
from orchestration.text.terminal import plain

ADDRESS = "127.0.0.1"


class MissingExtraError(RuntimeError):
    """The web server is not installed."""


class CannotServeError(RuntimeError):
    """Another one serves this home, or the port is in use; the message says the remedy."""


def serve(settings: Settings, port: int, console: Console) -> int:
    """Run the web server and the daemon until interrupted; return their exit code.

    Raises:
        MissingExtraError: the extra `ui` is not installed.
        CannotServeError: another one serves this home, or the port is in use.
    """
    if importlib.util.find_spec("dagster_webserver") is None:
        raise MissingExtraError("the web interface is not installed; run: pip install 'llm-cost-ops[ui]'")
    if wrong := wrong_words(settings):
        raise CannotServeError(wrong[0])
    prepare_home(settings)
    with _only_one(settings, port):
        _check_port(port)
        _make_whole(settings, console)
        words = f"Dagster on http://{ADDRESS}:{port} for {settings.home} (stop with Ctrl-C)"
        console.print(plain(words), highlight=False, soft_wrap=True)
        return _run_family(settings, port, console)


def _make_whole(settings: Settings, console: Console) -> None:
    """Mend what the last holder of the home left broken, unless a run holds it, which does so itself."""

    def tell(words: str) -> None:
        console.print(f"  [yellow]![/] {plain(words)}", highlight=False, soft_wrap=True)

    with suppress(HomeIsBusyError), hold_home(settings) as was_killed:
        mend(settings, tell, was_killed=was_killed)
        _settle(tell)
    for words in unused_variables(settings):
        tell(words)


def _settle(tell: Callable[[str], None]) -> None:
    import dagster as dg

    from orchestration.home.dead_runs import settle_dead_runs

    with dg.DagsterInstance.get() as instance:
        for run_id in settle_dead_runs(instance):
            tell(f"run {run_id.partition('-')[0]} was killed: it counts as failed now")


@contextmanager
def _only_one(settings: Settings, port: int) -> Iterator[None]:
    """Hold the home's web interface; the lock goes with this process, so what a killed one wrote stops nobody."""
    holder = settings.home / "ui.holder.json"
    lock = FileLock(settings.home / "ui.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CannotServeError(
            f"costops ui runs already for {settings.home}{_words_of(holder)}. Open it, or stop that process first."
        ) from None
    try:
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        facts = {"pid": os.getpid(), "address": f"http://{ADDRESS}:{port}", "since": since}
        replace_file(holder, json.dumps(facts))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def served_by(settings: Settings) -> str:
    """Who serves this home now; empty where nobody does."""
    lock = FileLock(settings.home / "ui.lock", timeout=0)
    try:
        with lock:
            return ""
    except Timeout:
        return f"served{_words_of(settings.home / 'ui.holder.json')}"


def _words_of(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_text(encoding="utf-8"))
        return f": process {facts['pid']}, {facts['address']}, since {facts['since']} UTC"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else "ports end at 65535"
            raise CannotServeError(
                f"port {port} of {ADDRESS} cannot be used ({why}). Give another one: costops ui --port {_free_port()}"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def _run_family(settings: Settings, port: int, console: Console) -> int:
    """Run the family until it ends or a signal comes; then nothing of it is left."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        with suppress(OSError):
            os.close(write_end)

    read_end, write_end = os.pipe()
    before: dict[int, Any] = {}
    command = [sys.executable, "-m", "orchestration.running.ui_family", str(read_end), *_dagster(port)]
    family = subprocess.Popen(
        command, env=of_this_process(), cwd=settings.home, pass_fds=[read_end], start_new_session=True
    )
    os.close(read_end)
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            before[number] = signal.signal(number, ask)
        while True:
            with suppress(subprocess.TimeoutExpired):
                family.wait(timeout=PATIENCE_SECONDS + 10 if asked else 1)
                break
            if asked:
                break
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(family.pid, signal.SIGKILL)
        family.wait()
        for each, handler in before.items():
            signal.signal(each, handler)
    if asked:
        return 0
    console.print("The web server or the daemon ended by itself; start it again with: costops ui", highlight=False)
    return 1


def _dagster(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "orchestration.running.web_server",
        "dev",
        "--module-name",
        "orchestration.definitions",
        "--host",
        ADDRESS,
        "--port",
        str(port),
    ]
