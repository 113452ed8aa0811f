"""Answers and pages that were given: what is asked again of the same publication by who sees the same rows is kept.

Put here: keeping bytes within a bound. Keep out: what makes two questions the same (`asking`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_BYTES = 64 << 20
LARGEST = MOST_BYTES // 16
"""Larger ones are seldom asked for twice: thousands of single rows, a whole month as a workbook."""


NO_PAGES = "no pages"
"""Instead of a cursor, where an answer is no page of many."""


@dataclass(frozen=True)
class Given:
    """An answer as it left, how many rows it held, and where the next page begins."""

    content: bytes
    row_count: int | None
    next_cursor: str | None = NO_PAGES


class GivenAnswers:
    """The newest answers, `most_bytes` of them; those of former publications go first as nobody asks for them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._lock = threading.Lock()
        self._given: OrderedDict[tuple[str, ...], Given] = OrderedDict()

    def find(self, key: tuple[str, ...]) -> Given | None:
        """The answer to a question, if it is kept."""
        with self._lock:
            found = self._given.get(key)
            if found:
                self._given.move_to_end(key)
            return found

    def keep(self, key: tuple[str, ...], given: Given) -> None:
        """Remember an answer; what was not asked for the longest goes."""
        if len(given.content) > LARGEST:
            return
        with self._lock:
            former = self._given.pop(key, None)
            self._bytes += len(given.content) - (len(former.content) if former else 0)
            self._given[key] = given
            while self._bytes > self._most:
                _, gone = self._given.popitem(last=False)
                self._bytes -= len(gone.content)
