"""The wide panel: one row per step, one column per series, so that all series are computed at once.

Put here: pivoting long series and filling gaps. Keep out: scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.money import to_floats


@dataclass(frozen=True)
class Panel:
    """Aligned values; NaN before the first row of a series and for measures that were not given.

    `values`: USD per step. `requests`: calls per step. `cache_read_ratio`: share of input tokens read from a cache.
    `scopes`: `series_id` → `scope_type, scope_id`. `actuals`: amounts as they came, by (series_id, step).
    """

    values: pd.DataFrame
    requests: pd.DataFrame
    cache_read_ratio: pd.DataFrame
    scopes: pd.DataFrame
    actuals: dict[tuple[str, pd.Timestamp], object]


def build_panel(series: pd.DataFrame, step: str = "D") -> Panel:
    """A panel from the long frame `series_id, scope_type, scope_id, ds, y` (+ optional measures).

    Steps without a row are zero from the first row of a series to the last step on which any series has data.
    """
    frame = series.assign(ds=pd.to_datetime(series["ds"]).astype("datetime64[us]"))
    grid = pd.date_range(frame["ds"].min(), frame["ds"].max(), freq=step, unit="us")
    observed = frame.assign(y=to_floats(frame["y"])).pivot(index="ds", columns="series_id", values="y").reindex(grid)
    started = observed.notna().cummax()
    values = observed.where(observed.notna() | ~started, 0.0)

    def measure(name: str) -> pd.DataFrame:
        if name not in frame.columns:
            return pd.DataFrame(np.nan, index=values.index, columns=values.columns)
        wide = frame.assign(m=to_floats(frame[name])).pivot(index="ds", columns="series_id", values="m").reindex(grid)
        return wide.where(wide.notna() | ~started, 0.0)

    inputs = measure("input_tokens")
    return Panel(
        values=values,
        requests=measure("request_count"),
        cache_read_ratio=measure("cache_read_tokens") / inputs.where(inputs > 0),
        scopes=frame.drop_duplicates("series_id").set_index("series_id")[["scope_type", "scope_id"]],
        actuals=dict(zip(zip(frame["series_id"], frame["ds"], strict=True), frame["y"], strict=True)),
    )
