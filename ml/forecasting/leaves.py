"""From rows of daily spend to leaves and levels: who is forecast, in bounded number.

Put here: the daily grid, small members folded into `other`, days not delivered yet. Keep out: models, prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.contracts import UNOWNED_SCOPE_ID
from ml.forecasting.members import predict
from ml.forecasting.params import ForecastParams
from ml.money import to_floats

LEVELS = {
    "provider": ("provider_id", "none"),
    "model": ("model_id", "none"),
    "team": ("team_id", UNOWNED_SCOPE_ID),
    "project": ("project_id", "none"),
    "cost_center": ("cost_center_id", UNOWNED_SCOPE_ID),
}
"""Scope type, the column that names its members, and the member of rows that name none."""
OTHER = "other"
LARGEST_AMOUNT = 1e15
"""USD on one day beyond which a figure is no figure."""


@dataclass(frozen=True)
class Spend:
    """Daily spend on a grid that ends with `last_day`, per leaf: what it is, its history, and what it belongs to.

    `keys`: a row per leaf with the columns of `LEVELS`, `cost_kind` and `is_scheduled`. `tokens` is 0 where a row
    counts none. `notes`: what a person should know of the input. `folded`: what was summed or left out by design.
    """

    keys: pd.DataFrame
    values: np.ndarray
    tokens: np.ndarray
    lengths: np.ndarray
    last_day: date
    notes: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()

    def part(self, chosen: np.ndarray) -> Spend:
        """Some of the leaves."""
        return Spend(
            self.keys[chosen].reset_index(drop=True),
            self.values[chosen],
            self.tokens[chosen],
            self.lengths[chosen],
            self.last_day,
        )


def daily_leaves(costs: pd.DataFrame, as_of: date, params: ForecastParams) -> Spend | None:
    """Leaves of the days before `as_of`; None where there is no such day.

    `costs`: `usage_date, cost_kind, is_scheduled, cost_usd`, the columns of `LEVELS`, optionally `tokens`; any grain.
    The grid has at most `max_history_days`, however old a row is. A leaf begins with its first day on the grid.
    """
    rows = pd.DataFrame({"day": pd.to_datetime(costs["usage_date"], errors="coerce").dt.normalize()})
    rows["y"] = to_floats(costs["cost_usd"])
    rows["tokens"] = to_floats(costs["tokens"]).fillna(0.0) if "tokens" in costs else 0.0
    rows["cost_kind"] = costs["cost_kind"].astype(object)
    rows["is_scheduled"] = costs["is_scheduled"].astype(bool)
    for column, missing in LEVELS.values():
        named = costs[column].astype(object)
        rows[column] = named.where(named.notna(), missing).astype(str)
    notes, folded = [], []
    usable = rows["day"].notna() & (np.abs(rows["y"]) < LARGEST_AMOUNT)
    if unusable := int((~usable & costs["cost_usd"].notna().to_numpy()).sum()):
        notes.append(f"{unusable} of {len(rows)} rows have a cost or a day that is none, and are not in the forecast")
    rows = rows[usable & (rows["day"] < pd.Timestamp(as_of))]
    if rows.empty:
        return None
    last = rows["day"].max()
    first = max(rows["day"].min(), last - pd.Timedelta(days=params.max_history_days - 1))
    old = int((rows["day"] < first).sum())
    if old:
        folded.append(f"{old} rows are older than the {params.max_history_days} days that forecasts learn from")
    rows = rows[rows["day"] >= first].reset_index(drop=True)
    rows, small = _fold(rows, params)
    return _grid(rows, first, last, tuple(notes), (*folded, *small), params)


def _fold(rows: pd.DataFrame, params: ForecastParams) -> tuple[pd.DataFrame, list[str]]:
    """Members with little recent spend become `other`, level by level, until there are few enough leaves."""
    notes = []
    weight = np.abs(rows["y"]).where(
        rows["day"] > rows["day"].max() - pd.Timedelta(days=params.dispersion_window_days), 0.0
    )
    share, most = params.member_share_ratio, params.max_members
    original = {column: rows[column] for column, _ in LEVELS.values()}
    while True:
        for column, _ in LEVELS.values():
            totals = weight.groupby(original[column]).sum().sort_values(ascending=False, kind="stable")
            kept = totals.index[:most][totals.iloc[:most] >= share * totals.sum()]
            rows[column] = original[column].where(original[column].isin(kept), OTHER)
        names = [*(column for column, _ in LEVELS.values()), "cost_kind", "is_scheduled"]
        if len(rows[names].drop_duplicates()) <= params.max_leaves or most <= 1:
            break
        share, most = share * 4, max(most // 4, 1)
    for scope, (column, _) in LEVELS.items():
        if gone := original[column].nunique() - rows[column].nunique() + int((rows[column] == OTHER).any()):
            notes.append(f"{gone} small members of {scope} are forecast together as {OTHER}")
    return rows, notes


def _grid(
    rows: pd.DataFrame,
    first: pd.Timestamp,
    last: pd.Timestamp,
    notes: tuple[str, ...],
    folded: tuple[str, ...],
    params: ForecastParams,
) -> Spend:
    names = ["cost_kind", "is_scheduled", *(column for column, _ in LEVELS.values())]
    groups = rows.groupby(names, sort=True)
    number = groups.ngroup().to_numpy()
    keys = groups.size().reset_index()[names]
    width = (last - first).days + 1
    position = (rows["day"] - first).dt.days.to_numpy()
    values, tokens = np.zeros((len(keys), width)), np.zeros((len(keys), width))
    np.add.at(values, (number, position), rows["y"].to_numpy())
    np.add.at(tokens, (number, position), rows["tokens"].to_numpy(dtype=float))
    starts, newest = np.full(len(keys), width), np.full(len(keys), -1)
    np.minimum.at(starts, number, position)
    np.maximum.at(newest, number, position)
    lengths = width - starts
    late = _fill_late(keys, values, tokens, lengths, newest, params)
    return Spend(keys, values, tokens, lengths, last.date(), (*notes, *late), folded)


def _fill_late(
    keys: pd.DataFrame,
    values: np.ndarray,
    tokens: np.ndarray,
    lengths: np.ndarray,
    newest: np.ndarray,
    params: ForecastParams,
) -> list[str]:
    """A provider without a row on the newest days is late, not idle: they are set to their weekday median."""
    notes = []
    width = values.shape[1]
    metered = ~keys["is_scheduled"].to_numpy()
    of_whom = keys["cost_kind"].astype(str) + " spend of " + keys["provider_id"]
    for whose in sorted(set(of_whom[metered])):
        at = np.flatnonzero(metered & (of_whom == whose).to_numpy())
        lag = width - 1 - int(newest[at].max())
        if not 0 < lag <= params.late_data_days or keys["provider_id"].iloc[at[0]] == "none":
            continue
        for matrix in (values, tokens):
            matrix[at, width - lag :] = predict(
                "weekday_median", matrix[at, : width - lag], lengths[at] - lag, lag, params
            )
        days = "day, which is taken for a usual one" if lag == 1 else f"{lag} days, which are taken for usual ones"
        notes.append(f"{whose} is not delivered for the newest {days}")
    return notes
