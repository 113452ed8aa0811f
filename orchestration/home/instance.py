"""Dagster's instance file of a home: with parts of this project's own, or Dagster's where one no longer fits.

Two parts are built on private parts of Dagster (decisions 16 and 20). Whether this release still has those is tried
once per release and home; where it does not, Dagster's own part does the work, on the same files.

Put here: what the file says and that choice. Keep out: the parts themselves, folders (`paths`).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingestion.whole_files import replace_file

_COMMON = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    granularity: op
    default_limit: 1
run_monitoring:
  enabled: true
  poll_interval_seconds: 15
  start_timeout_seconds: 600
  max_runtime_seconds: 21600
  free_slots_after_run_end_seconds: 5
run_retries:
  enabled: true
  max_retries: 0
  retry_on_asset_or_op_failure: false
compute_logs:
  module: dagster.core.storage.local_compute_log_manager
  class: LocalComputeLogManager
  config:
    base_dir: {base_dir}/compute_logs
"""


@dataclass(frozen=True)
class Part:
    """A part of the instance; `module` has `try_out`, which raises where Dagster has moved what it is built on."""

    name: str
    module: str
    ours: str
    theirs: str
    without: str
    """What it is like without ours."""


PARTS = (
    Part(
        "event log that stays open",
        "orchestration.home.event_storage",
        """\
run_storage:
  module: dagster.core.storage.runs
  class: SqliteRunStorage
  config:
    base_dir: {base_dir}/history/
event_log_storage:
  module: orchestration.home.event_storage
  class: OpenEventLogStorage
  config:
    base_dir: {base_dir}/history/runs/
schedule_storage:
  module: dagster.core.storage.schedules
  class: SqliteScheduleStorage
  config:
    base_dir: {base_dir}/schedules
""",
        """\
storage:
  sqlite:
    base_dir: {base_dir}
""",
        "each event takes longer",
    ),
    Part(
        "launcher that knows dead runs",
        "orchestration.running.run_launcher",
        """\
run_launcher:
  module: orchestration.running.run_launcher
  class: WatchedRunLauncher
""",
        "",
        "a run of the web interface that was killed counts as running until the next costops run",
    ),
)
_TRIED = "tried.json"
logger = logging.getLogger(__name__)


def instance_config(dagster_dir: Path) -> str:
    """What `dagster.yaml` has to say in this home."""
    problems = problems_of_parts(dagster_dir)
    parts = [part.theirs if problems.get(part.name) else part.ours for part in PARTS]
    return "".join([_COMMON, *parts]).format(base_dir=dagster_dir.as_posix())


def problems_of_parts(dagster_dir: Path) -> dict[str, str]:
    """Parts that Dagster's own replace in this home, with the reason and what it is like.

    They are tried once per release of Dagster, which takes importing it; what is wrong is said once.
    """
    try:
        release = version("dagster")
    except PackageNotFoundError:
        return {}
    try:
        tried = json.loads((dagster_dir / _TRIED).read_text())
        if tried["dagster"] == release:
            return dict(tried["problems"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    problems = {part.name: f"{problem}; {part.without}" for part in PARTS if (problem := _try(part))}
    for name, problem in problems.items():
        logger.warning("Dagster %s has no place any more for the %s, so its own is used: %s", release, name, problem)
    replace_file(dagster_dir / _TRIED, json.dumps({"dagster": release, "problems": problems}))
    return problems


def _try(part: Part) -> str | None:
    try:
        import_module(part.module).try_out()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
