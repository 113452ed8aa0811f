"""Times as programs print them, besides ISO 8601: RFC 1123, Go and Java's zones behind a blank, names of zones.

Put here: what one text of a time means. Keep out: numbers since an epoch, limits, refusals.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_ZONE = re.compile(r"(:\d\d(?:\.\d+)?(?: ?Z|(?= ?[+-]))) ?([+-]\d\d:?\d\d)?(?: [A-Z]{3,4}| ?\[[\w/+-]+\])?$")
"""A zone as Go and Java print it: an offset after a blank, its name behind it."""
_NAMED = re.compile(r"(.*\d) \[?([A-Z][A-Za-z_]+/[A-Za-z_+/-]+)\]?$")
"""A local time with the IANA name of its zone."""
_RFC_1123 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def printed_instant(given: str) -> datetime | None:
    """The time that a text says, without a zone where it names none; None where it is no time.

    A local time that occurs twice is the first.
    """
    given = given.strip()
    try:
        if _RFC_1123.match(given):
            return parsedate_to_datetime(given)
        named = _NAMED.match(given)
        if named:
            found = printed_instant(named[1])
            return found.replace(tzinfo=ZoneInfo(named[2])) if found and found.tzinfo is None else found
        plain = re.sub(r" ?(?:Z|UTC|GMT)$", "Z", _ZONE.sub(r"\1\2", given))
        return datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", plain))
    except (ValueError, TypeError, OverflowError, OSError):
        return None
