"""Which notices go to which channel now: routes, mutes, quiet hours, digests, and no flood.

Put here: these decisions, pure. Keep out: SQL (`deliveries`), sending (`delivery`), the file (`rulebook`).
Nothing is dropped here: what is held back is due again at the next look.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from orchestration.alerting.actions import Mutes
from orchestration.alerting.model import SEVERITIES, Row
from orchestration.alerting.notices import OPEN, OVER, Digest, Notice
from orchestration.alerting.rulebook import ANY_RULE, Kind, RuleBook

MESSAGES_PER_RUN = Decimal(20)
"""So many messages a channel is sent in one run, critical ones aside; what is more comes as one."""


@dataclass(frozen=True)
class Manners:
    """When who is told: what the home says, what people muted, the clock (naive UTC; None holds nothing back)."""

    book: RuleBook = field(default_factory=RuleBook)
    mutes: Mutes = field(default_factory=Mutes)
    now: datetime | None = None


def is_routed(notice: Notice, channel: str, connected: Collection[str], manners: Manners) -> bool:
    """Whether a channel is told of such an alert.

    What no row routes goes to every channel without an `@`, and so does what is routed to none that is configured.
    """
    listed = manners.book.value("channels", *_about(notice.alert), _kind(notice.alert))
    if listed is not None and (known := set(listed) & set(connected)):
        return channel in known
    return "@" not in channel


def is_muted(notice: Notice, manners: Manners) -> bool:
    """Whether nobody is to be told: a mute holds now, or held when an alert that nobody knew of was over."""
    over = notice.alert.get("resolved_at_utc")
    if notice.state == OPEN and over is not None and manners.mutes.covers(notice.alert, over):
        return True
    return manners.now is not None and manners.mutes.covers(notice.alert, manners.now)


def messages(waiting: Sequence[Notice], manners: Manners) -> list[Notice | Digest]:
    """What a channel is sent now, most pressing first."""
    if manners.now is None:
        return list(waiting)
    ready = [notice for notice in waiting if not _is_quiet(notice, manners)]
    collected = [notice for notice in ready if _digest_at(notice, manners) is not None]
    due = [notice for notice in collected if (at := _digest_at(notice, manners)) and at <= manners.now]
    single = [notice for notice in ready if notice not in collected]
    urgent = [notice for notice in single if notice.severity == "critical"]
    others = [notice for notice in single if notice.severity != "critical"]
    others.sort(key=lambda notice: SEVERITIES.index(notice.severity))
    most = int(manners.book.number("messages_per_run", ANY_RULE, "", MESSAGES_PER_RUN))
    kept, more = others[:most], others[most:]
    return [*urgent, *kept, *_as_one(more), *_as_one(due)]


def team_of(alert: Row) -> str | None:
    """The team an alert is about, where it is about one."""
    evidence = Notice(alert, OPEN).evidence
    if alert["subject_type"] == "team":
        return str(alert["subject_id"])
    if evidence.get("scope_type") == "team":
        return str(evidence["scope_id"])
    return str(evidence["team_id"]) if evidence.get("team_id") else None


def _as_one(notices: Sequence[Notice]) -> list[Notice | Digest]:
    return [Digest(tuple(notices))] if len(notices) > 1 else list(notices)


def _about(alert: Row) -> tuple[str, str]:
    return str(alert["rule"]), str(alert["subject_id"])


def _kind(alert: Row) -> Kind:
    owner = str(alert["owner"]) if alert.get("owner") else None
    return Kind(str(alert["severity"]), team_of(alert), owner)


def _is_quiet(notice: Notice, manners: Manners) -> bool:
    assert manners.now is not None
    return manners.book.is_quiet(manners.now, *_about(notice.alert), _kind(notice.alert))


def _digest_at(notice: Notice, manners: Manners) -> datetime | None:
    """When it comes with the digest: the first one after it was decided; None where it comes by itself."""
    alert, book = notice.alert, manners.book
    clock = book.value("digest_at", *_about(alert), _kind(alert))
    if clock is None or notice.severity == "critical":
        return None
    assert manners.now is not None
    decided = alert["resolved_at_utc"] if notice.state == OVER else alert.get("escalated_at_utc")
    decided = decided or alert.get("opened_at_utc") or alert["first_seen_at_utc"]
    here = book.local(decided, *_about(alert), _kind(alert))
    there = here.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    waits = there + timedelta(days=1) - here if there < here else there - here
    at: datetime = decided + waits
    return at
