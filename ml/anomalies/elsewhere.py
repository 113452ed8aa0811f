"""Whether what a slice won or lost came from or went to other models, tiers or regions of the same callers.

Put here: that comparison, in calls for the kind, in dollars for flags. Keep out: kinds, which slice is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ml.anomalies.rootcause import MIXES, Leaves

CALLERS = ("team_id", "project_id", "feature", "customer_id")
"""Not the key: one who changes the provider takes another."""
BILLED_TO = ("sub_account_id",)
SERVED_BY = (*MIXES, "region_id", "service_name")
WEEKS = 28
CLEAR_CHANGE = 0.3
BALANCED = 0.5
"""Of callers whose calls changed by less than this share of what the slice did, most only asked another model."""


def moved_elsewhere(
    rows: pd.DataFrame, where: Mapping[str, str], weights: Mapping[int, float], first: int, last: int
) -> str | None:
    """`model_swap` or `tier_change` where that is what happened between steps `first` and `last`, else None.

    `rows`: `step, request_count` and the columns of slices. `weights`: steps before and how much each counts.
    """
    mixes = [column for column in where if column in MIXES]
    callers = [column for column in CALLERS if column in rows]
    if not mixes or not callers or "request_count" not in rows:
        return None
    factor = rows["step"].map(weights).fillna(0.0).to_numpy(dtype=float)
    now = ((rows["step"] >= first) & (rows["step"] <= last)).to_numpy()
    near = now | (factor > 0)
    codes = pd.factorize(pd.MultiIndex.from_frame(rows[callers].astype("object").where(rows[callers].notna(), "")))[0]
    inside = near.copy()
    for column, value in where.items():
        inside &= (rows[column].astype("object") == value).to_numpy() if column in rows else False
    family = near & np.isin(codes, np.unique(codes[inside]))
    calls = rows["request_count"].fillna(0.0).to_numpy(dtype=float)
    (had, has), (all_had, all_have) = (
        (float((calls * factor)[part].sum()), float(calls[part & now].sum())) for part in (inside, family)
    )
    if abs(has - had) < CLEAR_CHANGE * max(has, had) or max(has, had) <= 0:
        return None
    if abs(all_have - all_had) >= BALANCED * abs(has - had):
        return None
    return "tier_change" if mixes == ["service_tier"] else "model_swap"


def made_up_for(
    flagged: np.ndarray,
    slices: Sequence[tuple[str, str]],
    leaves: Leaves,
    columns: Mapping[str, str | None],
    change_of: Callable[[int], np.ndarray],
) -> np.ndarray:
    """Flagged cells (steps, slices) of a model, tier, provider or region whose change others made up for.

    Those are the same callers' (of bills, the same accounts'), on the same day: calls that went elsewhere at the same
    cost are no news about money. `change_of`: step → USD by which each leaf left its usual.
    """
    found = np.zeros(flagged.shape, dtype=bool)
    callers = [name for name in CALLERS if name in leaves.codes] or [name for name in BILLED_TO if name in leaves.codes]
    if not callers:
        return found
    joint = np.unique(np.stack([leaves.codes[name] for name in callers]), axis=1, return_inverse=True)[1].reshape(-1)
    for number in np.flatnonzero(flagged.any(axis=0)).tolist():
        scope_type, scope_id = slices[number]
        column = columns.get(scope_type)
        if column not in SERVED_BY or column not in leaves.codes:
            continue
        inside = leaves.inside({column: scope_id})
        for step in np.flatnonzero(flagged[:, number]).tolist():
            change = change_of(step)
            active = inside & ((leaves.cost[max(0, step - WEEKS) : step + 1] != 0).any(axis=0))
            family = np.isin(joint, joint[active])
            own, whole = float(change[inside].sum()), float(change[family].sum())
            found[step, number] = own * whole < BALANCED * own * own
    return found
