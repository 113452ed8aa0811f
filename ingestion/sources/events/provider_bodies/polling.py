"""Answers that are made in the background and logged each time somebody asks whether they are there.

Put here: telling that an answer is not finished, and which never was. Keep out: usage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingestion.landing.notes import Note
from ingestion.sources.events.usage_shapes.values import BadValue, text

_UNFINISHED = ("queued", "in_progress", "pending", "processing", "starting", "running", "validating_files")


class UnfinishedError(BadValue):
    """The answer has an id and no usage yet."""

    def __init__(self, identity: str) -> None:
        super().__init__("status", "missing_usage", "The answer was still being made. Log it again when it is there.")
        self.identity = identity


def check_finished(body: dict[str, Any]) -> None:
    """Raises `UnfinishedError` for an answer that is still being made."""
    identity = text(body.get("id"))
    if identity and body.get("status") in _UNFINISHED:
        raise UnfinishedError(identity)


class Polled:
    """Answers of a file that were asked for before they were finished."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}

    def wait_for(self, identity: str, number: int) -> None:
        """One more record of an answer that is not finished."""
        self._waiting.setdefault(identity, number)

    def notes(self, is_there: Callable[[str], bool]) -> Iterator[Note]:
        """One note on all answers of the file whose end it does not show."""
        waiting = {identity: number for identity, number in self._waiting.items() if not is_there(identity)}
        if waiting:
            identity, number = next(iter(waiting.items()))
            message = (
                f"answers that were still being made, whose end is not in the file: {len(waiting)}, first {identity}; "
                "log them again when they are there"
            )
            yield Note("usage_without_row", message, row=number, count=len(waiting))
