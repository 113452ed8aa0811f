"""Moments as microseconds since 1970 in UTC, exact.

Put here: conversions between what APIs print and whole numbers. Keep out: buckets, calendars.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def microseconds(moment: date | datetime) -> int:
    """Microseconds since 1970; a date is its midnight, a moment without a zone is UTC."""
    if not isinstance(moment, datetime):
        return (moment - date(1970, 1, 1)).days * DAY
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def moment_of(micros: int) -> datetime:
    """The UTC moment, with its zone."""
    return datetime.fromtimestamp(micros // SECOND, UTC).replace(microsecond=micros % SECOND)


def date_of(micros: int) -> date:
    """The UTC day."""
    return moment_of(micros).date()


def rfc3339(micros: int) -> str:
    """Like `2026-08-01T00:00:00Z`, whole seconds."""
    return f"{moment_of(micros // SECOND * SECOND):%Y-%m-%dT%H:%M:%SZ}"


def read_rfc3339(text: str) -> int:
    """Microseconds of an RFC 3339 moment or a date.

    Raises:
        ValueError: it is neither.
    """
    return microseconds(datetime.fromisoformat(text.strip().replace(" ", "+")))
