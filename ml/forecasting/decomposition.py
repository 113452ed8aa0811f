"""Classical additive decomposition of daily series: observed = trend + seasonal + residual.

Put here: the split. Keep out: forecasts, drawing.
"""

from __future__ import annotations

import numpy as np

PERIOD = 7


def decompose(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trend (centred mean of a week), seasonal (mean per weekday, summing to 0) and residual per row of series × day.

    Gaps are zeros before it is called. The first and last three days have no trend and no residual: NaN.
    """
    rows, width = values.shape
    half = PERIOD // 2
    trend = np.full((rows, width), np.nan)
    if width >= 2 * PERIOD:
        sums = np.cumsum(np.concatenate([np.zeros((rows, 1)), values], axis=1), axis=1)
        trend[:, half : width - half] = (sums[:, PERIOD:] - sums[:, :-PERIOD]) / PERIOD
    else:
        return trend, trend.copy(), trend.copy()
    phases = np.stack([np.nanmean((values - trend)[:, p::PERIOD], axis=1) for p in range(PERIOD)], axis=1)
    phases -= phases.mean(axis=1, keepdims=True)
    seasonal = np.tile(phases, (1, width // PERIOD + 1))[:, :width]
    return trend, seasonal, values - trend - seasonal
