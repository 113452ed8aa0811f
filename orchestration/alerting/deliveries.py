"""The tables of deliveries: what a channel has to be told; one row per notice, channel and attempt, never changed.

Put here: SQL on `alerts.deliveries`, which notices a channel still has to be told. Keep out: sending, retries.
What a row says was sent is the notice's text; addresses and keys of channels are in none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ml.identity import stable_id
from orchestration.alerting.notices import OPEN, OVER, WORSE, Digest, Notice
from orchestration.alerting.store import ensure_alerts_table, mark_delivered, mark_recovery_told, rows_of

_CREATE = """
create table if not exists alerts.deliveries (
    delivery_id varchar primary key,
    notice_id varchar not null,
    alert_id varchar not null,
    state varchar not null,
    channel varchar not null,
    attempt bigint not null,
    tries bigint not null,
    attempted_at_utc timestamp not null,
    is_delivered boolean not null,
    problem varchar,
    sent_text varchar not null
)
"""
_CREATE_OUTBOX = """
create table if not exists alerts.outbox (
    notice_id varchar not null,
    channel varchar not null,
    queued_at_utc timestamp not null,
    primary key (notice_id, channel)
)
"""


def ensure_deliveries_table(connection: Any) -> None:
    """Create schema and tables when they are missing."""
    ensure_alerts_table(connection)
    connection.execute(_CREATE)
    connection.execute(_CREATE_OUTBOX)


def queue(connection: Any, waiting: Mapping[str, Sequence[Notice]], *, now: datetime) -> None:
    """Note what each channel has to be told before anybody is told: it stays due there although others were told and
    the alert is over, also for a process that ends in between."""
    rows = [[notice.notice_id, channel, now] for channel, notices in waiting.items() for notice in notices]
    known = set(connection.execute("select notice_id, channel from alerts.outbox").fetchall())
    new = [row for row in rows if (row[0], row[1]) not in known]
    if not new:
        return
    connection.execute("begin")
    try:
        connection.executemany("insert into alerts.outbox values (?, ?, ?)", new)
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def notices_for(connection: Any, channel: str) -> list[Notice]:
    """What `channel` has not been told yet, oldest first.

    Of what holds: everything, so a channel that is new hears of what is open when it comes. Of what is over: an alert
    that nobody was told of, or that this channel could not be, and the end of those that it was told of. Of what got
    worse: those that it was told of before.
    """
    ensure_deliveries_table(connection)
    alerts = rows_of(connection.execute("select * from alerts.alerts order by first_seen_at_utc, alert_id"))
    attempts = connection.execute(
        "select notice_id, channel, is_delivered, attempted_at_utc from alerts.deliveries"
    ).fetchall()
    told_here = {notice: at for notice, name, is_delivered, at in attempts if is_delivered and name == channel}
    told = {notice for notice, _, is_delivered, _ in attempts if is_delivered}
    tried_here = {notice for notice, name, _, _ in attempts if name == channel}
    queued = connection.execute("select notice_id from alerts.outbox where channel = ?", [channel]).fetchall()
    tried_here |= {notice for (notice,) in queued}
    over = sorted(
        (alert for alert in alerts if alert["resolved_at_utc"] is not None),
        key=lambda alert: (alert["resolved_at_utc"], alert["alert_id"]),
    )
    found = []
    for notice in (Notice(alert, OPEN) for alert in alerts):
        is_news = notice.alert["resolved_at_utc"] is None and notice.alert["delivered_to"] != channel
        if notice.alert["delivered_at_utc"] is None or is_news or notice.notice_id in tried_here:
            found.append(notice)
    for alert in (alert for alert in alerts if alert["escalated_at_utc"] and alert["resolved_at_utc"] is None):
        told_at = told_here.get(Notice(alert, OPEN).notice_id)
        if told_at is not None and told_at < alert["escalated_at_utc"]:
            found.append(Notice(alert, WORSE))
    for notice in (Notice(alert, OVER) for alert in over if alert["delivered_at_utc"] is not None):
        was_told = notice.alert["delivered_to"] == channel or Notice(notice.alert, OPEN).notice_id in told_here
        is_settled = notice.alert["recovery_delivered_at_utc"] is not None and notice.notice_id not in told
        if was_told and not is_settled:
            found.append(notice)
    return [notice for notice in found if notice.notice_id not in told_here]


def note_attempt(
    connection: Any, message: Notice | Digest, channel: str, *, tries: int, problem: str | None, now: datetime
) -> None:
    """Write down one attempt and, when it reached somebody, that its alerts were told; all or nothing."""
    connection.execute("begin")
    try:
        for notice in message.notices:
            _note(connection, notice, channel, tries, problem, now)
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise


def _note(connection: Any, notice: Notice, channel: str, tries: int, problem: str | None, now: datetime) -> None:
    before = connection.execute(
        "select count(*) from alerts.deliveries where notice_id = ? and channel = ?", [notice.notice_id, channel]
    ).fetchone()
    attempt = int(before[0]) + 1
    connection.execute(
        "insert into alerts.deliveries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            stable_id("delivery", notice.notice_id, channel, attempt), notice.notice_id, notice.alert_id,
            notice.state, channel, attempt, tries, now, problem is None, problem, notice.text,
        ],
    )  # fmt: skip
    if problem is None and notice.state == OPEN:
        mark_delivered(connection, notice.alert_id, delivered_to=channel, now=now)
    elif problem is None and notice.state == OVER:
        mark_recovery_told(connection, notice.alert_id, now=now)
