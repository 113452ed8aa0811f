"""Who is signed in to the pages: a random token in a cookie, who it stands for kept here, until it is old.

Put here: sessions. Keep out: how somebody signs in (`http.login`), pages.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFE = timedelta(hours=8)
MOST = 10_000


@dataclass(frozen=True)
class Session:
    """Who signed in, by which key or, without one, by the identity provider."""

    principal_id: str
    key_id: str | None
    until_utc: datetime


class Sessions:
    """Sessions of one server; they end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def begin(self, principal_id: str, key_id: str | None, now: datetime | None = None) -> str:
        """A new session; its token is nowhere else."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._sessions) >= MOST:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_digest(token)] = Session(principal_id, key_id, (now or datetime.now(UTC)) + LIFE)
        return token

    def find(self, token: str, now: datetime | None = None) -> Session | None:
        """The session of a token, where it is not over."""
        with self._lock:
            found = self._sessions.get(_digest(token))
            if found and found.until_utc <= (now or datetime.now(UTC)):
                del self._sessions[_digest(token)]
                return None
            return found

    def end(self, token: str) -> None:
        """Close one."""
        with self._lock:
            self._sessions.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
