"""What was used since the publication: events that this server received and no publication holds yet.

Put here: counting them, priced, by what budgets are held against. Keep out: writing them down (`receiving`), budgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orchestration.serving.publications import DATABASE, Publication

MOST_EVENTS = 500_000
"""Beyond that the oldest are no longer counted, and the answer says so."""
SCOPES = ("team", "user", "project", "feature", "model", "provider")


@dataclass(frozen=True)
class Captured:
    """One event: when, of whom, what it costs; None where no price is known."""

    event_id: str
    at_utc: datetime
    scopes: Mapping[str, str | None]
    cost_usd: Decimal | None


@dataclass(frozen=True)
class Since:
    """What counts against one budget."""

    cost_usd: Decimal
    event_count: int
    unpriced_count: int


class CapturedUsage:
    """Events by id, so that one that is sent twice counts once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[str, Captured] = {}
        self._publication = ""
        self.forgotten_count = 0

    def add(self, events: Iterable[Captured]) -> None:
        """Take events in; the first of an id stays."""
        with self._lock:
            for event in events:
                self._events.setdefault(event.event_id, event)
            while len(self._events) > MOST_EVENTS:
                del self._events[next(iter(self._events))]
                self.forgotten_count += 1

    def settle(self, publication: Publication) -> None:
        """Let go of what a publication holds by now; looks once for each publication."""
        if publication.id == self._publication:
            return
        with self._lock:
            known = list(self._events)
        held = _held(publication, known)
        with self._lock:
            for event_id in held:
                self._events.pop(event_id, None)
            self._publication = publication.id

    def since(self, start: datetime, counts: Callable[[Captured], bool]) -> Since:
        """What of them began at an instant or later and counts."""
        with self._lock:
            found = [event for event in self._events.values() if event.at_utc >= start and counts(event)]
        known = [event.cost_usd for event in found if event.cost_usd is not None]
        return Since(sum(known, Decimal(0)), len(found), len(found) - len(known))

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
