"""A rule of alerts that is made or changed from outside: a row of `alerts/alert_rules.csv` that passes its checks.

Put here: that row. Keep out: what rows mean (`alerting.rulebook`), who may (`viewers`), HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from filelock import FileLock

from ingestion.config import Settings
from orchestration.home.organisation_rows import UnwritableFileError, add_row
from orchestration.serving.faults import AskedWrongly, NotAllowed, NotNow
from orchestration.serving.questions import amount_of
from orchestration.serving.viewers import Right, Viewer
from orchestration.serving.writes import line_of


def create_alert_rule(
    settings: Settings, viewer: Viewer, rule: str, threshold: str | int | float | Decimal | None = None,
    critical_threshold: str | int | float | Decimal | None = None,
    minimum_usd: str | int | float | Decimal | None = None, subject: str = "", team: str = "",
    enabled: bool | None = None, severity: str = "", owner: str = "", channels: Sequence[str] = (), comment: str = "",
) -> dict[str, str]:  # fmt: skip
    """Add a row to `alerts/alert_rules.csv` of the home, which the next run decides by. Returns its fields.

    Later rows win, field by field: what is left out stays as it was. A viewer of teams names one of its own.

    Raises:
        NotAllowed: the viewer may not, or not for this team.
        AskedWrongly: the row would not be used; with the field.
        NotNow: the file is not as the row needs it.
    """
    from orchestration.alerting.rulebook import COLUMNS, FILE, problem_of
    from orchestration.alerting.rules import rule_names

    viewer.needs(Right.CREATE_BUDGETS)
    if not viewer.sees_all and team not in viewer.teams:
        raise NotAllowed(
            f"{viewer.principal_id} makes rules of its own teams",
            remedy=f"team {', '.join(sorted(viewer.teams))}, or ask somebody who sees all",
        )
    numbers = {"threshold": threshold, "critical_threshold": critical_threshold, "minimum_usd": minimum_usd}
    words = {"rule": rule, "subject": subject, "team": team, "severity": severity, "owner": owner, "note": comment}
    given = {name: line_of(text, name) for name, text in words.items()}
    given |= {name: format(amount_of(value, name), "f") for name, value in numbers.items() if value is not None}
    given |= {"channels": line_of(";".join(channels), "channels")}
    given |= {} if enabled is None else {"enabled": "yes" if enabled else "no"}
    if not any(value for name, value in given.items() if name not in ("rule", "subject", "team", "note")):
        raise AskedWrongly("the row says nothing", remedy="give a threshold, or what else changes", field="threshold")
    row = {name: given.get(name, "") for name in COLUMNS}
    if problem := problem_of({name: value.strip() for name, value in row.items()}, rule_names()):
        raise AskedWrongly(problem[1], remedy="see docs/alerts.md for what a row may say", field=problem[0])
    path, locks = settings.home / FILE, settings.home / "access"
    for folder in (path.parent, locks):
        folder.mkdir(parents=True, exist_ok=True)
    with FileLock(str(locks / "alert_rules.lock"), timeout=10):
        try:
            add_row(path, row)
        except UnwritableFileError as error:
            raise NotNow(str(error), remedy="mend the file and ask again") from None
    return {name: value for name, value in row.items() if value}
