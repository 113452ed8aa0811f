"""Periods of pages: those of everybody, `all`, and `90d+30d`, the last 90 days with the next 30.

Put here: that. Keep out: all other periods (`presenting`).
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from orchestration.presenting.periods import Period, parse_period

_AHEAD = re.compile(r"(\d{1,4})d\+(\d{1,4})d\Z")
BEGINNING = date(2000, 1, 1)


def period_named(name: str, today: date) -> Period:
    """The period that a dashboard names.

    Raises:
        ValueError: it names none; the message lists what can be written.
    """
    if name == "all":
        return Period("all", "all", BEGINNING, today)
    if found := _AHEAD.match(name):
        first, last = today - timedelta(days=int(found[1])), today + timedelta(days=int(found[2]))
        return Period(name, "ahead", first, last)
    try:
        return parse_period(name, today)
    except ValueError as error:
        raise ValueError(f"{error}, all, or 90d+30d (with days ahead)") from None
