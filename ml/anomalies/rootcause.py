"""Which slice is to blame: the values of one or two dimensions whose leaves moved together while the others stayed.

Put here: the search over slices. Keep out: detection, decomposition, words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

MEASURES = ("volume", "unit_cost", "cache", "price")
MIXES = ("model_id", "provider_id", "service_tier", "raw_model")
"""What a leaf loses when requests moved between models or tiers: the cause is who moved them."""
LEAST_SHARE = 0.3
"""What moved less than this share of the slice that moved most explains nothing."""
TELLING = 0.1
"""Such a slice has at least this share of the best gain: dollars that move as they always do explain nothing either."""
ABOUT = 0.5
"""What explains an incident has at least this share of its own change in the incident's leaves."""
NAMELESS = ("service_tier",)
"""What tells leaves apart but is nobody's."""
DIMENSION_COST = 0.05
"""Share of the gain that a second dimension costs: it must explain so much more."""
AGREEMENT = 1.0
"""Weight of how many of the leaves that clearly moved a slice holds, beside how well one factor describes them."""
CLEAR = 8.0
"""Usual errors beyond which a leaf clearly moved, however far."""
NEWLY = 3.0
SWAP_BALANCE = 0.35
"""Calls are taken to have changed their model where no more than this share of those that moved is missing."""


@dataclass(frozen=True)
class Suspect:
    """A slice as column → value, the USD by which its leaves left what was expected, and the evidence for it."""

    where: dict[str, str]
    change_usd: float
    gain: float


@dataclass(frozen=True)
class Leaves:
    """Days of leaves. `codes`: column → number of the value of each leaf, −1 for none, into `values`.

    `cost` (USD) and `requests`: arrays (days, leaves). `price`: USD that prices other than the usual ones made, where
    that is known. `saved`, `savable`: USD that reads from the cache saved, and would have, had all input been read so.
    """

    codes: dict[str, np.ndarray]
    values: dict[str, list[str]]
    cost: np.ndarray
    requests: np.ndarray
    price: np.ndarray | None = None
    saved: np.ndarray | None = None
    savable: np.ndarray | None = None

    def knows(self, measure: str) -> bool:
        """Whether it has what a measure is made of."""
        return {"price": self.price, "cache": self.savable}.get(measure, self.cost) is not None

    def merged(self, columns: list[str]) -> Leaves:
        """The same with only these columns telling leaves apart."""
        joint = _joint([self.codes[c] for c in columns], [len(self.values[c]) for c in columns])
        _, first, inverse = np.unique(joint, return_index=True, return_inverse=True)
        cost, requests = (
            np.stack([np.bincount(inverse, weights=row, minlength=len(first)) for row in values])
            for values in (self.cost, self.requests)
        )
        return Leaves({c: self.codes[c][first] for c in columns}, self.values, cost, requests)

    def part(self, days: slice, keep: np.ndarray) -> Leaves:
        """Some days and leaves of it."""
        codes = {name: codes[keep] for name, codes in self.codes.items()}
        known = (None if each is None else each[days][:, keep] for each in (self.price, self.saved, self.savable))
        return Leaves(codes, self.values, self.cost[days][:, keep], self.requests[days][:, keep], *known)

    def tells(self, where: dict[str, str]) -> bool:
        """Whether leaves say what lies in a slice: of tags, of which a row has many, they do not."""
        return all(column in self.codes for column in where)

    def inside(self, where: dict[str, str]) -> np.ndarray:
        """Which leaves lie in a slice, given as column → value."""
        found = np.ones(self.cost.shape[1], dtype=bool)
        for column, value in where.items():
            names = self.values.get(column, [])
            found &= self.codes[column] == names.index(value) if value in names else False
        return found


def blame(
    leaves: Leaves,
    days: int,
    season: int = 7,
    limit: int = 3,
    measures: Iterable[str] = MEASURES,
    about: np.ndarray | None = None,
) -> tuple[str, list[Suspect]]:
    """What moved (`volume`, `unit_cost`, `cache`, `price` or `mix`) and the slices it moved in, best first.

    Each is searched apart; the best explained is taken. Requests that left one model for
    another, their number unchanged, are a change of the mix. `about`: the leaves that it has to be about.
    """
    found = {
        measure: suspects(leaves, days, measure, season, limit, about) for measure in measures if leaves.knows(measure)
    }
    if not found:
        return "cost", []
    measure = max(found, key=lambda m: found[m][0].gain if found[m] else 0.0)
    if measure == "volume" and found[measure]:
        swapped = _swaps(leaves, days, season, found[measure][0])
        if swapped:
            return "mix", swapped[:limit]
    return measure, found[measure]


