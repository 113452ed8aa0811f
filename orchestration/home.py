"""Prepares a home folder: sub-folders, Dagster's instance file, the environment of child processes, the lock.

Put here: what must exist before anything runs. Keep out: what runs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingestion.config import Settings
from orchestration.privacy import keep_private, make_private

DAGSTER_INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    granularity: op
    default_limit: 1
run_launcher:
  module: orchestration.run_launcher
  class: WatchedRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 15
  start_timeout_seconds: 600
  max_runtime_seconds: 21600
  free_slots_after_run_end_seconds: 5
run_storage:
  module: dagster.core.storage.runs
  class: SqliteRunStorage
  config:
    base_dir: {base_dir}/history/
event_log_storage:
  module: orchestration.event_storage
  class: OpenEventLogStorage
  config:
    base_dir: {base_dir}/history/runs/
schedule_storage:
  module: dagster.core.storage.schedules
  class: SqliteScheduleStorage
  config:
    base_dir: {base_dir}/schedules
compute_logs:
  module: dagster.core.storage.local_compute_log_manager
  class: LocalComputeLogManager
  config:
    base_dir: {base_dir}/compute_logs
"""


class HomeIsBusyError(RuntimeError):
    """Another process is running the main job on this home."""


def prepare_home(settings: Settings) -> None:
    """Make the folders of a home and point the environment of this process and its children at it.

    Safe to call any number of times. The warehouse path, dbt's folders and the switched-off telemetry
    of dbt, dlt, Dagster and Great Expectations travel through the environment.
    """
    keep_private(settings)
    for folder in (
        settings.home,
        settings.dlt_dir,
        settings.dagster_dir,
        settings.dbt_dir / "logs",
        settings.published_dir,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    instance_file = settings.dagster_dir / "dagster.yaml"
    wanted = DAGSTER_INSTANCE.format(base_dir=settings.dagster_dir.as_posix())
    if not instance_file.exists() or instance_file.read_text() != wanted:
        instance_file.write_text(wanted)
    make_private(settings)
    os.environ.update(environment_of(settings))


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that make a child process work on this home."""
    return {
        "COSTOPS_HOME": str(settings.home),
        "COSTOPS_WAREHOUSE": str(settings.warehouse_path),
        "COSTOPS_EVENTS_DIR": str(settings.events_dir),
        "COSTOPS_BILLING_DIR": str(settings.billing_dir),
        "COSTOPS_GPU_DIR": str(settings.gpu_dir),
        "COSTOPS_ORG_DIR": str(settings.org_dir),
        "COSTOPS_PRICES_DIR": str(settings.prices_dir),
        "COSTOPS_LEDGER_DIR": str(settings.ledger_dir),
        "DAGSTER_HOME": str(settings.dagster_dir),
        "DBT_TARGET_PATH": str(settings.dbt_dir / "target"),
        "DBT_LOG_PATH": str(settings.dbt_dir / "logs"),
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "none"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "TZ": os.environ.get("TZ", "UTC"),
    }


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
    fresh = holder_path(settings).with_suffix(".next")
    fresh.write_text(json.dumps({"pid": os.getpid(), "command": command, "since": since}), encoding="utf-8")
    os.replace(fresh, holder_path(settings))


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
