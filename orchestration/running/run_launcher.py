"""Dagster's launcher of runs, which also says whether the process of a run still lives.

Dagster's own cannot say: a run whose process was killed stayed "started" until its time was up, and kept its place.
Put here: that answer. Keep out: settling from the command line (`home.dead_runs`).
"""

from __future__ import annotations

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from orchestration.home.dead_runs import ENDED, lives


class WatchedRunLauncher(DefaultRunLauncher):
    """Launches runs in processes of their own; the daemon's monitoring settles those that are gone."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """It does."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Failed where the process is gone; a run that does not say its process yet counts as running."""
        if lives(run) is False:
            return CheckRunHealthResult(WorkerStatus.FAILED, ENDED)
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def try_out() -> None:
    """Raise where a part of Dagster that this is built on has moved."""
    if not callable(DefaultRunLauncher.check_run_worker_health):
        raise AttributeError("DefaultRunLauncher has no check_run_worker_health")
    CheckRunHealthResult(WorkerStatus.FAILED, ENDED)
    WatchedRunLauncher()
