"""From long rows to gap-free daily histories.

Put here: the grid, zero filling, masking of anomalous days. Keep out: models.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ml.forecasting.params import ForecastParams
from ml.money import to_floats
from ml.series import complete_days


def daily_histories(series: pd.DataFrame, as_of: date, params: ForecastParams) -> dict[str, pd.Series]:
    """One gap-free float series of USD per day for each `series_id`, indexed by day.

    A day without rows counts as zero only between the first day of the series and the last day on which any series
    has data. A tail of at most `late_data_days` without rows is late rather than zero: the history ends before it.
    """
    if series.empty:
        return {}
    frame = complete_days(series, as_of)
    if frame.empty:
        return {}
    frame = frame.assign(y=to_floats(frame["y"])).dropna(subset=["y"])
    last_day = frame["ds"].max()
    histories = {}
    for identity, rows in frame.groupby("series_id", sort=True):
        observed = rows.groupby("ds")["y"].sum()
        is_late = (last_day - observed.index[-1]).days <= params.late_data_days
        end = observed.index[-1] if is_late else last_day
        grid = pd.date_range(observed.index[0], end, freq="D", unit="us")
        histories[str(identity)] = observed.reindex(grid, fill_value=0.0).rename("y")
    return histories


def mask_days(history: pd.Series, days: set[pd.Timestamp], season_days: int) -> pd.Series:
    """`history` with each named day replaced by the median of the same weekday in the four weeks before it.

    Keeps one runaway day from being repeated by models that copy last week. Days without such a past stay as they are.
    """
    if not days:
        return history
    values = history.to_numpy(dtype=float).copy()
    for position in sorted(history.index.get_indexer(pd.DatetimeIndex(sorted(days)))):
        before = [position - season_days * k for k in range(1, 5) if position >= season_days * k]
        if before:
            values[position] = np.median(values[before])
    return pd.Series(values, index=history.index, name=history.name)
