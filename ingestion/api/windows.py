"""Which days to ask for: everything never received in full, and the newest days again because providers restate.

Put here: days. Keep out: hours, requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class DateRange:
    """UTC days, both ends included."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(len(self)))

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    @property
    def start(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, datetime.min.time())

    @property
    def end(self) -> datetime:
        """The first instant after."""
        return datetime.combine(self.last, datetime.min.time()) + timedelta(days=1)


def last_day(now: datetime) -> date:
    """The newest day there can be anything of."""
    return (now - timedelta(microseconds=1)).date()


def due_days(
    wanted: DateRange, pulled: Mapping[date, datetime | None], lookback_days: int, now: datetime
) -> list[date]:
    """Days of `wanted` to ask for, oldest first; `pulled` says when each complete day was last received.

    A day is done once it was received when its look-back was over. Where runs failed or were far between, days that
    have left the look-back are asked for once more, as what came late would never be seen otherwise.
    """
    newest = last_day(now)
    lookback = timedelta(days=lookback_days)
    done = {day for day, at in pulled.items() if day < newest - lookback and at and last_day(at) >= day + lookback}
    return [day for day in wanted if day not in done and day <= newest]


def windows(days: Iterable[date], longest: int) -> list[DateRange]:
    """Contiguous runs of days, cut so that none is longer than a full page allows."""
    found: list[DateRange] = []
    for day in sorted(set(days)):
        open_range = found[-1] if found else None
        if open_range and day == open_range.last + timedelta(days=1) and len(open_range) < longest:
            found[-1] = DateRange(open_range.first, day)
        else:
            found.append(DateRange(day, day))
    return found
