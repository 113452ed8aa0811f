"""Why a day was flagged, in words and as a severity.

Put here: reasons. Keep out: scores. Full driver decomposition is not here yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.anomalies.panel import Panel
from ml.anomalies.params import AnomalyParams
from ml.anomalies.residuals import Residuals

TOTAL_SERIES_ID = "total:all"


def severity(panel: Panel, residuals: Residuals, step: int, column: int, params: AnomalyParams) -> str:
    """`info` for a fall or a rise below `warning_robust_z`, else `warning` or, when it is big, `critical`.

    Big: `critical_impact_usd`, or `critical_impact_ratio_of_total` of what all spend together was expected to be.
    """
    impact = _cell(panel.values, step, column) - _cell(residuals.expected, step, column)
    if impact < 0 or _cell(residuals.robust_z, step, column) < params.warning_robust_z:
        return "info"
    limit = params.critical_impact_usd
    if TOTAL_SERIES_ID in residuals.expected.columns:
        total = float(residuals.expected[TOTAL_SERIES_ID].to_numpy(dtype=float)[step])
        if total > 0:
            limit = min(limit, params.critical_impact_ratio_of_total * total)
    return "critical" if impact >= limit else "warning"


def explain(panel: Panel, residuals: Residuals, step: int, column: int, params: AnomalyParams) -> str:
    """One sentence: spend against expectation, then how calls, cost per call and cache reads differ from usual."""
    actual = _cell(panel.values, step, column)
    expected = _cell(residuals.expected, step, column)
    direction = "above" if actual >= expected else "below"
    parts = [
        f"{actual:,.2f} USD against {expected:,.2f} expected ({_times(actual, expected)}, "
        f"{abs(_cell(residuals.robust_z, step, column)):.1f} usual errors {direction})"
    ]
    requests = _against_past(panel.requests, step, column, params)
    if requests:
        parts.append(f"calls {_times(*requests)}")
    per_request = _against_past(panel.values / panel.requests.where(panel.requests > 0), step, column, params)
    if per_request:
        parts.append(f"cost per call {_times(*per_request)}")
    cache = _against_past(panel.cache_read_ratio, step, column, params)
    if cache and abs(cache[0] - cache[1]) >= 0.1:
        parts.append(f"cache-read share {cache[0]:.0%} against {cache[1]:.0%}")
    return "; ".join(parts)


def _against_past(values: pd.DataFrame, step: int, column: int, params: AnomalyParams) -> tuple[float, float] | None:
    """The value now and its median over the past four seasons, None when either is unknown."""
    past = values.iloc[max(0, step - 4 * params.season_steps) : step, column].dropna()
    now = _cell(values, step, column)
    return (now, float(past.median())) if len(past) and np.isfinite(now) else None


def _cell(values: pd.DataFrame, step: int, column: int) -> float:
    return float(values.to_numpy(dtype=float)[step, column])


def _times(actual: float, usual: float) -> str:
    return (
        f"×{actual / usual:.1f}" if usual > 0 and actual >= 0 else "from nothing" if usual <= 0 < actual else "negative"
    )
