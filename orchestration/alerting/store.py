"""The table of alerts: one row per alert, ever.

Put here: SQL on `alerts.alerts` over a DuckDB connection. Keep out: rules, sending.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.alerting.model import SEVERITIES, AlertDraft, Recovery

_CREATE = """
create table if not exists alerts.alerts (
    alert_id varchar primary key,
    rule varchar not null,
    severity varchar not null,
    subject_type varchar not null,
    subject_id varchar not null,
    owner varchar,
    title varchar not null,
    message varchar not null,
    evidence varchar not null,
    first_seen_at_utc timestamp not null,
    last_seen_at_utc timestamp not null,
    delivered_at_utc timestamp,
    delivered_to varchar,
    acknowledged_at_utc timestamp,
    resolved_at_utc timestamp,
    resolution varchar,
    recovery_delivered_at_utc timestamp,
    opened_at_utc timestamp,
    escalated_at_utc timestamp
)
"""
_LATER_COLUMNS = {
    "resolved_at_utc": "timestamp",
    "resolution": "varchar",
    "recovery_delivered_at_utc": "timestamp",
    "opened_at_utc": "timestamp",
    "escalated_at_utc": "timestamp",
}
"""What tables of earlier versions lack."""


@dataclass(frozen=True)
class RecordResult:
    """How many drafts became rows, and how many were known."""

    inserted: int
    seen_again: int


def ensure_alerts_table(connection: Any) -> None:
    """Create schema and table when they are missing."""
    connection.execute("create schema if not exists alerts")
    connection.execute(_CREATE)
    for column, kind in _LATER_COLUMNS.items():
        connection.execute(f"alter table alerts.alerts add column if not exists {column} {kind}")


def upgrade_alerts_table(connection: Any) -> None:
    """Give a table of an earlier version its newest columns: NULL says "since it was first seen", "never got worse"."""
    for column in ("opened_at_utc", "escalated_at_utc"):
        connection.execute(f"alter table if exists alerts.alerts add column if not exists {column} timestamp")


def read_alerts(connection: Any) -> list[dict[str, Any]]:
    """All alerts, oldest first."""
    ensure_alerts_table(connection)
    return rows_of(connection.execute("select * from alerts.alerts order by first_seen_at_utc, alert_id"))


def rows_of(cursor: Any) -> list[dict[str, Any]]:
    """The rows of a query, as they are."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def record_alerts(connection: Any, drafts: Iterable[AlertDraft], *, now: datetime) -> RecordResult:
    """Insert what is new, refresh message, evidence and last sighting of what is known. `now`: naive UTC.

    Delivery state and first sighting are not touched, so running twice changes nothing but the last sighting. What was
    over and holds again is open again and told again. While it is open its severity only rises, and when is noted.
    """
    ensure_alerts_table(connection)
    inserted = seen_again = 0
    for draft in drafts:
        evidence = json.dumps(draft.evidence, sort_keys=True)
        known = connection.execute("select 1 from alerts.alerts where alert_id = ?", [draft.alert_id]).fetchone()
        if known:
            connection.execute(
                "update alerts.alerts set delivered_at_utc = null, resolved_at_utc = null, resolution = null,"
                " recovery_delivered_at_utc = null, opened_at_utc = ?, escalated_at_utc = null,"
                " acknowledged_at_utc = null, severity = ? where alert_id = ? and resolved_at_utc is not null",
                [now, draft.severity, draft.alert_id],
            )
            before = connection.execute(
                "select severity from alerts.alerts where alert_id = ?", [draft.alert_id]
            ).fetchone()[0]
            is_worse = before in SEVERITIES and SEVERITIES.index(draft.severity) < SEVERITIES.index(before)
            connection.execute(
                "update alerts.alerts set last_seen_at_utc = ?, severity = ?, title = ?, message = ?, evidence = ?,"
                " escalated_at_utc = case when ? then cast(? as timestamp) else escalated_at_utc end"
                " where alert_id = ?",
                [
                    now, draft.severity if is_worse or before not in SEVERITIES else before, draft.title,
                    draft.message, evidence, is_worse, now, draft.alert_id,
                ],
            )  # fmt: skip
            seen_again += 1
            continue
        connection.execute(
            "insert into alerts.alerts (alert_id, rule, severity, subject_type, subject_id, owner, title, message,"
            " evidence, first_seen_at_utc, last_seen_at_utc, opened_at_utc)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            [
                draft.alert_id, draft.rule, draft.severity, draft.subject_type, draft.subject_id, draft.owner,
                draft.title, draft.message, evidence, now, now, now,
            ],
        )  # fmt: skip
        inserted += 1
    return RecordResult(inserted, seen_again)


def resolve_alerts(connection: Any, recoveries: Iterable[Recovery], *, now: datetime) -> int:
    """Close what is over; how many. Nobody is told of the end of what nobody was told of. `now`: naive UTC."""
    ensure_alerts_table(connection)
    closed = 0
    for each in recoveries:
        row = connection.execute(
            "update alerts.alerts set resolved_at_utc = ?, resolution = ?, recovery_delivered_at_utc ="
            " case when ? and delivered_at_utc is not null then null else cast(? as timestamp) end"
            " where alert_id = ? and resolved_at_utc is null returning alert_id",
            [now, each.resolution, each.is_told, now, each.alert_id],
        ).fetchone()
        closed += row is not None
    return closed


def mark_recovery_told(connection: Any, alert_id: str, *, now: datetime) -> None:
    """Note that somebody was told of the end of an alert; the first time counts."""
    connection.execute(
        "update alerts.alerts set recovery_delivered_at_utc = ?"
        " where alert_id = ? and recovery_delivered_at_utc is null",
        [now, alert_id],
    )


def mark_delivered(connection: Any, alert_id: str, *, delivered_to: str, now: datetime) -> None:
    """Note that somebody was told; `delivered_to` names the first channel, never its address."""
    connection.execute(
        "update alerts.alerts set delivered_at_utc = ?, delivered_to = ?"
        " where alert_id = ? and delivered_at_utc is null",
        [now, delivered_to, alert_id],
    )
