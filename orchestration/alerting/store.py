"""The table of alerts: one row per alert, ever.

Put here: SQL on `alerts.alerts` over a DuckDB connection. Keep out: rules, sending.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from orchestration.alerting.model import AlertDraft
from orchestration.alerting.recovery import Recovery

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
    recovery_delivered_at_utc timestamp
)
"""
_LATER_COLUMNS = {"resolved_at_utc": "timestamp", "resolution": "varchar", "recovery_delivered_at_utc": "timestamp"}
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


def read_alerts(connection: Any) -> pd.DataFrame:
    """All alerts, oldest first; the frame that `decide` takes as `existing_alerts`."""
    ensure_alerts_table(connection)
    return connection.execute("select * from alerts.alerts order by first_seen_at_utc, alert_id").df()


def record_alerts(connection: Any, drafts: Iterable[AlertDraft], *, now: datetime) -> RecordResult:
    """Insert what is new, refresh message, evidence and last sighting of what is known. `now`: naive UTC.

    Delivery state and first sighting are not touched, so running twice changes nothing but the last sighting. What was
    over and holds again is open again and told again.
    """
    ensure_alerts_table(connection)
    inserted = seen_again = 0
    for draft in drafts:
        evidence = json.dumps(draft.evidence, sort_keys=True)
        known = connection.execute("select 1 from alerts.alerts where alert_id = ?", [draft.alert_id]).fetchone()
        if known:
            connection.execute(
                "update alerts.alerts set delivered_at_utc = null, resolved_at_utc = null, resolution = null,"
                " recovery_delivered_at_utc = null where alert_id = ? and resolved_at_utc is not null",
                [draft.alert_id],
            )
            connection.execute(
                "update alerts.alerts set last_seen_at_utc = ?, severity = ?, title = ?, message = ?, evidence = ?"
                " where alert_id = ?",
                [now, draft.severity, draft.title, draft.message, evidence, draft.alert_id],
            )
            seen_again += 1
            continue
        connection.execute(
            "insert into alerts.alerts (alert_id, rule, severity, subject_type, subject_id, owner, title, message,"
            " evidence, first_seen_at_utc, last_seen_at_utc) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict do nothing",
            [
                draft.alert_id, draft.rule, draft.severity, draft.subject_type, draft.subject_id, draft.owner,
                draft.title, draft.message, evidence, now, now,
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


def untold_recoveries(connection: Any) -> list[dict[str, Any]]:
    """Alerts that are over and whose end nobody has been told of, oldest first."""
    ensure_alerts_table(connection)
    cursor = connection.execute(
        "select alert_id, rule, severity, subject_type, subject_id, owner, title, message, evidence, first_seen_at_utc,"
        " resolved_at_utc, resolution from alerts.alerts where resolved_at_utc is not null"
        " and delivered_at_utc is not null and recovery_delivered_at_utc is null order by resolved_at_utc, alert_id"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def mark_recovery_told(connection: Any, alert_id: str, *, now: datetime) -> None:
    """Note that the end of an alert was told."""
    connection.execute("update alerts.alerts set recovery_delivered_at_utc = ? where alert_id = ?", [now, alert_id])


def undelivered_alerts(connection: Any) -> list[dict[str, Any]]:
    """Alerts that nobody has been told of yet, oldest first: new ones, and those of a run that was killed."""
    ensure_alerts_table(connection)
    cursor = connection.execute(
        "select alert_id, rule, severity, subject_type, subject_id, owner, title, message, evidence, first_seen_at_utc"
        " from alerts.alerts where delivered_at_utc is null order by first_seen_at_utc, alert_id"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def mark_delivered(connection: Any, alert_id: str, *, delivered_to: str, now: datetime) -> None:
    """Note the delivery; `delivered_to` names the channel, never its address."""
    connection.execute(
        "update alerts.alerts set delivered_at_utc = ?, delivered_to = ?"
        " where alert_id = ? and delivered_at_utc is null",
        [now, delivered_to, alert_id],
    )
