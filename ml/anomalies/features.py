"""What the isolation forest sees of a day: scale-free comparisons with the series' own past.

Put here: features. Keep out: models, thresholds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.anomalies.panel import Panel
from ml.anomalies.params import AnomalyParams
from ml.anomalies.residuals import seasonal_median

FEATURES = (
    "level_change",
    "weekday_change",
    "step_change",
    "request_change",
    "cost_per_request_change",
    "cache_read_change",
)


def build_features(panel: Panel, params: AnomalyParams) -> np.ndarray:
    """Array (steps, series, features); NaN where a series has too little past. Row t uses rows ≤ t only.

    Changes are differences of asinh(x / scale) with scale a tenth of the trailing mean size: close to a log ratio for
    usual amounts, defined at zero and for refunds. Measures that were not given count as unchanged.
    """
    cost = _squash(panel.values, params)
    requests = _squash(panel.requests, params)
    per_request = _squash(panel.values / panel.requests.where(panel.requests > 0), params)
    cache = panel.cache_read_ratio
    frames = [
        cost - _past_median(cost, params),
        cost - seasonal_median(cost, params, season_count=4),
        cost - cost.shift(1),
        (requests - seasonal_median(requests, params, season_count=4)).fillna(0.0),
        (per_request - _past_median(per_request, params)).fillna(0.0),
        (cache - _past_median(cache, params)).fillna(0.0),
    ]
    return np.stack([frame.to_numpy(dtype=float) for frame in frames], axis=2)


def _past_median(values: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    window = 4 * params.season_steps
    return values.shift(1).rolling(window, min_periods=2 * params.season_steps).median()


def _squash(values: pd.DataFrame, params: AnomalyParams) -> pd.DataFrame:
    """asinh of the value over a tenth of its trailing mean size (expanding until the window is full)."""
    size = values.abs().shift(1).rolling(params.level_window_steps, min_periods=1).mean()
    scale = (size / 10).where(size > 0).ffill()
    return pd.DataFrame(np.arcsinh(values / scale), index=values.index, columns=values.columns)
