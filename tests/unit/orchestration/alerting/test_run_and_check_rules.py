"""Failed runs and failed checks: one alert per job or cause, over when it is well again."""

from __future__ import annotations

from datetime import datetime, timedelta

from orchestration.alerting import Situation, decide
from orchestration.alerting.rules import check_failed, run_failed

AT = datetime(2026, 11, 10, 8)  # noqa: DTZ001


def runs(*outcomes: bool, job: str = "main") -> list[dict[str, object]]:
    """Runs an hour apart, oldest first; True failed."""
    return [
        {"job": job, "run_id": f"{job}-{n}", "is_failure": failed, "ended_at_utc": AT + timedelta(hours=n)}
        for n, failed in enumerate(outcomes)
    ]


def found(rows: list[dict[str, object]], existing: dict[str, dict[str, object]] | None = None) -> Situation:
    return Situation(AT.date(), {run_failed.RUNS: rows, check_failed.CHECKS: rows}, existing or {})


def test_only_the_newest_run_of_a_job_counts() -> None:
    assert decide(found(runs(True, False)), [run_failed.RULE]).drafts == ()
    (draft,) = decide(found([*runs(False, True), *runs(True, False, job="weekly")]), [run_failed.RULE]).drafts
    assert (draft.subject_id, draft.severity, draft.evidence["run_id"]) == ("main", "warning", "main-1")


def test_three_failures_in_a_row_are_critical_and_the_same_alert() -> None:
    (one,) = decide(found(runs(False, True)), [run_failed.RULE]).drafts
    (three,) = decide(found(runs(False, True, True, True)), [run_failed.RULE]).drafts
    assert (three.severity, three.evidence["failed_runs"]) == ("critical", 3)
    assert one.alert_id == three.alert_id


def test_a_check_is_told_with_its_remedy_and_ends_at_once() -> None:
    row: dict[str, object] = {"cause": "unique_x", "reason": "2 rows", "remedy": "mend the file", "held_back": 4}
    (draft,) = decide(found([row]), [check_failed.RULE]).drafts
    assert draft.severity == "critical"
    assert draft.evidence["what_to_do"] == "mend the file"
    assert draft.message.startswith("4 marts keep their figures of before")
    stored: dict[str, object] = {
        "alert_id": draft.alert_id, "rule": "check_failed", "subject_type": "check", "subject_id": "unique_x",
        "resolved_at_utc": None, "last_seen_at_utc": AT, "evidence": "{}",
    }  # fmt: skip
    well = decide(found([{"cause": None}], {draft.alert_id: stored}), [check_failed.RULE])
    assert [each.resolution for each in well.recoveries] == ["the check passes again"]
    unknown = decide(found([], {draft.alert_id: stored}), [check_failed.RULE])
    assert unknown.recoveries == (), "who does not know whether checks pass ends nothing"
