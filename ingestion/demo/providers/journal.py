"""What was asked of the simulator, for tests that count.

Put here: the record of requests. Keep out: bodies, secrets.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request: `endpoint` like `openai /organization/costs`, the query, what came of it."""

    endpoint: str
    query: str
    status: int
    fault: str | None


@dataclass
class Journal:
    """All requests in order, answered or not."""

    asked: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, endpoint: str, query: str, status: int, fault: str | None) -> None:
        """Add a request."""
        with self._lock:
            self.asked.append(Asked(endpoint, query, status, fault))

    def counts(self, *, failed: bool | None = None) -> Counter[str]:
        """Requests by endpoint; `failed` False only those that got their answer, True only the others."""
        with self._lock:
            return Counter(
                one.endpoint
                for one in self.asked
                if failed is None or failed == (one.status >= 400 or one.fault not in (None, "slow"))
            )

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.asked.clear()
