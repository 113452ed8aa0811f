"""Whether something waits to be told now: when quiet hours end, a digest is due, or a channel may be up again.

Put here: that question, for whoever asks between runs. Keep out: telling (`delivery`), who asks (`defs.alerting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ml.identity import stable_id
from orchestration.alerting.delivery import ConnectedChannel, due_messages, waiting_by_channel
from orchestration.alerting.outbox import Manners

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)


def pause_after(attempts: int) -> timedelta:
    """How long a channel is left alone that has failed so often with one notice: doubling, up to an hour."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)


def due_key(connection: Any, channels: Sequence[ConnectedChannel], manners: Manners) -> str | None:
    """A key of what is due now and what was tried of it, the same as long as nothing of that changes; None where
    nobody has to be told anything now. `connection` has the tables of `alerts`; `manners` needs a clock."""
    assert manners.now is not None
    attempts = {
        (notice, channel): (count, last)
        for notice, channel, count, last in connection.execute(
            "select notice_id, channel, count(*), max(attempted_at_utc) from alerts.deliveries group by all"
        ).fetchall()
    }
    due = []
    for channel, message in due_messages(channels, waiting_by_channel(connection, channels, manners), manners):
        tried = [attempts[key] for notice in message.notices if (key := (notice.notice_id, channel.name)) in attempts]
        if all(last + pause_after(count) <= manners.now for count, last in tried):
            due.append(f"{channel.name} {message.notice_id} {sum(count for count, _ in tried)}")
    return stable_id("due", *sorted(due)) if due else None
