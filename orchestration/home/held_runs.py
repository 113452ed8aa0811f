"""Lets a run that Dagster's daemon or web interface started hold the home as `costops run` does.

Put here: taking the home for such a run, and what is done at its beginning and end. Keep out: the lock (`lock`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.home.clock_check import check_clock
from orchestration.home.dead_runs import own_tags, settle_dead_runs
from orchestration.home.last_good import heal, is_torn, keep_last_good, problem_of
from orchestration.home.lock import hold_home, wait_until_free
from orchestration.home.mending import mend

WAIT_SECONDS = 3600.0
"""A run of the daemon waits so long for the one before; the command line says how long it does."""
FREE_SECONDS = 180


@contextmanager
def held_for_run(
    settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun, tell: Callable[[str], None]
) -> Iterator[None]:
    """Hold the home while a run of the daemon goes on: whole before it starts, its last good file kept at the end.

    Raises:
        HomeIsBusyError: another run still holds the home after `WAIT_SECONDS`.
        ClockIsBehindError: the clock is earlier than the newest landing.
    """
    instance.add_run_tags(run.run_id, own_tags())
    command = f"Dagster's run {run.run_id.partition('-')[0]} of {run.job_name}"
    with hold_home(settings, wait_seconds=WAIT_SECONDS, tell=tell, command=command, for_process=True) as was_killed:
        for dead in settle_dead_runs(instance, run.run_id):
            tell(f"run {dead.partition('-')[0]} was killed: it counts as failed now")
        wait_until_free(settings.warehouse_path, patience_seconds=FREE_SECONDS, tell=tell)
        mend(settings, tell, was_killed=was_killed, history=False)
        check_clock(settings, utc_now())
        yield
        failures = _failures(instance, run.run_id)
        if any(is_torn(words) for words in failures):
            problem = problem_of(settings.warehouse_path, thorough=True)
            if problem:
                heal(settings, tell, known=problem)
        elif not failures:
            keep_last_good(settings)


def _failures(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """What went wrong in the steps of a run."""
    words = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        error = event.step_failure_data.error if event else None
        while error is not None and error.cause is not None:
            error = error.cause
        words.append(error.message if error else "")
    return words
