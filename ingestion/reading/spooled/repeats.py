"""What a provider said twice: a page that came again, the sample at the end of one window and the start of the next.

Put here: telling equal repeats from contradictions. Keep out: fields.
"""

from __future__ import annotations

from collections.abc import Hashable

from ingestion.landing.notes import Note
from ingestion.reading.spooled.fields import Refused


class Repeats:
    """Remembers what was said under each key and on which line."""

    def __init__(self) -> None:
        self._said: dict[Hashable, tuple[int, Hashable]] = {}
        self.equal = 0

    def is_repeat(self, key: Hashable, content: Hashable, line: int) -> bool:
        """Whether the same was said on an earlier line; two on one line are two. Raises on contradiction."""
        before = self._said.setdefault(key, (line, content))
        if before[0] == line:
            return False
        if before[1] == content:
            self.equal += 1
            return True
        message = f"line {before[0]} says something else about the same; pull the day again"
        raise Refused(None, "contradicting_repeat", message)

    def agree(self, key: Hashable, content: Hashable, line: int) -> None:
        """Raises where an earlier line says something else under the key."""
        before = self._said.setdefault(key, (line, content))
        if before[1] != content:
            message = f"line {before[0]} was asked for in another way; pull the day again"
            raise Refused(None, "contradicting_repeat", message)

    def notes(self) -> list[Note]:
        """What the reader of the run's summary should know."""
        return [Note("repeated_rows", f"{self.equal} repeated rows count once", count=self.equal)] if self.equal else []
