"""Flagged slice-days joined over days and slices: one incident for one cause.

Put here: which flagged days belong together and what slice is their root. Keep out: amounts, words, kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ml.anomalies.rootcause import MEASURES, Leaves, Suspect, blame

GAP_DAYS = 3
"""Flagged days at most this far apart are one incident: a weekend lies in between."""
ADAPTED_DAYS = 28
"""After so many days the past that later days are compared with is the new level itself."""
SLOW_DAYS = 7
BASE_DAYS = 60
EXPLAINED = 0.5
PARTLY = 0.3
MOST_A_DAY = 4
OUT_OF_PROPORTION = 2.5
ENOUGH = 0.4
"""A root carries at least this share of what moved in the slice that was flagged."""
STILL = 0.5
"""A pause in which its leaves stay off by this share of the most they were is none."""
NEWS = 3.0
"""What is so many times larger than the incident was so far, in dollars and for such a weekday, is another one."""


@dataclass
class Run:
    """One incident in the making. `cells`: flagged (step, slice). `root`: column → value, found on its first day.

    `unit`: prices, tokens or cache moved, not calls alone. `paid`: it is prices, and what counts is what they made.
    `rises`: the direction of its leaves on the first day. `usd`: the most by which its leaves left their same weekdays
    on one day; `size`: the most of that over what all leaves usually cost on such a day.
    `told`: what explains the whole of its first day best, narrower than everything, if anything does. `found`: whether
    the root was found in the leaves; otherwise it is the slice that was flagged.
    """

    first: int
    last: int
    root: dict[str, str]
    slow: bool
    unit: bool
    paid: bool = False
    rises: bool = True
    size: float = 0.0
    usd: float = 0.0
    told: dict[str, str] | None = None
    found: bool = True
    cells: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Flags:
    """Flagged cells (steps, slices): impact in USD, whether slow, whether the cost of a call or prices moved."""

    flagged: np.ndarray
    impact: np.ndarray
    slow: np.ndarray
    unit: np.ndarray
    paid: np.ndarray
    slices: list[tuple[str, str]]


def join_runs(
    flags: Flags, leaves: Leaves, columns: Mapping[str, str | None], day_of: Callable[[int], np.ndarray]
) -> list[Run]:
    """The incidents in the order of their first day.

    `columns`: scope type → column of the leaves. `day_of`: step → `leaf_changes`.
    """
    runs: list[Run] = []
    masks: dict[int, np.ndarray | None] = {}
    for step in np.flatnonzero(flags.flagged.any(axis=1)).tolist():
        moved = day_of(step)
        usual = max(float(np.abs(leaves.cost[step] - moved).sum()), 1e-9)
        left = np.flatnonzero(flags.flagged[step]).tolist()
        for number in left:
            if number not in masks:
                masks[number] = slice_mask(flags.slices[number], leaves, columns)
        left.sort(key=lambda number: _rank(float(flags.impact[step, number]), masks[number], number))
        live = [run for run in runs if _is_live(run, step, leaves, day_of)]
        opened = 0
        while left:
            number = left[0]
            lately = [each for each in live if step - each.last <= GAP_DAYS]
            run = _explaining(lately, masks[number], moved, usual, leaves, flags, step, number)
            if run is None and opened < MOST_A_DAY:
                run = _open(flags, leaves, columns, step, number, masks[number], live)
                change = float((paid_changes(leaves, step) if run.paid else moved)[leaves.inside(run.root)].sum())
                run.usd, run.size, run.rises = abs(change), abs(change) / usual, change >= 0
                same = next((each for each in live if _continues(each, run, leaves)), None)
                familiar = [each for each in lately if not _is_news(each, run)]
                same = same or (None if run.found else _partly(familiar, masks[number], moved, leaves))
                if same is None:
                    runs.append(run)
                    live.append(run)
                    opened += 1
                run = same or run
            elif run is None:
                run = live[-1]
            run.unit |= run.first == step and bool(flags.unit[step, number])
            run.last = step
            run.cells.append((step, number))
            left = left[1:]
    return runs


def _rank(impact: float, mask: np.ndarray | None, number: int) -> tuple[bool, float, int]:
    """The most dollars first; slices that leaves do not tell last, what rose among them before what fell."""
    return (mask is None, -abs(impact) if mask is not None else -impact, number)


def _beyond(mask: np.ndarray, inside: np.ndarray, moved: np.ndarray, cost: np.ndarray) -> bool:
    """Whether a slice moved so much more, for its size, than an incident's leaves that it has a cause of its own."""
    shares = []
    for part in (mask, inside):
        usual = max(float(np.abs(cost - moved)[part].sum()), 1e-9)
        shares.append(float(moved[part].sum()) / usual)
    return abs(shares[0]) > OUT_OF_PROPORTION * abs(shares[1]) or shares[0] * shares[1] < 0


