"""What was used since the publication: events that this server received and no publication holds yet.

Put here: counting them, priced, by what budgets are held against. Keep out: writing them down (`receiving`), budgets.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orchestration.serving.publications import DATABASE, Publication

MOST_EVENTS = 500_000
"""Beyond that the oldest are no longer counted, and the answer says so."""
SCOPES = ("team", "user", "project", "feature", "model", "provider")
EVERYONE = ("global", None)
"""Against this every event is held."""
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Captured:
    """One event: when, of whom, what it costs; None where no price is known."""

    event_id: str
    at_utc: datetime
    scopes: Mapping[str, str | None]
    cost_usd: Decimal | None


@dataclass
class Since:
    """What counts against one budget."""

    cost_usd: Decimal = _NOTHING
    event_count: int = 0
    unpriced_count: int = 0

    def count(self, event: Captured, times: int) -> None:
        """Put an event in (1), or take it out (-1)."""
        self.event_count += times
        if event.cost_usd is None:
            self.unpriced_count += times
        else:
            self.cost_usd += times * event.cost_usd


class CapturedUsage:
    """Events by id, so that one that is sent twice counts once; summed by scope and hour as they come, so that asking
    costs the same however many there are."""

    def __init__(self) -> None:
        self._lock, self._settling = threading.Lock(), threading.Lock()
        self._events: dict[str, Captured] = {}
        self._sums: dict[tuple[str, str | None], dict[datetime, Since]] = {}
        self._publication = ""
        self.forgotten_count = 0

    def add(self, events: Iterable[Captured]) -> None:
        """Take events in; the first of an id stays. Whoever asks meanwhile waits for one of them at most."""
        for event in events:
            with self._lock:
                if event.event_id in self._events:
                    continue
                self._events[event.event_id] = event
                self._count(event, 1)
                if len(self._events) > MOST_EVENTS:
                    self._count(self._events.pop(next(iter(self._events))), -1)
                    self.forgotten_count += 1

    def is_settled(self, publication: Publication) -> bool:
        """Whether what a publication holds was let go of."""
        return publication.id == self._publication

    def settle(self, publication: Publication) -> None:
        """Let go of what a publication holds by now; looks once for each publication."""
        with self._settling:
            if self.is_settled(publication):
                return
            with self._lock:
                known = list(self._events)
            held = _held(publication, known)
            for event_id in held:
                with self._lock:
                    if event := self._events.pop(event_id, None):
                        self._count(event, -1)
            self._publication = publication.id

    def since(self, start: datetime, kind: str, name: str | None) -> Since:
        """What of a scope, or of `EVERYONE`, began at an instant (a whole hour) or later."""
        found = Since()
        with self._lock:
            for hour, part in self._sums.get((kind, name), {}).items():
                if hour >= start:
                    found.cost_usd += part.cost_usd
                    found.event_count += part.event_count
                    found.unpriced_count += part.unpriced_count
        return found

    def _count(self, event: Captured, times: int) -> None:
        hour = event.at_utc.replace(minute=0, second=0, microsecond=0)
        for scope in (EVERYONE, *((kind, event.scopes.get(kind)) for kind in SCOPES)):
            if (hours := self._sums.get(scope)) is None:
                hours = self._sums[scope] = {}
            if (part := hours.get(hour)) is None:
                part = hours[hour] = Since()
            part.count(event, times)
            if not part.event_count:
                del hours[hour]
            if not hours:
                del self._sums[scope]

    @property
    def event_count(self) -> int:
        """How many are held."""
        return len(self._events)


def _held(publication: Publication, event_ids: list[str]) -> list[str]:
    if not event_ids or "event_id" not in publication.columns.get("fct_llm_requests", {}):
        return []
    connection = publication.connection.cursor()
    try:
        rows: list[Any] = connection.execute(
            f"select distinct event_id from {DATABASE}.marts.fct_llm_requests "
            "where event_id in (select unnest(?::varchar[]))",
            [event_ids],
        ).fetchall()
    finally:
        connection.close()
    return [event_id for (event_id,) in rows]
