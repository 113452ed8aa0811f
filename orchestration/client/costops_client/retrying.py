"""Whether what went wrong may go right the next time, and how long to wait until then.

Put here: that decision. Keep out: sending (`synchronous`, `asynchronous`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

Outcome = httpx.Response | httpx.TransportError
_TRANSIENT = frozenset({429, 502, 503, 504})
_NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Retrying:
    """`count` further attempts at most, each after a longer pause; a pause that a server asks for is kept to."""

    count: int = 3
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 60.0
    """Where a server asks for more, that is said at once instead of waited for."""

    def pause(self, outcome: Outcome, attempt: int, *, is_repeatable: bool) -> float | None:
        """Seconds to wait before the next attempt; None: there is none. `attempt`: how many there were before this."""
        if attempt >= self.count or not _is_transient(outcome, is_repeatable=is_repeatable):
            return None
        asked = retry_after(outcome) if isinstance(outcome, httpx.Response) else None
        if asked is not None:
            return asked if asked <= self.longest_pause_seconds else None
        most: float = min(self.first_pause_seconds * 2.0**attempt, self.longest_pause_seconds)
        return random.uniform(most / 2, most)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as an instant."""
    text: str = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


def _is_transient(outcome: Outcome, *, is_repeatable: bool) -> bool:
    """What changes something is sent again only where it surely changed nothing: it never arrived, or was turned away
    for asking too often."""
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in _TRANSIENT if is_repeatable else outcome.status_code == 429
    return is_repeatable or isinstance(outcome, _NEVER_ARRIVED)
