"""Holds the home for one run, and waits for whoever has it or its warehouse.

Put here: the lock, who holds it, waiting. Keep out: folders (`paths`), what a killed run left (`mending`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import duckdb
from filelock import FileLock, Timeout

from ingestion.config import Settings
from ingestion.whole_files import replace_file
from orchestration.warehouse.connection import connect

LOCK_PATIENCE_SECONDS = 180


class HomeIsBusyError(RuntimeError):
    """Another process is running the main job on this home."""


def lock_path(settings: Settings) -> Path:
    """The file whose lock means that a run is going on."""
    return settings.home / "run.lock"


def holder_path(settings: Settings) -> Path:
    """The file that says who holds the home: it outlives a holder that was killed."""
    return settings.home / "run.holder.json"


def holder_words(settings: Settings) -> str:
    """Who holds the home and since when, as far as known."""
    try:
        holder = json.loads(holder_path(settings).read_text(encoding="utf-8"))
        return f"another run, {holder['command']} (process {holder['pid']}, since {holder['since']} UTC)"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


_held_by_process: set[Path] = set()
"""Homes that the one run of this process holds for all it does."""


@contextmanager
def hold_home(
    settings: Settings,
    *,
    wait_seconds: float = 0.0,
    tell: Callable[[str], None] | None = None,
    command: str | None = None,
    for_process: bool = False,
) -> Iterator[bool]:
    """Hold the home for one run; says whether the holder before was killed.

    `command` says who holds it where the command line does not. With `for_process`, whatever this process does
    meanwhile has it too: a run that Dagster started is alone in its process.

    Raises:
        HomeIsBusyError: another process still holds it after `wait_seconds`. The lock goes with its process, so a
            killed run leaves none.
    """
    if settings.home in _held_by_process:
        yield False
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_path(settings), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        _wait(settings, lock, wait_seconds, tell or (lambda _: None))
    was_killed = holder_path(settings).exists()
    try:
        _sign(settings, command or " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]))
        if for_process:
            _held_by_process.add(settings.home)
        yield was_killed
        holder_path(settings).unlink(missing_ok=True)
    except Exception:
        holder_path(settings).unlink(missing_ok=True)
        raise
    finally:
        if for_process:
            _held_by_process.discard(settings.home)
        lock.release()


def _wait(settings: Settings, lock: FileLock, seconds: float, tell: Callable[[str], None]) -> None:
    if seconds > 0:
        tell(f"waiting up to {seconds:.0f} s for {holder_words(settings)} to end")
    try:
        lock.acquire(timeout=seconds, poll_interval=0.2)
    except Timeout as error:
        waited = f" It was waited for {seconds:.0f} s." if seconds > 0 else ""
        raise HomeIsBusyError(
            f"{holder_words(settings)}, is using {settings.home}.{waited} Wait for it to end (--wait SECONDS), or give "
            "another folder with --home."
        ) from error


def _sign(settings: Settings, command: str) -> None:
    """Write who holds the home."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    replace_file(holder_path(settings), json.dumps({"pid": os.getpid(), "command": command, "since": since}))


def is_busy(settings: Settings) -> bool:
    """Whether a run holds this home now."""
    if not lock_path(settings).exists():
        return False
    lock = FileLock(lock_path(settings), timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


class WarehouseIsLockedError(RuntimeError):
    """Another process holds the DuckDB file and did not let go."""


def wait_until_free(path: Path, *, patience_seconds: float, tell: Callable[[str], None]) -> None:
    """Return once this process can write the warehouse.

    A killed run may leave its dbt behind, which ends by itself; a reader that holds the file does not.

    Raises:
        WarehouseIsLockedError: after `patience_seconds`, with DuckDB's words on who holds it.
    """
    deadline = monotonic() + patience_seconds
    told = False
    while path.exists():
        try:
            connect(path).close()
            return
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                return  # torn, which is for `last_good.heal` to see
            if monotonic() > deadline:
                raise WarehouseIsLockedError(
                    f"{path} is still open in another process after {patience_seconds:.0f} s: {error}\n"
                    "Close it and run again. Readers should open the published copy, which no run waits for."
                ) from error
            if not told:
                tell(f"waiting up to {patience_seconds:.0f} s for another process to let go of the warehouse ({error})")
                told = True
            sleep(0.5)
