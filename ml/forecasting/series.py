"""Names of the series that are forecast, and their leaves in matrices.

Put here: which series a leaf belongs to, days not to learn from. Keep out: models, output.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ml.forecasting.leaves import LEVELS, Spend
from ml.forecasting.members import predict
from ml.forecasting.params import ForecastParams

LLM = "llm"


@dataclass(frozen=True)
class SeriesOf:
    """Series of one part of spend: names in order, and per level to which of them each leaf belongs."""

    scope_types: tuple[str, ...]
    scope_ids: tuple[str, ...]
    codes: tuple[np.ndarray, ...]
    counts: tuple[int, ...]

    @property
    def ids(self) -> list[str]:
        """`total:all`, `team:search`: the same ids as in anomalies and alerts."""
        return [f"{kind}:{name}" for kind, name in zip(self.scope_types, self.scope_ids, strict=True)]


def series_of(spend: Spend) -> SeriesOf:
    """LLM spend by total and every level; what is of another kind by kind, apart."""
    keys = spend.keys
    if len(keys) and (keys["cost_kind"] == LLM).all():
        levels = [("total", pd.Series("all", index=keys.index))]
        levels += [(scope, keys[column]) for scope, (column, _) in LEVELS.items()]
    else:
        levels = [("cost_kind", keys["cost_kind"])]
    kinds: list[str] = []
    names: list[str] = []
    codes, counts = [], []
    for scope, members in levels:
        code, unique = pd.factorize(members, sort=True)
        codes.append(code)
        counts.append(len(unique))
        kinds += [scope] * len(unique)
        names += [str(each) for each in unique]
    return SeriesOf(tuple(kinds), tuple(names), tuple(codes), tuple(counts))


def filled(spend: Spend, values: np.ndarray, incomplete_days: Collection[date], params: ForecastParams) -> np.ndarray:
    """`values` where days whose data is not whole are what the weekday usually is, for leaves below a third of that.

    However many such days there are in a row: a source that is silent says nothing of a new level.
    """
    width = values.shape[1]
    places = sorted({width - 1 - (spend.last_day - day).days for day in incomplete_days})
    out = values
    for day in (place for place in places if 0 < place < width):
        chosen = np.flatnonzero(spend.lengths > width - day + 2 * params.season_days)
        if not len(chosen):
            continue
        usual = predict("weekday_median", out[chosen, :day], spend.lengths[chosen] - (width - day), 1, params)[:, 0]
        low = values[chosen, day] < usual / 3
        if low.any():
            out = values.copy() if out is values else out
            out[chosen[low], day] = usual[low]
    return out


def masked(spend: Spend, values: np.ndarray, anomalous_days: pd.DataFrame | None, params: ForecastParams) -> np.ndarray:
    """`values` with odd days of up to two in a row set to the median of that weekday in the four weeks before.

    `anomalous_days`: `series_id, ds`. A day counts for a leaf when it is named for a series of the leaf, and the leaf
    itself was beyond three times, or below a third of, what it usually is. Three days in a row are a new level.
    """
    if anomalous_days is None or anomalous_days.empty or not len(values):
        return values
    width = values.shape[1]
    first = pd.Timestamp(spend.last_day) - pd.Timedelta(days=width - 1)
    position = (pd.to_datetime(anomalous_days["ds"]).dt.normalize() - first).dt.days
    named = pd.DataFrame({"series": anomalous_days["series_id"].astype(str), "at": position})
    named = named[(named["at"] >= 0) & (named["at"] < width)]
    days_of = {series: rows["at"].to_numpy() for series, rows in named.groupby("series")}
    flags = np.zeros(values.shape, dtype=bool)
    flags[:, days_of.get("total:all", [])] = True
    for scope, (column, _) in LEVELS.items():
        for member, rows in spend.keys.groupby(column).groups.items():
            if (days := days_of.get(f"{scope}:{member}")) is not None:
                flags[np.ix_(np.asarray(rows), days)] = True
    out = values
    for day in [int(each) for each in np.flatnonzero(flags.any(axis=0))]:
        chosen = np.flatnonzero(flags[:, day] & (spend.lengths > width - day + 2 * params.season_days))
        if not day or not len(chosen):
            continue
        usual = predict("weekday_median", out[chosen, :day], spend.lengths[chosen] - (width - day), 1, params)[:, 0]
        odd = (values[chosen, day] > 3 * usual) | (values[chosen, day] < usual / 3)
        odd &= ~_within_three(flags[chosen], day)
        if odd.any():
            out = values.copy() if out is values else out
            out[chosen[odd], day] = usual[odd]
    return out


def _within_three(flags: np.ndarray, day: int) -> np.ndarray:
    around = [
        flags[:, d] if 0 <= d < flags.shape[1] else np.zeros(len(flags), dtype=bool) for d in range(day - 2, day + 3)
    ]
    return np.any([around[k] & around[k + 1] & around[k + 2] for k in range(3)], axis=0)
