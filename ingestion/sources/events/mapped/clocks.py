"""Local times that the clocks of a zone never showed, or showed twice: they are read, and said.

Put here: noticing them. Keep out: reading times (`application`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ingestion.landing.counting import counted
from ingestion.landing.notes import Note


@dataclass
class ClockDoubts:
    """How many such times a file has, each kind with its first."""

    skipped: int = 0
    twice: int = 0
    first_skipped: datetime | None = None
    first_twice: datetime | None = None

    def look_at(self, local: datetime) -> None:
        """Take in a time of a zone."""
        if local.utcoffset() == local.replace(fold=1).utcoffset():
            return
        if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
            self.twice += 1
            self.first_twice = self.first_twice or local
        else:
            self.skipped += 1
            self.first_skipped = self.first_skipped or local

    def notes(self) -> Iterator[Note]:
        """What a person should know of them."""
        if self.first_skipped:
            times = counted(self.skipped, "time, at which", "times, at which")
            message = (
                f"{times} the clocks of {self.first_skipped.tzinfo} were put forward, first "
                f"{self.first_skipped:%Y-%m-%d %H:%M}, read as an hour later: another time_zone may be right"
            )
            yield Note("time_zone_assumed", message, count=self.skipped)
        if self.first_twice:
            times = counted(self.twice, "time that", "times that")
            message = (
                f"{times} the clocks of {self.first_twice.tzinfo} showed twice, first "
                f"{self.first_twice:%Y-%m-%d %H:%M}, read as the earlier one"
            )
            yield Note("time_zone_assumed", message, count=self.twice)