def _swaps(leaves: Leaves, days: int, season: int, suspect: Suspect) -> list[Suspect]:
    """Slices around a suspect, the narrowest first, in which the calls it lost or won went to or came from elsewhere.

    That is: its calls and those of other models or tiers moved against each other and nearly cancel.
    """
    kept = [c for c in leaves.codes if c not in MIXES]
    mixed = [c for c in leaves.codes if c in MIXES]
    if not kept or not mixed:
        return []
    usual = _same_weekday(leaves.requests[:-days], days, season).sum(axis=0)
    moved = leaves.requests[-days:].sum(axis=0) - usual
    touched = leaves.inside(suspect.where)
    lost = abs(float(moved[touched].sum()))
    served = _joint([leaves.codes[c] for c in mixed], [len(leaves.values[c]) for c in mixed])
    found = []
    for column in kept:
        codes = leaves.codes[column]
        heaviest = np.bincount(codes[touched] + 1, weights=np.abs(moved[touched])).argmax() - 1
        if heaviest < 0:
            continue
        inside = codes == heaviest
        by_model = np.bincount(np.unique(served[inside], return_inverse=True)[1], weights=moved[inside])
        net, gross = abs(float(by_model.sum())), float(np.abs(by_model).sum())
        if net < SWAP_BALANCE * gross and gross > 1.3 * lost and np.abs(moved[inside & touched]).sum() > 0.8 * lost:
            change = float(leaves.cost[-days:, inside].sum())
            change -= float(_same_weekday(leaves.cost[:-days, inside], days, season).sum())
            where = {column: leaves.values[column][heaviest]}
            found.append((float(usual[inside].sum()), Suspect(where, change, gross)))
    most = max((each.gain for _, each in found), default=0.0)
    return [each for _, each in sorted(found, key=lambda f: (f[1].gain < 0.8 * most, f[0]))]


def suspects(
    leaves: Leaves, days: int, measure: str, season: int = 7, limit: int = 3, about: np.ndarray | None = None
) -> list[Suspect]:
    """The slices that explain best how the last `days` rows differ from the rows before them, best first.

    `measure`: `volume` (requests, at the old cost of each), `unit_cost` (cost at the requests there were), `mix` (the
    same where leaves that differ only in model or tier are one), `cache` (what it saved at the input there was),
    `price` (the same usage at the usual prices), or `cost`.
    A leaf counts by its usual noise. Gain = how much of the sum of squared, noise-scaled deviations disappears when
    the leaves of the slice are moved by one common factor. `about`: leaves in which `ABOUT` of what a slice moved lies.
    """
    if measure == "mix" and (kept := [c for c in leaves.codes if c not in MIXES]):
        leaves, about = leaves.merged(kept), None
    base, change, noise = _deviations(leaves, days, measure, season)
    weight = 1 / noise**2
    size = change / noise
    told = np.minimum(size**2, CLEAR**2) * np.sign(size)
    found = []
    for columns in _combinations(leaves.codes):
        sizes = [len(leaves.values[c]) for c in columns]
        joint = _joint([leaves.codes[c] for c in columns], sizes) if columns else np.zeros(len(base), dtype=np.int64)
        _, first, inverse = np.unique(joint, return_index=True, return_inverse=True)
        cross = np.bincount(inverse, weights=weight * base * change)
        square = np.bincount(inverse, weights=weight * base * base)
        moved = np.bincount(inverse, weights=change)
        gain = cross**2 / np.maximum(square, 1e-300) * (1 - DIMENSION_COST * max(len(columns) - 1, 0))
        direction = np.sign(np.bincount(inverse, weights=change))
        ours = np.maximum(np.bincount(inverse, weights=told) * direction, 0.0)
        ours_about = moved if about is None else np.bincount(inverse, weights=change * about)
        gain = np.where(ours_about * direction >= ABOUT * np.abs(moved), gain, 0.0)
        whole = np.where(direction > 0, told[told > 0].sum(), -told[told < 0].sum())
        gain *= (ours / np.maximum(whole, 1e-300)) ** AGREEMENT
        for number in np.argsort(-gain)[: 4 * limit]:
            codes = [int(leaves.codes[c][first[number]]) for c in columns]
            if min(codes, default=0) >= 0 and gain[number] > 0:
                where = {c: leaves.values[c][code] for c, code in zip(columns, codes, strict=True)}
                found.append((float(gain[number]), len(columns), inverse == number, where, float(moved[number])))
    best = max((f[0] for f in found), default=0.0)
    most = max((abs(f[4]) for f in found if f[0] >= TELLING * best), default=0.0)
    found = [f for f in found if abs(f[4]) >= LEAST_SHARE * most]
    # What holds the same of all that moved is told by the name that holds least of what rests.
    return _distinct(sorted(found, key=lambda f: (-round(f[0], 6), f[1], int(f[2].sum()))), limit)


