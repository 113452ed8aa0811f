"""Ways a report reaches people, one module each: a new file here can be named in schedules from then on.

A module holds `CHANNEL`, a `ReportChannel`. Put here: one channel per module. Keep out: when, trying again.
"""

from __future__ import annotations

from functools import cache

from ml.discovery import members
from orchestration.reports.channels.model import ReportChannel


@cache
def report_channels() -> tuple[ReportChannel, ...]:
    """Every channel."""
    return members(__name__, __path__, "CHANNEL", ReportChannel, leave_out=("model",))


def channel_names() -> list[str]:
    """Their names."""
    return [channel.name for channel in report_channels()]