def _overlap(leaves: Leaves, told: dict[str, str], root: dict[str, str]) -> bool:
    """Whether two slices share leaves: only then both say what one incident is about."""
    return bool((leaves.inside(told) & leaves.inside(root)).any())


def _partly(lately: list[Run], mask: np.ndarray | None, moved: np.ndarray, leaves: Leaves) -> Run | None:
    """The incident of these days that carries most of what moved in a slice of which nothing else explains enough."""
    if mask is None:
        return None
    whole = float(moved[mask].sum())
    shares = [(float(moved[mask & leaves.inside(run.root)].sum()) / whole, run) for run in lately if run.root and whole]
    share, best = max(shares, key=lambda each: each[0], default=(0.0, None))
    return best if share >= PARTLY else None


def paid_changes(leaves: Leaves, step: int) -> np.ndarray:
    """USD that prices other than the usual ones made of each leaf."""
    return leaves.price[step] if leaves.price is not None else np.zeros(leaves.cost.shape[1])


def _is_live(run: Run, step: int, leaves: Leaves, day_of: Callable[[int], np.ndarray]) -> bool:
    """Whether a flag of this day may belong to the incident: it was flagged lately, or has not gone back since."""
    if step - run.first >= ADAPTED_DAYS:
        return False
    if step - run.last <= GAP_DAYS:
        return True
    if not run.root or not leaves.tells(run.root):
        return False
    inside = leaves.inside(run.root)
    since = [day_of(day) for day in range(run.last + 1, step)]
    usual = sum(float(np.abs(leaves.cost[day] - moved).sum()) for day, moved in enumerate(since, run.last + 1))
    change = sum(float(moved[inside].sum()) for moved in since) * (1 if run.rises else -1)
    return change >= STILL * run.size * max(usual, 1e-9)


def _continues(run: Run, found: Run, leaves: Leaves) -> bool:
    """Whether what would open another incident is one that runs: the same slice moves in the same direction.

    The same slice is the same root, or the same answer to what explains the whole day.
    """
    if _is_news(run, found):
        return False
    if (run.root, run.rises, run.paid) == (found.root, found.rises, found.paid):
        return True
    if found.told is None:
        return False
    inside = leaves.inside(found.told)
    known = (each for each in (run.root, run.told) if each)
    same = any(np.array_equal(inside, leaves.inside(each)) for each in known)
    return same and (run.paid or not found.paid) and (run.paid or run.rises == found.rises)


def _is_news(run: Run, found: Run) -> bool:
    """Whether it is much larger than the incident was so far, or the first of it that moves the cost of a call."""
    larger = found.usd > NEWS * run.usd and found.size > NEWS * run.size
    return run.first < found.first and (larger or (found.unit and not run.unit))


def slice_mask(scope: tuple[str, str], leaves: Leaves, columns: Mapping[str, str | None]) -> np.ndarray | None:
    """Which leaves a slice holds; None where leaves do not tell (a tag)."""
    column = columns.get(scope[0], "")
    if column is None:
        return np.ones(leaves.cost.shape[1], dtype=bool)
    return leaves.inside({column: scope[1]}) if column in leaves.codes else None


