"""Time zones as people name them.

Put here: reading a name. Keep out: what is dated by it.
"""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

NAMES_OF_UTC = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"})
NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})
"""Files of a time zone database that are no zone of their own."""


def is_zone(name: str) -> bool:
    """Whether clocks can be set by it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def time_zone(text: str) -> str:
    """The IANA name of a time zone, `UTC` for all of its names.

    Raises:
        ValueError: there is no such zone.
    """
    name = text.strip()
    if name in NAMES_OF_UTC:
        return "UTC"
    known = available_timezones() - NO_PLACES
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(
            "COSTOPS_REPORTING_TIME_ZONE cannot be read: an IANA name like Europe/Berlin is expected" + hint
        )
    return name
