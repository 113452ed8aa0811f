"""Flagged days as incidents: one root cause over neighbouring days, with the scopes that it explains.

Put here: folding of scopes and days. Keep out: which days are flagged (`ml.anomalies`), what is said (`rules`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from orchestration.alerting.model import AlertParams, Row, day_of, decimal_of
from orchestration.alerting.owners import SPECIFICITY, Owners

Scope = tuple[str, str]


@dataclass
class Incident:
    """One root cause over neighbouring days. `days`: date → row of the cause. `folded`: other scopes it explains."""

    root: Scope
    days: dict[date, Row] = field(default_factory=dict)
    folded: dict[Scope, Decimal] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """Its first flagged day."""
        return min(self.days)

    @property
    def last(self) -> date:
        """Its last flagged day."""
        return max(self.days)


def incidents_of(flagged: Iterable[Row], owners: Owners, params: AlertParams) -> list[Incident]:
    """The incidents that flagged days make, in the order of their first day."""
    by_day: dict[date, list[Row]] = {}
    for row in flagged:
        by_day.setdefault(day_of(row["usage_date"]), []).append(row)
    found: list[Incident] = []
    for day in sorted(by_day):
        for root, folded in fold_day(by_day[day], owners, params):
            _join(found, day, root, folded, owners, params)
    return found


def fold_day(rows: list[Row], owners: Owners, params: AlertParams) -> list[tuple[Row, list[Row]]]:
    """The flagged scopes of one day as (root cause, what it explains).

    The largest impact is taken first; its root is the most specific linked scope that carries at least
    `root_cause_ratio` of it. Scopes linked to the root, and others of the same team, are folded into it.
    """
    bills = _bills_of_usage(rows, owners)
    left = sorted(rows, key=lambda r: (-impact_of(r), -SPECIFICITY[str(r["scope_type"])], str(r["scope_id"])))
    found = []
    while left:
        widest = left[0]
        family = [r for r in left if _of_one(r, widest, owners, bills)]
        able = [r for r in family if float(impact_of(r)) >= params.root_cause_ratio * float(impact_of(widest))]
        root = max(able, key=lambda r: (SPECIFICITY[str(r["scope_type"])], impact_of(r), str(r["scope_id"])))
        teams = owners.teams(scope_of(root))
        folded = [
            r for r in left if r is not root and (_of_one(r, root, owners, bills) or teams & owners.teams(scope_of(r)))
        ]
        found.append((root, folded))
        gone = [id(r) for r in (root, *folded)]
        left = [r for r in left if id(r) not in gone]
    return found


def _join(
    incidents: list[Incident],
    day: date,
    root: Row,
    folded: list[Row],
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
        if day - i.last <= gap and rank <= SPECIFICITY[i.root[0]] and owners.linked(i.root, scope_of(root))
    ]
    incident = next((i for i in running if i.root == scope_of(root)), running[0] if running else None)
    if incident is None:
        incident = Incident(scope_of(root))
        incidents.append(incident)
    if day not in incident.days or impact_of(root) > impact_of(incident.days[day]):
        incident.days[day] = root
    for row in folded:
        incident.folded[scope_of(row)] = max(impact_of(row), incident.folded.get(scope_of(row), Decimal(0)))


def _of_one(row: Row, other: Row, owners: Owners, bills: dict[object, object]) -> bool:
    """Whether detection put both into one incident, one bills the other, or the spend of one is part of the other's."""
    ours, theirs = (bills.get(each.get("incident_id"), each.get("incident_id")) for each in (row, other))
    return (ours is not None and ours == theirs) or owners.linked(scope_of(row), scope_of(other))


def _bills_of_usage(rows: list[Row], owners: Owners) -> dict[object, object]:
    """Incidents in bills by the incident in metered usage that they charge for: the same money told a second time."""
    by_basis: dict[str, dict[object, list[Row]]] = {"metered": {}, "billed": {}}
    for row in rows:
        if row.get("incident_id") is not None and row.get("basis") in by_basis:
            by_basis[str(row["basis"])].setdefault(row["incident_id"], []).append(row)
    found: dict[object, object] = {}
    for billed, charges in by_basis["billed"].items():
        for metered, used in by_basis["metered"].items():
            pairs = ((scope_of(a), scope_of(b)) for a in charges for b in used)
            if any("total" not in (a[0], b[0]) and owners.linked(a, b) for a, b in pairs):
                found[billed] = metered
                break
    return found


def scope_of(row: Row) -> Scope:
    """Type and id of what a row is about."""
    return str(row["scope_type"]), str(row["scope_id"])


def impact_of(row: Row) -> Decimal:
    """USD above what was expected."""
    return decimal_of(row["impact_usd"])
