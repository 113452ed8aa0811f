"""Why a field, and with it a row, is not landed.

Put here: the exception alone. Keep out: rules.
"""

from __future__ import annotations


class Refused(ValueError):
    """A field that cannot be typed: its name, a reason code and what to do about it."""

    def __init__(self, field: str | None, reason: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.reason = reason