def leaf_changes(leaves: Leaves, step: int, season: int = 7) -> np.ndarray:
    """USD by which each leaf left the median of its same weekdays."""
    lags = [step - season * k for k in range(1, 7) if step - season * k >= 0]
    return leaves.cost[step] - (np.median(leaves.cost[lags], axis=0) if lags else 0.0)


def root_of(
    leaves: Leaves,
    first: int,
    last: int,
    inside: np.ndarray | None = None,
    *,
    paid: bool = False,
    about: np.ndarray | None = None,
) -> tuple[str, list[Suspect]]:
    """What moved on these days, and where, against the weeks before `first`; with `paid` where prices did.

    `inside`: the leaves that are looked at; `about`: those in which half of what a slice moved must lie.
    """
    oldest = max(0, first - BASE_DAYS)
    keep = np.ones(leaves.cost.shape[1], dtype=bool) if inside is None else inside
    part = leaves.part(slice(oldest, last + 1), keep)
    measures = ("price",) if paid else MEASURES
    if first - oldest < 14 or not keep.any():
        return "cost", []
    return blame(part, last - first + 1, measures=measures, about=None if about is None else about[keep])


def _open(
    flags: Flags,
    leaves: Leaves,
    columns: Mapping[str, str | None],
    step: int,
    number: int,
    mask: np.ndarray | None,
    live: list[Run],
) -> Run:
    slow = bool(flags.slow[step, number])
    free = np.ones(leaves.cost.shape[1], dtype=bool)
    for run in live:
        free &= ~leaves.inside(run.root) if run.root else free
    first = step - SLOW_DAYS + 1 if slow else step
    paid = bool(flags.paid[step, number])
    if paid:
        free = np.ones(leaves.cost.shape[1], dtype=bool)
    _, found = root_of(leaves, first, step, free, paid=paid)
    scope_type, scope_id = flags.slices[number]
    column = columns.get(scope_type, scope_type)
    root = {column: scope_id} if column else {}
    is_found = False
    for suspect in found:
        inside = leaves.inside(suspect.where)
        agrees = paid or suspect.change_usd * flags.impact[step, number] > 0
        enough = paid or abs(suspect.change_usd) >= ENOUGH * abs(flags.impact[step, number])
        if mask is not None and agrees and enough and (inside & mask).any():
            root, is_found = suspect.where, True
            break
    whole = found if paid else root_of(leaves, first, step)[1]
    told = next((each.where for each in whole[:1] if each.where and _overlap(leaves, each.where, root)), None)
    return Run(step, step, root, slow, bool(flags.unit[step, number]), paid, told=told, found=is_found)


def _explaining(
    live: list[Run],
    mask: np.ndarray | None,
    moved: np.ndarray,
    usual: float,
    leaves: Leaves,
    flags: Flags,
    step: int,
    number: int,
) -> Run | None:
    """The live incident whose leaves carry at least half of what moved in the slice, the newest first."""
    paid = bool(flags.paid[step, number])
    by_price = paid_changes(leaves, step)
    for run in reversed(live):
        if mask is None:
            if any(cell[1] == number for cell in run.cells) or run.last == step:
                return run
            continue
        inside = leaves.inside(run.root) if run.root else np.ones(len(moved), dtype=bool)
        if not (inside & mask).any() or (paid and not run.paid):
            continue
        change = by_price if paid else moved
        whole, within = float(change[mask].sum()), float(change[mask & inside].sum())
        news = abs(within) > NEWS * run.usd and abs(within) / usual > NEWS * run.size
        if news or (flags.unit[step, number] and not run.unit and run.first < step):
            continue
        if not paid and _beyond(mask, inside, moved, leaves.cost[step]):
            continue
        slow = bool(flags.slow[step, number]) and run.slow
        if slow or whole == 0 or within / whole >= EXPLAINED:
            run.usd, run.size = max(run.usd, abs(within)), max(run.size, abs(within) / usual)
            return run
    return None
