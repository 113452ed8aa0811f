"""Any change between two periods explained: in drivers that sum to it, by slice, by day.

Put here: the comparison. Keep out: reading rows, printing, pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from ml.anomalies.decompose import DRIVERS, decompose, exact
from ml.anomalies.leaves import build_leaves
from ml.anomalies.rootcause import Leaves, Suspect, blame
from ml.anomalies.words import NAMES, amount, main_drivers, signed

SLICES_TOLD = 8


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def holds(self, dates: pd.Series) -> pd.Series:
        """Which of these dates lie in it."""
        return (dates >= self.first) & (dates <= self.last)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Explanation:
    """A change of spend. `drivers` sum to `change_usd` exactly.

    `expected_usd`: spend of the period before, at the length of the other. `slices`: column, value, USD before and
    after, by what changed most. `suspects`: the slices that explain it best. `by_day`: `usage_date, cost_usd`.
    """

    before: Period
    after: Period
    expected_usd: Decimal
    actual_usd: Decimal
    drivers: dict[str, Decimal]
    slices: pd.DataFrame
    suspects: list[Suspect]
    by_day: pd.DataFrame

    @property
    def change_usd(self) -> Decimal:
        """Actual less expected."""
        return self.actual_usd - self.expected_usd


def period_before(after: Period) -> Period:
    """The days to compare with: as many whole weeks before, four at least, so that weekdays weigh alike."""
    weeks = max(4, -(-after.days // 7))
    return Period(after.first - timedelta(days=7 * weeks), after.first - timedelta(days=1))


def explain_change(
    rows: pd.DataFrame, after: Period, before: Period | None = None, dimensions: Mapping[str, str] | None = None
) -> Explanation:
    """Why the spend of `rows` in `after` differs from that in `before`.

    `rows`: `usage_date, cost_usd` as decimals, the measures of `decompose`, columns of `dimensions` (name → column).
    Without `before` it is that of the same weekdays in the weeks before, each day of `after` against its own.
    """
    dimensions = dimensions or {}
    given = before
    before = before or period_before(after)
    known = rows[rows["cost_usd"].notna()]
    dates = known["usage_date"]
    now = known[after.holds(dates)]
    then = known[before.holds(dates)].copy()
    weights = _weights(then["usage_date"], before, after, by_weekday=given is None)
    actual = sum(now["cost_usd"], Decimal(0))
    expected = _weighted_sum(then["cost_usd"], weights)
    numbers = _floats(then).mul(weights.to_numpy(dtype=float), axis=0)
    drivers = decompose(
        then.assign(**{str(name): numbers[name] for name in numbers}),
        now.assign(**{str(name): values for name, values in _floats(now).items()}),
    )
    return Explanation(
        before,
        after,
        expected,
        actual,
        exact(drivers, actual - expected),
        _slices(then, now, weights, dimensions),
        _suspects(known, before, after, dimensions),
        known.groupby("usage_date")["cost_usd"].sum().reset_index(),
    )


def _weights(dates: pd.Series, before: Period, after: Period, *, by_weekday: bool) -> pd.Series:
    """How much each row of the period before counts, so that its sum stands for as many days as `after` has."""
    if not by_weekday:
        return pd.Series([Decimal(after.days) / Decimal(before.days)] * len(dates), index=dates.index, dtype="object")
    wanted = [0] * 7
    for number in range(after.days):
        wanted[(after.first + timedelta(days=number)).weekday()] += 1
    there = [0] * 7
    for number in range(before.days):
        there[(before.first + timedelta(days=number)).weekday()] += 1
    return pd.Series(
        [Decimal(wanted[d.weekday()]) / Decimal(there[d.weekday()]) for d in dates], index=dates.index, dtype="object"
    )


def _weighted_sum(amounts: pd.Series, weights: pd.Series) -> Decimal:
    total = sum((a * w for a, w in zip(amounts, weights, strict=True)), Decimal(0))
    return total.quantize(Decimal(1).scaleb(-12))


def _floats(rows: pd.DataFrame) -> pd.DataFrame:
    names = [c for c in rows if str(c).endswith(("_tokens", "_cost_usd", "_count")) or c in ("cost_usd", "quantity")]
    return pd.DataFrame({c: pd.to_numeric(rows[c], errors="coerce").astype(float) for c in names}, index=rows.index)


def _slices(then: pd.DataFrame, now: pd.DataFrame, weights: pd.Series, dimensions: Mapping[str, str]) -> pd.DataFrame:
    scaled = then.assign(cost_usd=[a * w for a, w in zip(then["cost_usd"], weights, strict=True)])
    found = []
    for name, column in dimensions.items():
        if column not in now or max(now[column].nunique(dropna=False), then[column].nunique(dropna=False)) < 2:
            continue
        old, new = (
            side.assign(**{column: side[column].astype("object").where(side[column].notna(), "none")})
            .groupby(column)["cost_usd"]
            .sum()
            for side in (scaled, now)
        )
        for value in sorted(set(old.index) | set(new.index), key=str):
            found.append((name, str(value), old.get(value, Decimal(0)), new.get(value, Decimal(0))))
    frame = pd.DataFrame(found, columns=["slice", "value", "before_usd", "after_usd"])
    if frame.empty:
        return frame.assign(change_usd=[])
    changes = [a - b for a, b in zip(frame["after_usd"], frame["before_usd"], strict=True)]
    frame["change_usd"] = changes
    order = sorted(range(len(changes)), key=lambda i: -abs(changes[i]))
    return frame.loc[order].reset_index(drop=True)


def _suspects(rows: pd.DataFrame, before: Period, after: Period, dimensions: Mapping[str, str]) -> list[Suspect]:
    """As for an incident, where there are two weeks before and no days between."""
    if before.days < 14 or after.first - before.last != timedelta(days=1):
        return []
    grid = pd.date_range(before.first, after.last, unit="us")
    weight = "request_count" if "request_count" in rows else "cost_usd"
    columns = [*dimensions.values(), "service_tier"]
    leaves: Leaves = build_leaves(rows[rows["usage_date"] <= after.last], columns, grid, weight)
    if not leaves.codes or not leaves.cost.shape[1]:
        return []
    found = blame(leaves, after.days)[1]
    return [] if not found or not found[0].where else [s for s in found if s.where and np.isfinite(s.change_usd)]


def sentences(found: Explanation, subject: str) -> list[str]:
    """The explanation in words: how much, why, where."""
    change, expected = found.change_usd, found.expected_usd
    share = f", {float(change / expected):+.0%}" if expected > 0 else ""
    direction = "more" if change > 0 else "less" if change < 0 else "the same"
    told = [
        f"{subject} spent {amount(found.actual_usd)} USD on {found.after}, {direction} than the {amount(expected)} USD "
        f"that {found.before} lets expect ({signed(change)}{share})."
    ]
    if drivers := main_drivers(found.drivers, float(change)):
        told.append(drivers + ".")
    if found.suspects:
        named = ", ".join(" + ".join(s.where.values()) + f" ({signed(s.change_usd)})" for s in found.suspects)
        told.append(f"Explained best by {named}.")
    return told


def driver_rows(found: Explanation) -> list[tuple[str, Decimal]]:
    """Name and USD of each driver that is not 0, the largest first; they sum to the change."""
    return sorted(
        ((NAMES[name], found.drivers[name]) for name in DRIVERS if found.drivers[name]), key=lambda d: -abs(d[1])
    )
