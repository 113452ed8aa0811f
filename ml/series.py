"""From daily cost rows to long series, the shape every model here reads.

Put here: slicing by scope, the daily grid, what counts as a complete day.
Keep out: models, thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from ml.contracts import UNOWNED_SCOPE_ID

SCOPE_COLUMNS = {
    "total": None,
    "provider": "provider_id",
    "team": "team_id",
    "model": "model_id",
    "api_key": "api_key_id",
}
"""Scope type and the column that names its members, from broad to specific."""

KIND_SCOPE = {"cost_kind": "cost_kind"}
"""Money besides LLM spend, in series of its own: one per kind."""

MEASURES = ("request_count", "input_tokens", "cache_read_tokens")


def series_id(scope_type: str, scope_id: str) -> str:
    """`total:all`, `team:search`; the same id in forecasts, anomalies and alerts."""
    return f"{scope_type}:{scope_id}"


def slice_daily_costs(costs: pd.DataFrame, scope_types: Sequence[str] = ("total", "provider", "team")) -> pd.DataFrame:
    """Daily cost rows cut into one series per member of each scope.

    `costs`: any grain at or below the day, columns `usage_date`, `cost_usd` (Decimal or float, USD), the scope
    columns of `SCOPE_COLUMNS` and `KIND_SCOPE` that are asked for, optionally the counts in `MEASURES`.
    Rows whose cost is unknown are left out: unknown is not zero. A missing team is the series `team:unallocated`, so
    teams add up to the total; rows without an api key or a model belong to no series of that scope.
    Returns `series_id, scope_type, scope_id, ds, y` and the measures that were given, one row per series and day
    with a row. Raises ValueError when a needed column is missing.
    """
    columns = SCOPE_COLUMNS | KIND_SCOPE
    needed = {"usage_date", "cost_usd"} | {columns[s] for s in scope_types if columns[s]}
    if missing := sorted(str(c) for c in needed - set(costs.columns)):
        raise ValueError(f"daily costs lack the columns {missing}")
    measures = [m for m in MEASURES if m in costs.columns]
    known = costs[costs["cost_usd"].notna()]
    frames = []
    for scope_type in scope_types:
        column = columns[scope_type]
        scope_ids = pd.Series("all", index=known.index) if column is None else known[column].astype("object")
        if scope_type == "team":
            scope_ids = scope_ids.where(scope_ids.notna(), UNOWNED_SCOPE_ID)
        frame = known.assign(scope_id=scope_ids, ds=pd.to_datetime(known["usage_date"]).astype("datetime64[us]"))
        frame = frame[frame["scope_id"].notna()].rename(columns={"cost_usd": "y"})
        daily = frame.groupby(["scope_id", "ds"], as_index=False, sort=True)[["y", *measures]].sum()
        daily["scope_id"] = daily["scope_id"].astype(str)
        daily.insert(0, "scope_type", scope_type)
        daily.insert(0, "series_id", [series_id(scope_type, s) for s in daily["scope_id"]])
        frames.append(daily)
    return pd.concat(frames, ignore_index=True)


def complete_days(series: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The rows of days that were over before `as_of` (UTC date of the run): today is partial and is dropped."""
    ds = pd.to_datetime(series["ds"]).dt.normalize().astype("datetime64[us]")
    return series.assign(ds=ds)[ds < pd.Timestamp(as_of)]