def _joint(codes: list[np.ndarray], sizes: list[int]) -> np.ndarray:
    joint = np.zeros(len(codes[0]), dtype=np.int64)
    for each, size in zip(codes, sizes, strict=True):
        joint = joint * (size + 1) + each + 1
    return joint


def _distinct(found: Iterable[tuple[float, int, np.ndarray, dict[str, str], float]], limit: int) -> list[Suspect]:
    """The best of each set of leaves: a slice that holds the same leaves under another name is not another."""
    seen: set[bytes] = set()
    chosen: list[Suspect] = []
    for gain, _, inside, where, moved in found:
        mark = np.packbits(inside).tobytes()
        if mark not in seen:
            seen.add(mark)
            chosen.append(Suspect(where, moved, gain))
        if len(chosen) == limit:
            break
    return chosen


def _combinations(columns: Iterable[str]) -> Iterable[tuple[str, ...]]:
    names = [name for name in columns if name not in NAMELESS]
    yield ()
    yield from ((name,) for name in names)
    yield from combinations(names, 2)


def _deviations(leaves: Leaves, days: int, measure: str, season: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per leaf: USD expected over the last `days`, the deviation from it, and the usual size of a deviation."""
    past_cost, past_requests = leaves.cost[:-days], leaves.requests[:-days]
    cost, requests = leaves.cost[-days:].sum(axis=0), leaves.requests[-days:].sum(axis=0)
    recent = slice(-4 * season, None)
    calls = past_requests[recent].sum(axis=0)
    spent = past_cost[recent].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(calls > 0, spent / calls, np.where(requests > 0, cost / requests, 0.0))
    if measure == "price" and leaves.price is not None:
        past = leaves.price[:-days][recent]
        usual_effect = np.median(past, axis=0) if len(past) else np.zeros(len(cost))
        change = leaves.price[-days:].sum(axis=0) - days * usual_effect
        base, errors, unit = cost - change, past - usual_effect, np.zeros(len(cost))
    elif measure == "cache" and leaves.saved is not None and leaves.savable is not None:
        saved, savable = leaves.saved[:-days][recent], leaves.savable[:-days][recent]
        able = savable.sum(axis=0)
        share = np.where(able > 0, saved.sum(axis=0) / np.where(able > 0, able, 1.0), 0.0)
        base = leaves.savable[-days:].sum(axis=0) * share
        # What the cache no longer saves is spent.
        change = np.where(able > 0, base - leaves.saved[-days:].sum(axis=0), 0.0)
        errors = saved - savable * share
        unit = np.where(requests > 0, base / np.where(requests > 0, requests, 1.0), 0.0)
    elif measure in ("unit_cost", "mix"):
        base = requests * unit
        change = np.where(calls > 0, cost - base, 0.0)
        errors = past_cost[recent] - past_requests[recent] * unit
    else:
        values = past_cost if measure == "cost" else past_requests * unit
        now = cost if measure == "cost" else requests * unit
        usual = _same_weekday(values, days, season)
        base, change = usual.sum(axis=0), now - usual.sum(axis=0)
        errors = (values[season:] - values[:-season])[recent] / np.sqrt(2)
    noise = 1.4826 * np.median(np.abs(errors), axis=0) if len(errors) else np.zeros_like(base)
    # Few calls scatter by the square root of their number, whatever the weeks before happened to show.
    usual_calls = np.maximum(calls / max(len(past_requests[recent]), 1), requests / days)
    noise = np.hypot(noise, np.where(usual_calls > 0, unit * np.sqrt(np.maximum(usual_calls, 1.0)), 0.0))
    floor = 0.03 * np.abs(base) / np.sqrt(days) + 1e-3 * max(float(np.abs(base).sum()), 1e-9) / np.sqrt(len(base))
    noise = np.sqrt(days) * np.hypot(noise, floor)
    # What is usually silent has no factor; it counts where it clearly spoke.
    return np.where((base <= 0) & (np.abs(change) > NEWLY * noise), np.abs(change), base), change, noise


def _same_weekday(values: np.ndarray, days: int, season: int) -> np.ndarray:
    """For each of the `days` after `values`, the median of the same weekday in up to six weeks before."""
    usual = []
    for day in range(days):
        lags = [len(values) + day - season * k for k in range(1, 7 + days // season)]
        rows = [values[i] for i in lags if 0 <= i < len(values)][:6]
        usual.append(np.median(rows, axis=0) if rows else np.zeros(values.shape[1]))
    return np.stack(usual)
