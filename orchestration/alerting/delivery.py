"""Telling people: each notice once to every channel, again after a failure.

Put here: what a channel is, trying again, noting the outcome. Keep out: channels (`channels`), SQL (`deliveries`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.alerting.deliveries import note_attempt, notices_for, queue
from orchestration.alerting.notices import Digest, Notice
from orchestration.alerting.outbox import Manners, is_muted, is_routed, messages
from orchestration.text.secrets import without

AWAY_AFTER = 2
"""A channel that so many messages in a row could not reach is away."""
Send = Callable[[Notice | Digest], None]
"""Hands one notice over, or raises DeliveryError. The same notice may come again under the same `notice_id`."""


class DeliveryError(RuntimeError):
    """A notice could not be handed over. The text never holds an address or a key.

    `is_final`: trying again in this run is of no use. `wait_seconds`: so long the other side asked to wait.
    """

    def __init__(self, text: str, *, is_final: bool = False, wait_seconds: float = 0.0) -> None:
        super().__init__(text)
        self.is_final = is_final
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class AlertChannel:
    """A way to tell people. `CHANNEL` of each module in `alerting/channels/` is one."""

    name: str
    connect: Callable[[Mapping[str, str]], Send | None]
    """From the variables `COSTOPS_ALERT_*` that are set to how it sends; None where it is not configured."""
    variables: tuple[str, ...] = ()
    """Those that it reads; their values are secrets."""
    for_want_of_another: bool = False
    """It speaks only where no other channel is configured."""
    one_by_one: bool = False
    """It takes no message of several: each alert is a thing of its own there."""


@dataclass(frozen=True)
class ConnectedChannel:
    """A channel that is configured: its name, how it sends, what must never be written down."""

    name: str
    send: Callable[[Any], None]
    secrets: tuple[str, ...] = ()
    one_by_one: bool = False


@dataclass(frozen=True)
class DeliveryParams:
    """Patience with a channel."""

    attempts: int = 4
    backoff_seconds: float = 1.0
    longest_wait_seconds: float = 30.0


@dataclass(frozen=True)
class DeliveryReport:
    """What became of the notices that were due. `errors`: what was wrong, a text for each channel and
    problem."""

    delivered: int
    failed: int
    errors: tuple[str, ...] = ()
    held: int = 0
    """Notices that wait for the end of quiet hours or for their digest."""


def deliver_pending(
    connection: Any,
    channels: Sequence[ConnectedChannel],
    *,
    now: datetime,
    manners: Manners | None = None,
    params: DeliveryParams | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> DeliveryReport:
    """Tell every channel what it has not been told, and note each attempt. `now`: naive UTC.

    What fails is due again in the next run and holds up neither other notices nor other channels. A channel that could
    not be reached for two messages in a row, with all patience, is not asked for the others of this run. Killed between
    sending and noting, the next run sends again under the same `notice_id`.
    """
    manners = manners or Manners()
    waiting = waiting_by_channel(connection, channels, manners)
    queue(connection, waiting, now=now)
    due = due_messages(channels, waiting, manners)
    attempts = (params or DeliveryParams()).attempts
    failed: Counter[tuple[str, str]] = Counter()
    in_vain: Counter[str] = Counter()
    for channel, notice in due:
        if in_vain[channel.name] >= AWAY_AFTER:  # nothing is noted: the next run tries it for the first time
            failed[next(each for each in reversed(failed) if each[0] == channel.name)] += 1
            continue
        tries, problem = hand_over(channel, notice, params, sleep)
        note_attempt(connection, notice, channel.name, tries=tries, problem=problem, now=now)
        in_vain[channel.name] = in_vain[channel.name] + 1 if problem and tries == attempts else 0
        if problem:
            failed[channel.name, problem] += 1
    errors = (f"{words} ({count} alerts)" if count > 1 else words for (_, words), count in failed.items())
    held = sum(map(len, waiting.values())) - sum(len(message.notices) for _, message in due)
    return DeliveryReport(len(due) - failed.total(), failed.total(), tuple(errors), held)


def due_messages(
    channels: Sequence[ConnectedChannel], waiting: Mapping[str, Sequence[Notice]], manners: Manners
) -> list[tuple[ConnectedChannel, Notice | Digest]]:
    """What each channel is sent now of what waits for it."""
    return [
        (channel, part)
        for channel in channels
        for message in messages(waiting[channel.name], manners)
        for part in (message.notices if channel.one_by_one else (message,))
    ]


def waiting_by_channel(
    connection: Any, channels: Sequence[ConnectedChannel], manners: Manners
) -> dict[str, list[Notice]]:
    """What each channel has still to be told, by its name, whether now or when quiet hours are over."""
    connected = {channel.name for channel in channels}
    return {
        channel.name: [
            notice
            for notice in notices_for(connection, channel.name)
            if is_routed(notice, channel.name, connected, manners) and not is_muted(notice, manners)
        ]
        for channel in channels
    }


def hand_over(
    channel: ConnectedChannel,
    notice: Any,
    params: DeliveryParams | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[int, str | None]:
    """Hand what the channel takes to it: how many tries it took, and what was wrong with the last one, None where it
    arrived."""
    params = params or DeliveryParams()
    for tries in range(1, params.attempts + 1):
        try:
            channel.send(notice)
            return tries, None
        except DeliveryError as error:
            problem = without(channel.secrets, str(error))
            if error.is_final:
                return tries, problem
            wait = max(params.backoff_seconds * 2 ** (tries - 1), error.wait_seconds)
        except Exception as error:  # of a channel's own code: its text may hold what must not be written down
            return tries, f"{channel.name}: {type(error).__name__}"
        if tries < params.attempts:
            sleep(min(wait, params.longest_wait_seconds))
    return params.attempts, f"{problem} ({params.attempts} attempts; tried again at the next run)"
