"""What of a past amount will come again: one-offs out, what stopped out, what fell believed at once.

Put here: from the daily amounts of a window to those of the days ahead, with an interval. Keep out: prices, strategies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median, stdev

from ml.money import to_decimal

ONE_OFF_FACTOR = 3
"""A day is a one-off beyond so many times both its weekday's other days and the middle of all other days with use."""
LEVEL_DAYS = 14
"""The newest days that say how much it is now: whole weeks, so that weekdays weigh alike."""
FALL_RATIO = Decimal("0.5")
"""A newest week below this part of the week before counts alone."""
SHORTEST_PAUSE_DAYS = 2
"""Silence of so many days at the end says nothing yet."""
T_95 = {1: 6.314, 2: 2.920, 3: 2.353}
"""Student's t, 95th percentile, by degrees of freedom (weeks seen less one)."""
LEAST_HALF_WIDTH = 0.05
"""The interval is never narrower than this part of the level on either side."""


@dataclass(frozen=True)
class Recurring:
    """What comes again: `weights` say how much of each newest day's amount counts towards the days ahead.

    The amount of the days ahead is Σ weight × amount of the day, exactly.
    """

    weights: Mapping[date, Decimal]
    one_off_days: tuple[date, ...]
    days_used: int
    relative_half_width: Decimal
    """Of a 90 % interval, as a part of the estimate."""

    def ahead(self, amounts: Mapping[date, Decimal]) -> Decimal:
        """The amount of the days ahead, from daily amounts of the same workload (its cost, its saving, its tokens)."""
        total = sum((amounts.get(day, Decimal(0)) * weight for day, weight in self.weights.items()), Decimal(0))
        return to_decimal(total) or Decimal(0)


@dataclass(frozen=True)
class NotRecurring:
    """Why nothing is promised on it."""

    reason: str


def recurring(
    amounts: Mapping[date, Decimal], start: date, end: date, *, days_ahead: int, min_days: int
) -> Recurring | NotRecurring:
    """What comes again of the daily `amounts` (those above zero count as use) from `start` through `end`."""
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    values = {day: max(amounts.get(day, Decimal(0)), Decimal(0)) for day in days}
    used = [day for day in days if values[day] > 0]
    if len(used) < min_days:
        return NotRecurring(f"used on {len(used)} of {len(days)} days; fewer than {min_days} say nothing")
    pause = (end - used[-1]).days
    longest = max(((later - one).days - 1 for one, later in pairwise(used)), default=0)
    if pause > max(longest, SHORTEST_PAUSE_DAYS):
        return NotRecurring(f"last used {used[-1]}, {pause} days before the end; it has stopped")
    usual = without_one_offs(values, days)
    one_offs = tuple(day for day in days if usual[day] < values[day])
    if sum(1 for day in used if usual[day] > 0) < min_days:
        return NotRecurring("only days that were exceptions")
    level = _level_days(usual, used[0], end)
    share = Decimal(days_ahead) / Decimal(len(level))
    weights = {day: share * (usual[day] / values[day]) for day in level if values[day] > 0}
    if not any(weights.values()):
        return NotRecurring("nothing but exceptions in the newest days")
    return Recurring(weights, one_offs, len(used), _half_width(usual, used[0], end, days_ahead))


def without_one_offs(amounts: Mapping[date, Decimal], days: Sequence[date]) -> dict[date, Decimal]:
    """The amount of each of the days, that of its weekday where it is a one-off."""
    values = {day: max(amounts.get(day, Decimal(0)), Decimal(0)) for day in days}
    of_weekday: dict[int, list[Decimal]] = {}
    for day, value in values.items():
        of_weekday.setdefault(day.weekday(), []).append(value)
    largest = {weekday: sorted(same, reverse=True)[:2] for weekday, same in of_weekday.items()}
    usual = {}
    for day, value in values.items():
        first, *second = largest[day.weekday()]
        other = (second[0] if second else Decimal(0)) if value == first else first
        usual[day] = value if value <= ONE_OFF_FACTOR * other else _usual(day, values)
    return usual


def _usual(day: date, values: Mapping[date, Decimal]) -> Decimal:
    """The day's amount, or that of its weekday where it is a one-off."""
    same = [value for other, value in values.items() if other != day and other.weekday() == day.weekday()]
    others = [value for other, value in values.items() if other != day and value > 0]
    limit = ONE_OFF_FACTOR * max(max(same, default=Decimal(0)), median(others) if others else Decimal(0))
    return values[day] if values[day] <= limit else (median(same) if same else Decimal(0))


def _level_days(usual: Mapping[date, Decimal], first_used: date, end: date) -> list[date]:
    """The days whose mean is the level now."""
    length = min(LEVEL_DAYS, max(7, (end - first_used).days + 1), len(usual))
    newest = [end - timedelta(days=back) for back in range(length)]
    week, before = newest[:7], newest[7:]
    if len(before) == 7:
        now, then = sum(usual[day] for day in week), sum(usual[day] for day in before)
        if now < then * FALL_RATIO:
            return week
    return newest


def _half_width(usual: Mapping[date, Decimal], first_used: date, end: date, days_ahead: int) -> Decimal:
    """Half of a 90 % prediction interval of the mean of the days ahead, from sums of whole weeks, relative."""
    weeks = []
    for number in range(4):
        span = [end - timedelta(days=7 * number + back) for back in range(7)]
        if span[-1] < min(usual) or span[-1] < first_used:
            break
        weeks.append(float(sum(usual[day] for day in span)))
    mean = sum(weeks[:2]) / len(weeks[:2]) if weeks else 0.0
    if len(weeks) < 2 or mean <= 0:
        return Decimal("0.5")
    spread = math.sqrt(7 / LEVEL_DAYS + 7 / days_ahead)
    half = T_95[len(weeks) - 1] * stdev(weeks) * spread / mean
    return Decimal(str(round(min(max(half, LEAST_HALF_WIDTH), 1.0), 4)))
