"""Money that follows a calendar: fees, amortisation, credits, and the fee that hides among metered days.

Put here: finding the rhythm of scheduled amounts, what falls due next. Keep out: metered spend, prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

RHYTHMS = {"weekly": (6, 8), "monthly": (26, 33), "quarterly": (85, 97), "yearly": (350, 380)}
"""Days between two occurrences, from and to."""
_LATE = 1.6
_FEE_OCCURRENCES = 3
_FEE_LIKENESS = 0.35


@dataclass(frozen=True)
class Occurrence:
    """One amount, on the first of the days it was booked on."""

    day: date
    amount: float


def amounts_due(amounts: np.ndarray, last_day: date, horizon: int) -> np.ndarray:
    """What a history of scheduled amounts per day, ending with `last_day`, leads to expect of the next days.

    Amounts booked on most days go on as they are. Others recur weekly, monthly, quarterly or yearly where they did so
    at least twice, with the newest amount. What came once is not repeated.
    """
    out = np.zeros(horizon)
    booked = np.flatnonzero(amounts)
    if not len(booked):
        return out
    recent = amounts[max(booked[0], len(amounts) - 28) :]
    if len(recent) >= 7 and (recent != 0).mean() >= 0.8:
        same = len(recent) > 1 and np.isclose(recent[-1], recent[-2], rtol=1e-6)
        out[:] = recent[-1] if same else np.median(recent[-7:])
        return out
    happened = occurrences(amounts, last_day)
    rhythm = rhythm_of(happened, last_day)
    for day in next_days(happened, rhythm, last_day, horizon):
        out[(day - last_day).days - 1] += happened[-1].amount
    return out


def occurrences(amounts: np.ndarray, last_day: date) -> list[Occurrence]:
    """Amounts at most three days apart are one occurrence."""
    found: list[Occurrence] = []
    previous = None
    for position in np.flatnonzero(amounts):
        day = last_day - timedelta(days=int(len(amounts) - 1 - position))
        if previous is not None and position - previous <= 3:
            found[-1] = Occurrence(found[-1].day, found[-1].amount + float(amounts[position]))
        else:
            found.append(Occurrence(day, float(amounts[position])))
        previous = position
    return found


def rhythm_of(happened: Sequence[Occurrence], last_day: date) -> str | None:
    """The rhythm that the newest occurrences keep; None for one-offs and for what has stopped."""
    newest = [each.day for each in happened[-4:]]
    gaps = [(later - earlier).days for earlier, later in pairwise(newest)]
    if not gaps:
        return None
    for name, (shortest, longest) in RHYTHMS.items():
        if all(shortest <= gap <= longest for gap in gaps):
            return name if (last_day - newest[-1]).days <= _LATE * longest else None
    return None


def next_days(happened: Sequence[Occurrence], rhythm: str | None, last_day: date, horizon: int) -> list[date]:
    """The days after `last_day` on which a rhythm falls due."""
    if rhythm is None:
        return []
    days, last = [each.day for each in happened], happened[-1].day
    end = last_day + timedelta(days=horizon)
    if rhythm == "weekly":
        due = (last + timedelta(days=7 * k) for k in range(1, horizon // 7 + 3))
    else:
        months = {"monthly": 1, "quarterly": 3, "yearly": 12}[rhythm]
        at_end = all(_days_in_month(day) == day.day for day in days[-4:])
        wanted = 31 if at_end else max(day.day for day in days[-4:])
        due = (_month_later(last, months * k, wanted) for k in range(1, horizon // (30 * months) + 3))
    return [day for day in due if last_day < day <= end]


def split_fees(values: np.ndarray, lengths: np.ndarray, last_day: date, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Metered histories without the monthly fee that some of them carry, and these fees on the days they fall due.

    A fee is an excess over the days around it that came at least three times, a month apart, in like amounts.
    """
    cleaned, fees = values, np.zeros((len(values), horizon))
    if values.shape[1] < 60:
        return cleaned, fees
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, ((0, 0), (7, 7)), mode="reflect"), 15, axis=1)
    candidates = np.flatnonzero(lengths >= 60)
    for row in candidates[_has_spikes(values[candidates])]:
        usual = np.median(around[row], axis=1)
        excess = values[row] - usual
        usual_excess = np.median(np.abs(excess))
        excess[(excess < 6 * usual_excess) | (excess < 0.5 * usual) | (excess <= 0)] = 0.0
        happened = occurrences(excess, last_day)
        if not _is_fee(happened, last_day, int(lengths[row])):
            continue
        if cleaned is values:
            cleaned = values.copy()
        cleaned[row] -= excess
        for day in next_days(happened, "monthly", last_day, horizon):
            fees[row, (day - last_day).days - 1] += happened[-1].amount
    return cleaned, fees


def _is_fee(happened: Sequence[Occurrence], last_day: date, days: int) -> bool:
    if not _FEE_OCCURRENCES <= len(happened) <= days // 26 + 1 or rhythm_of(happened, last_day) != "monthly":
        return False
    amounts = np.array([each.amount for each in happened[-4:]])
    middle = float(np.median(amounts))
    return bool((np.abs(amounts - middle) <= _FEE_LIKENESS * middle).all())


def _has_spikes(values: np.ndarray) -> np.ndarray:
    """Rows with a day at least half above what most of their days reach."""
    return values.max(axis=1) > 1.5 * np.quantile(values, 0.9, axis=1)


def _days_in_month(day: date) -> int:
    first = day.replace(day=1)
    return ((first + timedelta(days=32)).replace(day=1) - first).days


def _month_later(day: date, months: int, wanted: int) -> date:
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    return first.replace(day=min(wanted, _days_in_month(first)))
