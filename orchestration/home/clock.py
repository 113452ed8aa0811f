"""The clock of commands.

Put here: what time it is. Keep out: the clock of a run, which may be set (`orchestration.resources.Home.now`).
"""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """This instant, UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
