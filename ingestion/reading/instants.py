"""Times as programs print them, besides ISO 8601: RFC 1123, access logs, C and JavaScript, Go and Java, names of zones.

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
_CTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} +\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})")
_JAVASCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{2} \d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{4})(?: \(.*\))?")
_ACCESS_LOG = re.compile(r"\[?(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}) ([+-]\d{4})\]?")
_SLASHES = re.compile(r"^(\d{4})/(\d{2})/(\d{2})(?=\D|$)")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def printed_instant(given: str) -> datetime | None:
    """The time that a text says, without a zone where it names none; None where it is no time.

    A local time that occurs twice is the first.
    """
    given = _SLASHES.sub(r"\1-\2-\3", given.strip())
    try:
        if found := _CTIME.fullmatch(given):
            return datetime.strptime(f"{found[1]} {found[3]} {found[2]}", "%b %d %Y %H:%M:%S")  # noqa: DTZ007
        if found := _JAVASCRIPT.fullmatch(given):
            return datetime.strptime(f"{found[1]} {found[2]} {found[3]}", "%b %d %Y %H:%M:%S %z")
        if found := _ACCESS_LOG.fullmatch(given):
            return datetime.strptime(f"{found[1]} {found[2]}", "%d/%b/%Y:%H:%M:%S %z")
        if _RFC_1123.match(given):
            return parsedate_to_datetime(given)
        named = _NAMED.match(given)
        if named:
            local = printed_instant(named[1])
            return local.replace(tzinfo=ZoneInfo(named[2])) if local and local.tzinfo is None else local
        plain = re.sub(r" ?(?:Z|UTC|GMT)$", "Z", _ZONE.sub(r"\1\2", given))
        return datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", plain))
    except (ValueError, TypeError, OverflowError, OSError):
        return None
