"""What people said to alerts: seen, be quiet until then, speak again; each with who and why.

Put here: the table `alerts.actions`, never changed afterwards, what is muted now. Keep out: commands, sending.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.identity import stable_id
from orchestration.alerting.model import Row
from orchestration.alerting.store import ensure_alerts_table, rows_of

ACK, MUTE, UNMUTE = "ack", "mute", "unmute"
RULE_PREFIX = "rule:"
INCIDENT_PREFIX = "incident:"
_CREATE = """
create table if not exists alerts.actions (
    action_id varchar primary key,
    action varchar not null,
    target varchar not null,
    until_utc timestamp,
    by_whom varchar not null,
    reason varchar not null,
    acted_at_utc timestamp not null
)
"""


class UnknownAlertError(LookupError):
    """No alert or incident, or more than one, has an id that begins so."""


@dataclass(frozen=True)
class Mutes:
    """Spans in which a target (an alert's id, or `rule:` and a name) is silent."""

    spans: tuple[tuple[str, datetime, datetime], ...] = ()

    def covers(self, alert: Row, at: datetime) -> bool:
        """Whether an alert is muted at an instant."""
        targets = {str(alert["alert_id"]), RULE_PREFIX + str(alert["rule"])}
        return any(target in targets and start <= at < end for target, start, end in self.spans)

    def until(self, alert: Row, at: datetime) -> datetime | None:
        """Until when an alert is muted that is muted at an instant, by itself or with its rule."""
        ends = (self.until_of(each, at) for each in (str(alert["alert_id"]), RULE_PREFIX + str(alert["rule"])))
        return max((end for end in ends if end), default=None)

    def until_of(self, target: str, at: datetime) -> datetime | None:
        """Until when a target is muted that is muted at an instant."""
        return max((end for each, start, end in self.spans if each == target and start <= at < end), default=None)


def ensure_actions_table(connection: Any) -> None:
    """Create schema and table when they are missing."""
    connection.execute("create schema if not exists alerts")
    connection.execute(_CREATE)


def act(
    connection: Any, action: str, target: str, *, by: str, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Note an action; that an alert was seen is noted in its row too, and of the incidents it tells of.

    All or nothing. `target`: an alert's id, `rule:` and a name, `incident:` and an id. `now`: naive UTC.
    """
    ensure_alerts_table(connection)
    ensure_actions_table(connection)
    connection.execute("begin")
    try:
        targets = [target, *(_incidents_of(connection, target) if action == ACK else [])]
        connection.executemany(
            "insert into alerts.actions values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            [
                [stable_id("action", action, each, now.isoformat()), action, each, until, by, reason, now]
                for each in targets
            ],
        )
        if action == ACK:
            connection.execute(
                "update alerts.alerts set acknowledged_at_utc = ? where alert_id = ? and acknowledged_at_utc is null",
                [now, target],
            )
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def _incidents_of(connection: Any, alert_id: str) -> list[str]:
    """The incidents of an alert on unusual spend, as targets."""
    row = connection.execute("select evidence from alerts.alerts where alert_id = ?", [alert_id]).fetchone()
    evidence = json.loads(str(row[0] or "{}")) if row else {}
    return [INCIDENT_PREFIX + str(each) for each in evidence.get("incident_ids", [])]


def find_incident(connection: Any, beginning: str) -> dict[str, Any]:
    """The one incident whose id begins so: `incident_id, reason`."""
    there = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'ml' and table_name = 'cost_incidents'"
    ).fetchone()
    if not there[0]:
        raise UnknownAlertError(f"no incident has an id that begins with {beginning!r}: none was looked for yet")
    found = rows_of(
        connection.execute(
            "select incident_id, reason from ml.cost_incidents where starts_with(incident_id, ?) limit 2", [beginning]
        )
    )
    return _the_one(found, "incident", beginning, "rpt_cost_incidents shows them")


def find_alert(connection: Any, beginning: str) -> dict[str, Any]:
    """The one alert whose id begins so."""
    ensure_alerts_table(connection)
    found = rows_of(
        connection.execute("select * from alerts.alerts where starts_with(alert_id, ?) limit 2", [beginning])
    )
    return _the_one(found, "alert", beginning, "costops alerts list shows them")


def _the_one(found: Sequence[dict[str, Any]], what: str, beginning: str, where: str) -> dict[str, Any]:
    if not beginning or len(found) != 1:
        number = f"no {what} has" if not found else f"more than one {what} has"
        raise UnknownAlertError(f"{number} an id that begins with {beginning!r}; {where}")
    return found[0]


def read_actions(connection: Any) -> list[dict[str, Any]]:
    """Every action, oldest first."""
    ensure_actions_table(connection)
    return rows_of(connection.execute("select * from alerts.actions order by acted_at_utc, action_id"))


def mutes_of(actions: Sequence[Row]) -> Mutes:
    """The spans that result from the actions; a later one on the same target ends the one before."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for each in sorted(actions, key=lambda row: row["acted_at_utc"]):
        if each["action"] not in (MUTE, UNMUTE):
            continue
        at, of_target = each["acted_at_utc"], spans.setdefault(str(each["target"]), [])
        if of_target and of_target[-1][1] > at:
            of_target[-1] = (of_target[-1][0], at)
        if each["action"] == MUTE and each["until_utc"] is not None:
            of_target.append((at, each["until_utc"]))
    return Mutes(tuple((target, *span) for target, found in sorted(spans.items()) for span in found))
