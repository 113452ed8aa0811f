"""A check that failed and holds figures back: one alert per cause until it is well again.

Put here: when that is told and how. Keep out: checks, what they hold back (`publishing.mart_health`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, AlertRule, Recovery, Row, Situation

NAME, CHECKS = "check_failed", "checks"
LONGEST = 300
"""Characters of a reason that are said."""


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """One alert per cause. Rows: `cause`, `reason`, `held_back` (how many marts); of a home that is well, one without
    a cause."""
    for row in situation.rows(CHECKS):
        if row["cause"] is None:
            continue
        yield AlertDraft(
            alert_id=stable_id(NAME, str(row["cause"])),
            rule=NAME,
            severity="critical",
            subject_type="check",
            subject_id=str(row["cause"]),
            owner=situation.params.default_owner,
            title=f"Check {row['cause']} failed",
            message=f"{row['held_back']} marts keep their figures of before. {str(row['reason'])[:LONGEST]}",
            evidence={"held_back": row["held_back"], "what_to_do": str(row.get("remedy") or "costops doctor")},
        )


def why_over(alert: Row, _: Situation, __: object) -> Recovery:
    """It passes again."""
    return Recovery(str(alert["alert_id"]), "the check passes again")


RULE = AlertRule(NAME, (), holding, why_over, given=(CHECKS,))
