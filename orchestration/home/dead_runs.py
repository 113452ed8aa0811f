"""Finds Dagster runs whose process is gone, and settles them: nobody else says that they failed.

Put here: marking a run with its process, telling dead from living, settling. Keep out: holding the home (`held_runs`).
"""

from __future__ import annotations

import time
from typing import Any

import dagster as dg

from orchestration.home.processes import is_alive, process_mark

PROCESS_TAG = "costops/process"
LAUNCHED_HERE = {"costops/launched_by": "command line"}
START_PATIENCE_SECONDS = 600
"""A run that has not said by now which process it is never will."""
ENDED = "Its process ended before the run did."
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def own_tags() -> dict[str, str]:
    """Tags that say which process a run is."""
    return {PROCESS_TAG: process_mark()}


def lives(run: dg.DagsterRun) -> bool | None:
    """Whether the process of a run lives; None where the run does not say which it is, or it is another machine's."""
    mark = run.tags.get(PROCESS_TAG)
    return is_alive(mark) if mark else None


def settle_dead_runs(instance: dg.DagsterInstance, own_run_id: str | None = None) -> list[str]:
    """Mark dead runs as failed and give back their place in the pool; returns their ids.

    The home must be held: no other run of the command line can live then, and one of the daemon only waits.
    """
    dead = []
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_UNFINISHED)):
        run = record.dagster_run
        if run.run_id == own_run_id or not _is_dead(record):
            continue
        instance.report_run_failed(run, ENDED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        dead.append(run.run_id)
    for run_id in _holders_of_places(instance) - {own_run_id}:
        holder = instance.get_run_by_id(run_id)
        if holder is None or holder.is_finished:  # killed between its end and giving its place back
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    return dead


def _is_dead(record: Any) -> bool:
    run = record.dagster_run
    living = lives(run)
    if living is None and LAUNCHED_HERE.items() <= run.tags.items():
        return True
    if living is None:
        return bool(time.time() - record.create_timestamp.timestamp() > START_PATIENCE_SECONDS)
    return not living


def _holders_of_places(instance: dg.DagsterInstance) -> set[str]:
    storage = instance.event_log_storage
    keys = storage.get_concurrency_keys()
    return {slot.run_id for key in keys for slot in storage.get_concurrency_info(key).claimed_slots}
