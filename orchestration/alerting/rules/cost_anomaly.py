"""Unusual spend: one alert per root cause and incident, however many scopes and days it shows in.

Put here: which incidents are told and how. Keep out: detection (`ml.anomalies`), folding (`alerting.incidents`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal

from ml.identity import stable_id
from orchestration.alerting.incidents import Incident, impact_of, incidents_of
from orchestration.alerting.model import AlertDraft, AlertRule, Recovery, Row, Situation, day_of
from orchestration.alerting.next_steps import why
from orchestration.alerting.owners import SPECIFICITY

NAME = "cost_anomaly"
ANOMALIES = "ml.cost_anomalies"


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """Alerts of the incidents with a day in the last `lookback_days` before `as_of`.

    Only rises of the listed severities count. Older days are read too, so an incident keeps its first day, and with
    it its id, while it moves out of the window.
    """
    params = situation.params
    flagged = [
        row
        for row in situation.rows(ANOMALIES)
        if row["is_anomaly"]
        and row["severity"] in params.alert_severities
        and float(row["impact_usd"]) > 0
        and day_of(row["usage_date"]) <= situation.as_of
    ]
    oldest = situation.as_of - timedelta(days=params.lookback_days)
    for incident in incidents_of(flagged, situation.owners, params):
        if incident.last >= oldest:
            yield _draft(incident, situation)


def _draft(incident: Incident, situation: Situation) -> AlertDraft:
    first, last = incident.first, incident.last
    worst = max(incident.days.values(), key=impact_of)
    scope_type, scope_id = incident.root
    impact = sum((impact_of(row) for row in incident.days.values()), Decimal(0))
    when = str(first) if first == last else f"{first} to {last}"
    also = ", ".join(f"{t} {i}" for t, i in sorted(incident.folded, key=lambda s: SPECIFICITY[s[0]]))
    severities = {str(row["severity"]) for row in incident.days.values()}
    return AlertDraft(
        alert_id=_continued(incident, situation) or stable_id(NAME, scope_type, scope_id, first.isoformat()),
        rule=NAME,
        severity="critical" if "critical" in severities else "warning",
        subject_type=scope_type,
        subject_id=scope_id,
        owner=situation.owners.find(scope_type, scope_id, situation.params.default_owner),
        title=f"Unusual spend: {scope_type} {scope_id}, {impact:,.2f} USD above expectation",
        message=f"{_sentence(str(worst['reason']), when)}" + (f" Also visible in {also}." if also else ""),
        evidence={
            "first_date": first.isoformat(),
            "last_date": last.isoformat(),
            "impact_usd": str(impact),
            **_amounts(incident, impact),
            "cost_kind": scope_id if scope_type == "cost_kind" else "llm",
            "what_to_do": f"See what drives it: {why(scope_type, scope_id, first, last)}.",
            "incident_ids": sorted(
                {str(row["incident_id"]) for row in incident.days.values() if row.get("incident_id")}
            ),
            "anomaly_ids": sorted(str(row["anomaly_id"]) for row in incident.days.values()),
            "also_visible_in": [
                {"scope_type": t, "scope_id": i, "impact_usd": str(v)} for (t, i), v in sorted(incident.folded.items())
            ],
        },
    )


def _amounts(incident: Incident, impact: Decimal) -> dict[str, str]:
    """What its days cost and would have, where that is known of each."""
    costs = [row.get("actual_cost_usd") for row in incident.days.values()]
    if None in costs:
        return {}
    cost = sum((Decimal(str(each)) for each in costs), Decimal(0))
    return {"cost_usd": str(cost), "expected_usd": str(cost - impact)}


def _sentence(reason: str, when: str) -> str:
    """The incident in words with its days, which most reasons name themselves."""
    said = reason[:1].upper() + reason[1:]
    return f"{said}." if when[:10] in reason else f"On {when}: {reason}."


def _continued(incident: Incident, situation: Situation) -> str | None:
    """The id of the stored alert that tells of this incident already, so that restated data makes no second one.

    The same subject within the gap, or, on a shared day, an alert whose subject is folded into this incident or that
    folded this incident's cause.
    """
    gap = timedelta(days=situation.params.incident_gap_days)
    for alert_id, row in sorted(situation.existing.items()):
        evidence = json.loads(str(row["evidence"] or "{}")) if row["rule"] == NAME else {}
        if "first_date" not in evidence or "last_date" not in evidence:
            continue
        start, end = date.fromisoformat(evidence["first_date"]), date.fromisoformat(evidence["last_date"])
        subject = (str(row["subject_type"]), str(row["subject_id"]))
        told = {(each["scope_type"], each["scope_id"]) for each in evidence.get("also_visible_in", [])}
        if subject == incident.root and incident.first <= end + gap and incident.last >= start - gap:
            return alert_id
        if (subject in incident.folded or incident.root in told) and incident.first <= end and incident.last >= start:
            return alert_id
    return None


def why_over(alert: Row, situation: Situation, _: Collection[AlertDraft]) -> Recovery:
    """An incident is over when its days lie far enough back."""
    return Recovery(str(alert["alert_id"]), f"no day was unusual in the last {situation.params.lookback_days} days")


RULE = AlertRule(NAME, (ANOMALIES,), holding, why_over)
