"""Cuts the days of a series into stretches of one price each.

Put here: where a price begins and ends, and which days belong to none. Keep out: what the prices are called.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.implied_prices.bounds import is_feasible
from ml.implied_prices.lines import Integers, Series
from ml.implied_prices.params import ImpliedPriceParams

_RETURN_DAYS = 3
_INFORMATIVE_SHARE = 0.25


@dataclass(frozen=True)
class Stretch:
    """Days `first`..`last` (numbers, inclusive) under one price; `lines` are the line numbers that speak for it."""

    first: int
    last: int
    lines: Integers
    is_reference: bool


@dataclass(frozen=True)
class Cut:
    """The stretches in order, days that fit none of them, and days on which a price changed midway."""

    stretches: tuple[Stretch, ...]
    irregular_days: tuple[int, ...]
    transition_days: tuple[int, ...]
    is_noisy: bool


def cut_stretches(series: Series, params: ImpliedPriceParams) -> Cut:
    """The fewest stretches, greedily: a new one begins on the first day that the old price cannot explain.

    Days that the reference explains are preferred to stay with it. A single odd day between two stretches of one
    price is irregular; one between two prices, with a ratio between theirs, is the day of the change.
    """
    days = len(series.dates)
    lines = [np.flatnonzero(series.day == d) for d in range(days)]
    follows = _follows_reference(series, params)
    parts: list[Stretch] = []
    odd: list[int] = []
    start = 0
    while start < days:
        if follows[start]:
            end = start
            while end + 1 < days and follows[end + 1]:
                end += 1
            parts.append(_stretch(start, end, lines, True))
        elif not _explains(series, lines, start, start):
            odd.append(start)
            end = start
        else:
            limit = _return_to_reference(series, lines, follows, start)
            end = _longest(series, lines, start, limit)
            parts.append(_stretch(start, end, lines, False))
        start = end + 1
    merged, irregular, transitions = _clean(series, parts, days)
    changed = sum(not part.is_reference for part in merged) + len(irregular) + len(odd)
    noisy = changed > max(3, params.max_stretch_day_ratio * days)
    return Cut(tuple(merged), tuple(sorted(odd + irregular)), tuple(transitions), noisy)


def _stretch(first: int, last: int, lines: list[Integers], is_reference: bool) -> Stretch:
    return Stretch(first, last, np.concatenate(lines[first : last + 1]), is_reference)


def _follows_reference(series: Series, params: ImpliedPriceParams) -> list[bool]:
    """Per day, whether every line is its quantities at the reference price, to rounding and materiality."""
    days = len(series.dates)
    if series.reference is None:
        return [False] * days
    due = series.amounts.sum(axis=1)
    fits = np.abs(series.cost - due) <= series.tolerance + params.material_ratio * due
    return [bool(fits[series.day == d].all()) for d in range(days)]


def _explains(series: Series, lines: list[Integers], first: int, last: int) -> bool:
    rows = np.concatenate(lines[first : last + 1])
    return is_feasible(series.amounts[rows], series.cost[rows], series.tolerance[rows])


def _longest(series: Series, lines: list[Integers], start: int, limit: int) -> int:
    """The last day up to which one price explains everything from `start`; more days never help, so halve."""
    good, step = start, 1
    while good + step <= limit and _explains(series, lines, start, good + step):
        good += step
        step *= 2
    bad = min(good + step, limit + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _explains(series, lines, start, middle):
            good = middle
        else:
            bad = middle
    return good


def _return_to_reference(series: Series, lines: list[Integers], follows: list[bool], start: int) -> int:
    """The last day before the bill is plainly back at the reference: some days in a row that could not look so by
    rounding alone."""
    due = series.amounts.sum(axis=1)
    rows = lines[start]
    deviation = abs(series.cost[rows].sum() / max(due[rows].sum(), 1e-300) - 1)
    run = 0
    for day in range(start + 1, len(follows)):
        here = lines[day]
        tells = (series.tolerance[here] < _INFORMATIVE_SHARE * deviation * due[here]).all()
        run = run + 1 if follows[day] and tells else 0
        if run == _RETURN_DAYS:
            return day - _RETURN_DAYS
    return len(follows) - 1


def _clean(series: Series, parts: list[Stretch], days: int) -> tuple[list[Stretch], list[int], list[int]]:
    irregular: list[int] = []
    transitions: list[int] = []
    kept = list(parts)
    number = 1
    while number < len(kept) - 1:
        before, odd, after = kept[number - 1 : number + 2]
        if odd.first == odd.last and not odd.is_reference:
            joined = _joined(series, before, after)
            if joined is not None:
                irregular.append(odd.first)
                kept[number - 1 : number + 2] = [joined]
                number = max(1, number - 1)
                continue
            if _lies_between(series, before, odd, after):
                transitions.append(odd.first)
                del kept[number]
                continue
        number += 1
    return kept, irregular, transitions


def _joined(series: Series, before: Stretch, after: Stretch) -> Stretch | None:
    lines = np.concatenate([before.lines, after.lines])
    both = before.is_reference and after.is_reference
    if before.is_reference != after.is_reference:
        return None
    if both or is_feasible(series.amounts[lines], series.cost[lines], series.tolerance[lines]):
        return Stretch(before.first, after.last, lines, both)
    return None


def _lies_between(series: Series, before: Stretch, odd: Stretch, after: Stretch) -> bool:
    low, middle, high = (overall_ratio(series, part.lines) for part in (before, odd, after))
    return min(low, high) < middle < max(low, high)


def overall_ratio(series: Series, lines: Integers) -> float:
    """Billed ÷ (quantities at the reference price) over some lines."""
    return float(series.cost[lines].sum() / max(series.amounts[lines].sum(), 1e-300))
