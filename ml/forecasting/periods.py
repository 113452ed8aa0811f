"""Sums over periods: where a month, a quarter, a year ends, and what a budget will have met by then.

Put here: which periods there are, their totals with quantiles, the chance and day of a breach. Keep out: budgets'
definitions, daily forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from ml.forecasting.params import QUANTILES


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both counted; some may be over."""

    kind: str
    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


def periods_from(first: date) -> list[Period]:
    """The periods that a forecast whose first day is `first` says something of.

    The running month, quarter and year and the next month; a day, 7, 30, 90 and 365 days from now; the year from now
    in four.
    """
    month = first.replace(day=1)
    quarter = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    running = [
        Period("month", month, months_later(month, 1) - timedelta(days=1)),
        Period("next_month", months_later(month, 1), months_later(month, 2) - timedelta(days=1)),
        Period("quarter", quarter, months_later(quarter, 3) - timedelta(days=1)),
        Period("year", date(first.year, 1, 1), date(first.year, 12, 31)),
    ]
    ahead = [Period("next_day", first, first)]
    ahead += [Period(f"next_{n}_days", first, first + timedelta(days=n - 1)) for n in (7, 30, 90, 365)]
    cuts = (0, 90, 180, 270, 365)
    fourths = [
        Period(f"days_{a + 1}_to_{b}", first + timedelta(days=a), first + timedelta(days=b - 1))
        for a, b in pairwise(cuts)
    ]
    return running + ahead + fourths


def breach_probability(quantiles: np.ndarray, limit: float) -> float:
    """Probability that a total whose `QUANTILES` these are passes `limit`; read off between them, 1 to 99 % beyond."""
    if quantiles[-1] - quantiles[0] <= 1e-12:
        return 1.0 if quantiles[0] > limit else 0.0
    if limit < quantiles[0]:
        return 0.99
    if limit >= quantiles[-1]:
        return 0.01
    rising = quantiles + np.arange(len(quantiles)) * 1e-15 * (abs(limit) + 1)
    return float(1 - np.interp(limit, rising, QUANTILES))


def breach_day(first: date, spent: float, daily: np.ndarray, limit: float) -> date | None:
    """The first day on which what was spent and what is forecast pass `limit`; None where they do not."""
    passed = np.flatnonzero(spent + np.cumsum(daily) > limit)
    return first + timedelta(days=int(passed[0])) if len(passed) else None


def months_later(first: date, months: int) -> date:
    """The first of the month so many months after that of `first`."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)
