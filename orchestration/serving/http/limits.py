"""How often one may ask: a bucket for each principal, one for each address that shows no good key.

Put here: counting. Keep out: what is asked.
"""

from __future__ import annotations

import threading
from time import monotonic

MOST_BUCKETS = 10_000


class Buckets:
    """Each holds as many requests as a minute allows and fills evenly."""

    def __init__(self, per_minute: float) -> None:
        self.per_minute = per_minute
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float | None = None) -> float:
        """Take one out: 0.0 where there was one, else the seconds until there is."""
        at = monotonic() if now is None else now
        with self._lock:
            level, before = self._levels.get(name, (self.per_minute, at))
            level = min(self.per_minute, level + (at - before) * self.per_minute / 60)
            if level < 1:
                self._levels[name] = (level, at)
                return (1 - level) * 60 / self.per_minute
            if name not in self._levels and len(self._levels) >= MOST_BUCKETS:
                self._drop(at)
            self._levels[name] = (level - 1, at)
            return 0.0

    def _drop(self, at: float) -> None:
        """Forget those that are full again; of others the oldest half."""
        full = [name for name, (level, before) in self._levels.items()
                if level + (at - before) * self.per_minute / 60 >= self.per_minute]  # fmt: skip
        for name in full or list(self._levels)[: MOST_BUCKETS // 2]:
            del self._levels[name]
