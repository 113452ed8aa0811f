"""The panel as it would be without holidays: what a quiet day lacked is filled in, for the days after it.

Put here: filling quiet days. Keep out: which days are quiet (`exceptions`), channels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ml.anomalies.exceptions import quiet_days
from ml.anomalies.panel import Panel
from ml.anomalies.params import AnomalyParams

QUIET = 0.85
"""Share of the usual below which a holiday was quiet; above it it is a day like others."""


def without_quiet_falls(panel: Panel, params: AnomalyParams) -> tuple[Panel, np.ndarray]:
    """The panel with quiet days at their usual level, and which cells (steps, slices) were filled.

    Each is filled by what was known before it: the median of its weekday at the level of the last two weeks.
    """
    cost = panel.cost.to_numpy(dtype=float).copy()
    filled = np.zeros(cost.shape, dtype=bool)
    if params.step != "D":
        return panel, filled
    scale = np.ones(cost.shape)
    season = params.season_steps
    for step in np.flatnonzero(quiet_days(panel.grid, params.holiday_countries)):
        if step < 2 * season:
            continue
        usual = _usual(cost[:step], season, params.season_count)
        fell = cost[step] < QUIET * usual
        filled[step] = fell
        some = fell & (cost[step] > 0)
        scale[step, some] = usual[some] / cost[step, some]
        cost[step, fell] = usual[fell]

    def scaled(frame: pd.DataFrame) -> pd.DataFrame:
        return frame * scale

    return replace(
        panel,
        cost=pd.DataFrame(cost, index=panel.cost.index, columns=panel.cost.columns),
        requests=scaled(panel.requests),
        tokens=scaled(panel.tokens),
        inputs=scaled(panel.inputs),
        cache_reads=scaled(panel.cache_reads),
        price_effect=scaled(panel.price_effect),
    ), filled


def _usual(past: np.ndarray, season: int, count: int) -> np.ndarray:
    """By slice; NaN where fewer than two of the same weekday are known."""
    lags = [len(past) - season * k for k in range(1, count + 1) if len(past) - season * k >= 0]
    same, recent, long = past[lags], past[-2 * season :], past[-count * season :]
    known = np.isfinite(same).sum(axis=0) >= 2
    medians = [np.nanmedian(np.where(known, each, 0.0), axis=0) for each in (same, recent, long)]
    ratio = np.where(medians[2] > 0, medians[1] / np.where(medians[2] > 0, medians[2], 1.0), 1.0)
    return np.where(known, medians[0] * np.clip(ratio, 1 / 3, 3), np.nan)
