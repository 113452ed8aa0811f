"""A job whose last run failed: one alert until a run of it ends well.

Put here: when that is told and how. Keep out: asking Dagster (`defs.alerting` gives the runs).
"""

from __future__ import annotations

from collections.abc import Iterator

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, AlertRule, Row, Situation

NAME, RUNS = "run_failed", "runs"
MANY = 3
"""So many failures in a row make it critical."""


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """One alert per job whose newest finished run failed. Rows: `job`, `run_id`, `is_failure`, `ended_at_utc`."""
    by_job: dict[str, list[Row]] = {}
    for row in sorted(situation.rows(RUNS), key=lambda row: row["ended_at_utc"], reverse=True):
        by_job.setdefault(str(row["job"]), []).append(row)
    for job, runs in by_job.items():
        if not runs[0]["is_failure"]:
            continue
        failed = next((number for number, row in enumerate(runs) if not row["is_failure"]), len(runs))
        last, times = runs[0], f"{failed} times in a row" if failed > 1 else "once"
        yield AlertDraft(
            alert_id=stable_id(NAME, job),
            rule=NAME,
            severity="critical" if failed >= MANY else "warning",
            subject_type="job",
            subject_id=job,
            owner=situation.params.default_owner,
            title=f"Job {job} failed {times}",
            message=f"The last run ended {last['ended_at_utc']:%Y-%m-%d %H:%M} UTC; figures may be out of date.",
            evidence={
                "run_id": str(last["run_id"]),
                "failed_runs": failed,
                "what_to_do": "See what failed and its remedy: costops doctor.",
            },
        )


RULE = AlertRule(NAME, (), holding, given=(RUNS,))
