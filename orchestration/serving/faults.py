"""What can be wrong with a question: each fault names the field, what is wrong with it, and the remedy.

Put here: the faults of the query layer. Keep out: status codes (`http.problems`).
"""

from __future__ import annotations


class Fault(Exception):
    """A question that is not answered."""

    def __init__(self, message: str, *, remedy: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.remedy, self.field = message, remedy, field


class AskedWrongly(Fault):
    """A parameter cannot be read, or names what does not exist."""


class NotAllowed(Fault):
    """The viewer's role does not include this."""


class NotFound(Fault):
    """There is nothing of this name that the viewer may see."""


class NotNow(Fault):
    """Nothing is published yet, or a run holds what this needs."""
