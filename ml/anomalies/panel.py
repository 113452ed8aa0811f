"""Daily leaf rows as wide frames: one column per slice, one row per day.

Put here: slicing by dimension, the grid, which slices are watched on a day. Keep out: statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.anomalies.params import AnomalyParams
from ml.anomalies.prices import EFFECT
from ml.money import to_floats

TOTAL = ("total", "all")
MEASURES = (
    "request_count",
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    EFFECT,
)
"""What may stand beside the cost of a row; NULL and a column that is not there mean not known."""


@dataclass(frozen=True)
class Panel:
    """Frames (steps × slices) on a grid without holes; NaN before the first row of a slice.

    `cost`: USD. `requests`: calls. `tokens`: all of them. `inputs`, `cache_reads`: input tokens and those read from a
    cache. `price_effect`: USD that prices other than the usual ones made. A measure that nobody counted is NaN
    throughout. `watched`: whether a slice matters on that step.
    Columns are numbers into `slices`, pairs of scope type and scope id.
    """

    slices: list[tuple[str, str]]
    cost: pd.DataFrame
    requests: pd.DataFrame
    tokens: pd.DataFrame
    inputs: pd.DataFrame
    cache_reads: pd.DataFrame
    price_effect: pd.DataFrame
    watched: np.ndarray

    @property
    def grid(self) -> pd.DatetimeIndex:
        """The steps."""
        return pd.DatetimeIndex(self.cost.index)


def build_panel(
    rows: pd.DataFrame,
    dimensions: Mapping[str, str | None],
    as_of: date | pd.Timestamp,
    params: AnomalyParams,
    memberships: pd.DataFrame | None = None,
) -> Panel | None:
    """The panel of rows before `as_of`, at most `max_grid_steps` back; None where there are none.

    `rows`: `usage_date, cost_usd`, columns of `dimensions` (scope type → column, None for the total), measures.
    `memberships`: further slices as `scope_type, scope_id, usage_date, cost_usd`, for what a row may have many of.
    Rows of unknown or infinite cost are left out.
    """
    last = pd.Timestamp(as_of) - pd.tseries.frequencies.to_offset(params.step)
    first = last - (params.max_grid_steps - 1) * pd.tseries.frequencies.to_offset(params.step)
    known = _known(rows, first, last)
    if known.empty:
        return None
    grid = pd.date_range(known["ds"].min(), known["ds"].max(), freq=params.step, unit="us")
    parts = [
        _grouped(known, scope, column) for scope, column in dimensions.items() if column is None or column in known
    ]
    if memberships is not None and len(memberships):
        more = _known(memberships, grid[0], grid[-1])
        parts += [_grouped(part, str(scope), "scope_id") for scope, part in more.groupby("scope_type")]
    return _on_grid(pd.concat(parts, ignore_index=True), grid, params)


def _floats(values: pd.Series) -> pd.Series:
    return values.astype("float64") if pd.api.types.is_numeric_dtype(values) else to_floats(values)


def _known(rows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    cost = _floats(rows["cost_usd"])
    ds = pd.to_datetime(rows["usage_date"]).astype("datetime64[us]")
    keep = np.isfinite(cost) & (ds >= first) & (ds <= last)
    frame = rows.assign(cost_usd=cost, ds=ds)[keep]
    return frame.assign(**{name: _floats(frame[name]) for name in MEASURES if name in frame})


def _grouped(known: pd.DataFrame, scope: str, column: str | None) -> pd.DataFrame:
    values = pd.Series("all", index=known.index) if column is None else known[column].astype("object")
    measures = [name for name in MEASURES if name in known]
    frame = known[["ds", "cost_usd", *measures]].assign(scope_id=values.where(values.notna(), None))
    frame = frame[frame["scope_id"].notna()]
    daily = frame.groupby(["scope_id", "ds"], sort=True)[["cost_usd", *measures]].sum(min_count=1).reset_index()
    return daily.assign(scope_type=scope)


def _on_grid(daily: pd.DataFrame, grid: pd.DatetimeIndex, params: AnomalyParams) -> Panel:
    codes, names = pd.factorize(pd.MultiIndex.from_frame(daily[["scope_type", "scope_id"]].astype(str)))
    steps = grid.get_indexer(pd.DatetimeIndex(daily["ds"]))

    def wide(name: str) -> np.ndarray:
        found = np.zeros((len(grid), len(names)))
        if name not in daily:
            return np.full_like(found, np.nan)
        values = daily[name].to_numpy(dtype=float)
        uncounted = np.isnan(values)
        found[steps, codes] = np.where(uncounted, 0.0, values)
        counted = np.zeros(len(names), dtype=bool)
        counted[codes[~uncounted]] = True
        found[:, ~counted] = np.nan
        return found

    cost = wide("cost_usd")
    watched = _watched(cost, np.flatnonzero([tuple(n) == TOTAL for n in names]), params)
    kept = np.flatnonzero(watched.any(axis=0))
    seen = np.zeros(cost.shape, dtype=bool)
    seen[steps, codes] = True
    before = ~np.logical_or.accumulate(seen, axis=0)[:, kept]
    reads, fresh, written = (wide(f"{n}_tokens") for n in ("cache_read", "uncached_input", "cache_write"))
    inputs = fresh + np.nan_to_num(reads) + np.nan_to_num(written)

    def frame(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(np.where(before, np.nan, values[:, kept]), index=grid)

    return Panel(
        slices=[(str(names[k][0]), str(names[k][1])) for k in kept.tolist()],
        cost=frame(cost),
        requests=frame(wide("request_count")),
        tokens=frame(inputs + np.nan_to_num(wide("output_tokens"))),
        inputs=frame(inputs),
        cache_reads=frame(reads),
        price_effect=frame(wide(EFFECT)),
        watched=watched[:, kept],
    )


def _watched(cost: np.ndarray, totals: np.ndarray, params: AnomalyParams) -> np.ndarray:
    """By step, the slices with `min_share` of the spend of the newest days, that step included; the largest first."""
    spend = np.abs(np.nan_to_num(cost))
    summed = np.cumsum(spend, axis=0)
    window = params.share_window_steps
    trailing = summed.copy()
    trailing[window:] -= summed[:-window]
    whole = trailing[:, totals].max(axis=1) if len(totals) else trailing.max(axis=1)
    watched = trailing >= np.maximum(params.min_share * whole, 1e-12)[:, None]
    today = spend >= 0.05 * spend[:, totals].max(axis=1, keepdims=True) if len(totals) else spend > np.inf
    watched |= today & (spend > 0)
    if cost.shape[1] > params.max_slices:
        order = np.argsort(-trailing, axis=1, kind="stable")[:, : params.max_slices]
        largest = np.zeros_like(watched)
        np.put_along_axis(largest, order, True, axis=1)
        watched &= largest
    if len(totals):
        watched[:, totals] = True
    return watched
