"""Rows by day and leaf as arrays, bounded: the many small leaves become one without names.

Put here: that folding. Keep out: slices, detection.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.anomalies.cache import SAVABLE, SAVED
from ml.anomalies.prices import EFFECT
from ml.anomalies.rootcause import Leaves

MOST_LEAVES = 2000


def build_leaves(rows: pd.DataFrame, columns: Sequence[str], grid: pd.DatetimeIndex, weight: str) -> Leaves:
    """Cost and `weight` (requests, or a bill's quantity) of each combination of `columns` on each day of `grid`."""
    present = [c for c in columns if c in rows and rows[c].notna().any()]
    steps = grid.get_indexer(pd.DatetimeIndex(pd.to_datetime(rows["usage_date"]).astype("datetime64[us]")))
    cost = pd.to_numeric(rows["cost_usd"], errors="coerce").to_numpy(dtype=float)
    keep = (steps >= 0) & np.isfinite(cost)
    steps, cost = steps[keep], cost[keep]
    amount = (
        pd.to_numeric(rows[weight], errors="coerce").fillna(0.0).to_numpy(dtype=float)[keep]
        if weight in rows
        else np.zeros(len(cost))
    )
    more = {
        name: pd.to_numeric(rows[name], errors="coerce").fillna(0.0).to_numpy(dtype=float)[keep]
        for name in (EFFECT, SAVED, SAVABLE)
        if name in rows
    }
    codes, values = {}, {}
    for column in present:
        number, names = pd.factorize(rows[column].to_numpy(dtype=object)[keep])
        codes[column], values[column] = number, [str(n) for n in names]
    joint = np.zeros(len(cost), dtype=np.int64)
    for column in present:
        _, joint = np.unique(joint * (len(values[column]) + 1) + codes[column] + 1, return_inverse=True)
    leaf_count = int(joint.max()) + 1 if len(joint) else 0
    first = np.full(leaf_count, -1)
    first[joint[::-1]] = np.arange(len(joint))[::-1]
    leaf_codes = {c: codes[c][first] for c in present}
    if leaf_count > MOST_LEAVES:
        spend = np.bincount(joint, weights=np.abs(cost))
        largest = np.argsort(-spend, kind="stable")[: MOST_LEAVES - 1]
        number = np.full(leaf_count, MOST_LEAVES - 1)
        number[largest] = np.arange(len(largest))
        joint, leaf_count = number[joint], MOST_LEAVES
        leaf_codes = {c: np.append(each[largest], -1) for c, each in leaf_codes.items()}
    place = steps * max(leaf_count, 1) + joint
    shape, size = (len(grid), leaf_count), len(grid) * leaf_count

    def summed(weights: np.ndarray | None) -> np.ndarray | None:
        return None if weights is None else np.bincount(place, weights=weights, minlength=size).reshape(shape)

    return Leaves(
        leaf_codes,
        values,
        np.bincount(place, weights=cost, minlength=size).reshape(shape),
        np.bincount(place, weights=amount, minlength=size).reshape(shape),
        *(summed(more.get(name)) for name in (EFFECT, SAVED, SAVABLE)),
    )
