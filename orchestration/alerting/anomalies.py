"""Anomaly rule: one alert per root cause and incident, however many scopes and days it shows in.

Put here: folding of `ml.cost_anomalies`. Keep out: detection, delivery.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, AlertParams, records_of
from orchestration.alerting.owners import SPECIFICITY, Owners

RULE = "cost_anomaly"
Scope = tuple[str, str]


@dataclass
class Incident:
    """One root cause over neighbouring days. `days`: date → row of the cause. `folded`: other scopes it explains."""

    root: Scope
    days: dict[date, dict[str, object]] = field(default_factory=dict)
    folded: dict[Scope, Decimal] = field(default_factory=dict)


def decide_anomalies(
    anomalies: pd.DataFrame,
    existing: Mapping[str, Mapping[str, object]],
    owners: Owners,
    as_of: date,
    params: AlertParams,
) -> list[AlertDraft]:
    """Alerts of the incidents with a day in the last `lookback_days` before `as_of`.

    Only rises of the listed severities count. Older days are read too, so an incident keeps its first day, and with
    it its id, while it moves out of the window.
    """
    if anomalies.empty:
        return []
    frame = anomalies.assign(usage_date=pd.to_datetime(anomalies["usage_date"]).dt.date)
    wanted = (
        frame["is_anomaly"].astype(bool)
        & frame["severity"].isin(params.alert_severities)
        & (frame["impact_usd"].astype(float) > 0)
        & (frame["usage_date"] <= as_of)
    )
    incidents: list[Incident] = []
    records = records_of(frame[wanted])
    for day in sorted(frame.loc[wanted, "usage_date"].unique()):
        for root, folded in fold_day([r for r in records if r["usage_date"] == day], owners, params):
            _join(incidents, day, root, folded, owners, params)
    oldest = as_of - timedelta(days=params.lookback_days)
    return [_draft(i, existing, owners, params) for i in incidents if max(i.days) >= oldest]


def fold_day(
    rows: list[dict[str, object]], owners: Owners, params: AlertParams
) -> list[tuple[dict[str, object], list[dict[str, object]]]]:
    """The flagged scopes of one day as (root cause, what it explains).

    The largest impact is taken first; its root is the most specific linked scope that carries at least
    `root_cause_ratio` of it. Scopes linked to the root, and others of the same team, are folded into it.
    """
    left = sorted(rows, key=lambda r: (-_impact(r), -SPECIFICITY[str(r["scope_type"])], str(r["scope_id"])))
    found = []
    while left:
        widest = left[0]
        family = [r for r in left if owners.linked(_scope(r), _scope(widest))]
        able = [r for r in family if float(_impact(r)) >= params.root_cause_ratio * float(_impact(widest))]
        root = max(able, key=lambda r: (SPECIFICITY[str(r["scope_type"])], _impact(r), str(r["scope_id"])))
        teams = owners.teams(_scope(root))
        folded = [
            r
            for r in left
            if r is not root and (owners.linked(_scope(r), _scope(root)) or teams & owners.teams(_scope(r)))
        ]
        found.append((root, folded))
        gone = [id(r) for r in (root, *folded)]
        left = [r for r in left if id(r) not in gone]
    return found


def _join(
    incidents: list[Incident],
    day: date,
    root: dict[str, object],
    folded: list[dict[str, object]],
    owners: Owners,
    params: AlertParams,
) -> None:
    """Add the day to the incident it continues, or open one.

    It continues when the gap is no longer than allowed and the cause is the same or a broader scope linked to it. A
    more specific cause than before is news and opens an incident of its own.
    """
    gap = timedelta(days=params.incident_gap_days)
    rank = SPECIFICITY[str(root["scope_type"])]
    running = [
        i
        for i in incidents
        if day - max(i.days) <= gap and rank <= SPECIFICITY[i.root[0]] and owners.linked(i.root, _scope(root))
    ]
    incident = next((i for i in running if i.root == _scope(root)), running[0] if running else None)
    if incident is None:
        incident = Incident(_scope(root))
        incidents.append(incident)
    if day not in incident.days or _impact(root) > _impact(incident.days[day]):
        incident.days[day] = root
    for row in folded:
        incident.folded[_scope(row)] = max(_impact(row), incident.folded.get(_scope(row), Decimal(0)))


def _draft(
    incident: Incident, existing: Mapping[str, Mapping[str, object]], owners: Owners, params: AlertParams
) -> AlertDraft:
    first, last = min(incident.days), max(incident.days)
    worst = max(incident.days.values(), key=_impact)
    scope_type, scope_id = incident.root
    alert_id = _continued(incident, existing, params) or stable_id(RULE, scope_type, scope_id, first.isoformat())
    impact = sum((_impact(r) for r in incident.days.values()), Decimal(0))
    when = str(first) if first == last else f"{first} to {last}"
    also = ", ".join(f"{t} {i}" for t, i in sorted(incident.folded, key=lambda s: SPECIFICITY[s[0]]))
    severities = {str(r["severity"]) for r in incident.days.values()}
    return AlertDraft(
        alert_id=alert_id,
        rule=RULE,
        severity="critical" if "critical" in severities else "warning",
        subject_type=scope_type,
        subject_id=scope_id,
        owner=owners.find(scope_type, scope_id, params.default_owner),
        title=f"Unusual spend: {scope_type} {scope_id}, {impact:,.2f} USD above expectation",
        message=f"On {when}: {worst['reason']}." + (f" Also visible in {also}." if also else ""),
        evidence={
            "first_date": first.isoformat(),
            "last_date": last.isoformat(),
            "impact_usd": str(impact),
            "cost_kind": scope_id if scope_type == "cost_kind" else "llm",
            "anomaly_ids": sorted(str(r["anomaly_id"]) for r in incident.days.values()),
            "also_visible_in": [
                {"scope_type": t, "scope_id": i, "impact_usd": str(v)} for (t, i), v in sorted(incident.folded.items())
            ],
        },
        is_new=alert_id not in existing,
    )


def _continued(incident: Incident, existing: Mapping[str, Mapping[str, object]], params: AlertParams) -> str | None:
    """The id of the stored alert that tells of this incident already, so that restated data makes no second one.

    The same subject within the gap, or, on a shared day, an alert whose subject is folded into this incident or that
    folded this incident's cause.
    """
    first, last = min(incident.days), max(incident.days)
    gap = timedelta(days=params.incident_gap_days)
    for alert_id, row in sorted(existing.items()):
        evidence = json.loads(str(row["evidence"] or "{}")) if row["rule"] == RULE else {}
        if "first_date" not in evidence or "last_date" not in evidence:
            continue
        start, end = date.fromisoformat(evidence["first_date"]), date.fromisoformat(evidence["last_date"])
        subject = (str(row["subject_type"]), str(row["subject_id"]))
        told = {(e["scope_type"], e["scope_id"]) for e in evidence.get("also_visible_in", [])}
        if subject == incident.root and first <= end + gap and last >= start - gap:
            return alert_id
        if (subject in incident.folded or incident.root in told) and first <= end and last >= start:
            return alert_id
    return None


def _scope(row: Mapping[str, object]) -> Scope:
    return str(row["scope_type"]), str(row["scope_id"])


def _impact(row: Mapping[str, object]) -> Decimal:
    value = row["impact_usd"]
    return value if isinstance(value, Decimal) else Decimal(str(value))
