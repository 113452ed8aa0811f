"""How the newest run of each job ended, and what it failed with.

Put here: asking Dagster's history. Keep out: printing (`doctor`), settling dead runs (`home.dead_runs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingestion.config import Settings

if TYPE_CHECKING:
    import dagster as dg

LOOKED_AT = 200


@dataclass(frozen=True)
class LastRun:
    """The newest run of a job. `failed_in_a_row` counts it and those before it that failed without one that ended well
    between them."""

    job: str
    run_id: str
    status: str
    at_utc: datetime
    failed_in_a_row: int
    steps: tuple[str, ...]
    """Steps that failed in it."""


def last_runs(settings: Settings) -> list[LastRun]:
    """The newest run of each job, newest first; none where the home has no history."""
    if not (settings.dagster_dir / "dagster.yaml").exists():
        return []
    import dagster as dg

    from orchestration.home.paths import prepare_home

    prepare_home(settings)
    with dg.DagsterInstance.get() as instance:
        by_job: dict[str, list[dg.RunRecord]] = {}
        for record in instance.get_run_records(limit=LOOKED_AT):
            by_job.setdefault(record.dagster_run.job_name, []).append(record)
        return [_last(instance, job, records) for job, records in by_job.items()]


def _last(instance: dg.DagsterInstance, job: str, records: Sequence[dg.RunRecord]) -> LastRun:
    import dagster as dg

    newest = records[0]
    failed = 0
    for record in records:
        status = record.dagster_run.status
        if status == dg.DagsterRunStatus.SUCCESS:
            break
        failed += status == dg.DagsterRunStatus.FAILURE
    run = newest.dagster_run
    steps: tuple[str, ...] = ()
    if run.status == dg.DagsterRunStatus.FAILURE:
        events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        steps = tuple(sorted({str(entry.step_key) for entry in events}))
    at = newest.end_time or newest.start_time or newest.create_timestamp.timestamp()
    at_utc = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return LastRun(job, run.run_id, run.status.value.lower(), at_utc, failed, steps)
