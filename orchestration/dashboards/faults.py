"""What is wrong with a definition: where, and what to do.

Put here: that. Keep out: finding it.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    file: str
    place: str
    """`widget 3 "Spend by team"`, `dataset spend`, or the field of the dashboard itself."""
    field: str
    message: str
    """What is wrong and the remedy."""

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.place, f"field {self.field}" if self.field else "") if part)
        return f"{self.file}: {where}: {self.message}" if where else f"{self.file}: {self.message}"


class Faults:
    """Those of one file, collected."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, place: str, field: str, message: str) -> None:
        """Note one."""
        self.found.append(Fault(self.file, place, field, message))


def nearest(name: str, known: Collection[str]) -> str:
    """A remedy for a name that is not known."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    listed = ", ".join(sorted(known)[:12])
    return f"there are: {listed}{', …' if len(known) > 12 else ''}" if listed else "there are none"
