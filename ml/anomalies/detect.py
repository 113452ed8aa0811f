"""The anomaly run: daily series in, `ml.cost_anomalies` out.

Put here: the rule that joins forest and residual, the output frame. Keep out: I/O, alerts.
"""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from ml.anomalies.explain import explain, severity
from ml.anomalies.features import build_features
from ml.anomalies.forest import ForestBlock, walk_forward
from ml.anomalies.panel import Panel, build_panel
from ml.anomalies.params import MODEL_NAME, MODEL_VERSION, AnomalyParams
from ml.anomalies.residuals import Residuals, seasonal_residuals
from ml.contracts import columns_of
from ml.identity import stable_id
from ml.money import to_decimal
from ml.series import complete_days

ANOMALY_COLUMNS = columns_of("cost_anomalies")
WATCHED_BY_SPEND = ("api_key", "model")


def detect_anomalies(
    series: pd.DataFrame, *, as_of: date, scored_at_utc: datetime, params: AnomalyParams | None = None
) -> pd.DataFrame:
    """Score every day of every series that has enough history, each with what was known before it.

    `series`: long frame `series_id, scope_type, scope_id, ds, y` (USD, Decimal or float), optionally
    `request_count, input_tokens, cache_read_tokens`. `as_of`: UTC date of the run; it and later days are ignored.
    Returns `ANOMALY_COLUMNS`, one row per series and scored day; costs are decimals of 12 places. Of api keys and
    models only the `watched_members` with the highest trailing spend appear on a day, that day included.
    """
    params = params or AnomalyParams()
    frame = complete_days(series, as_of)
    if frame.empty:
        return pd.DataFrame(columns=ANOMALY_COLUMNS)
    return score_panel(build_panel(frame, params.step), scored_at_utc, params)


def score_panel(panel: Panel, scored_at_utc: datetime, params: AnomalyParams) -> pd.DataFrame:
    """`detect_anomalies` on a panel of any step, without the calendar of days."""
    residuals = seasonal_residuals(panel.values, params)
    features = build_features(panel, params)
    first_steps = panel.values.notna().to_numpy().argmax(axis=0)

    def flag(block: ForestBlock) -> np.ndarray:
        return is_anomalous(block, panel, residuals, params)

    watched = watched_rows(panel, params)
    rows: list[dict[str, object]] = []
    for block in walk_forward(features, first_steps, params, flag):
        flagged = flag(block)
        for offset, column in np.argwhere(np.isfinite(block.p_values)):
            step = block.start + int(offset)
            if watched[step, column]:
                rows.append(
                    _row(
                        panel, residuals, block, step, int(column), bool(flagged[offset, column]), scored_at_utc, params
                    )
                )
    return pd.DataFrame(rows, columns=ANOMALY_COLUMNS)


def is_anomalous(block: ForestBlock, panel: Panel, residuals: Residuals, params: AnomalyParams) -> np.ndarray:
    """The rule: strange to the forest and far from the seasonal expectation, and worth someone's time.

    Strange and far: p ≤ `max_p_value` with |z| ≥ `min_robust_z`, or p ≤ `max_p_value_when_extreme` with
    |z| ≥ `extreme_robust_z`. With n past scores no p-value is below 1 / (n + 1), so the limit is never under that.
    Worth it: the impact reaches `min_impact_usd` and `min_impact_ratio` of what was expected.
    """
    part = slice(block.start, block.stop)
    expected = residuals.expected.to_numpy()[part]
    impact = np.abs(panel.values.to_numpy()[part] - expected)
    size = np.abs(residuals.robust_z.to_numpy()[part])
    smallest = 1 / (block.reference_counts + 1) + 1e-12
    strange = block.p_values <= np.maximum(params.max_p_value, smallest)
    unusual = block.p_values <= np.maximum(params.max_p_value_when_extreme, smallest)
    far = (strange & (size >= params.min_robust_z)) | (unusual & (size >= params.extreme_robust_z))
    return far & (impact >= params.min_impact_usd) & (impact >= params.min_impact_ratio * np.abs(expected))


def watched_rows(panel: Panel, params: AnomalyParams) -> np.ndarray:
    """Boolean (steps, series): all broad scopes, and the members of large scopes that spend most up to that step."""
    trailing = panel.values.clip(lower=0).rolling(params.watch_window_steps, min_periods=1).sum()
    watched = np.ones(trailing.shape, dtype=bool)
    scope_types = panel.scopes["scope_type"].reindex(trailing.columns).to_numpy()
    for scope_type in WATCHED_BY_SPEND:
        members = scope_types == scope_type
        if members.any():
            ranks = trailing.loc[:, members].rank(axis=1, ascending=False, method="first")
            watched[:, members] = (ranks <= params.watched_members).to_numpy()
    return watched


def _row(
    panel: Panel,
    residuals: Residuals,
    block: ForestBlock,
    step: int,
    column: int,
    flagged: bool,
    scored_at_utc: datetime,
    params: AnomalyParams,
) -> dict[str, object]:
    identity = str(panel.values.columns[column])
    ds = panel.values.index[step]
    actual = to_decimal(panel.actuals.get((identity, ds), 0.0)) or to_decimal(0.0)
    expected = to_decimal(residuals.expected.iat[step, column])
    if actual is None or expected is None:
        raise ValueError(f"{identity} on {ds}: a scored day has no amount")
    impact = actual - expected
    usage_date = ds.date() if params.step == "D" else ds
    return {
        "anomaly_id": stable_id("anomaly", identity, usage_date.isoformat(), MODEL_NAME, MODEL_VERSION),
        "series_id": identity,
        "scope_type": panel.scopes.at[identity, "scope_type"],
        "scope_id": panel.scopes.at[identity, "scope_id"],
        "usage_date": usage_date,
        "actual_cost_usd": actual,
        "expected_cost_usd": expected,
        "impact_usd": impact,
        "isolation_score": float(block.scores[step - block.start, column]),
        "p_value": float(block.p_values[step - block.start, column]),
        "is_anomaly": flagged,
        "severity": severity(panel, residuals, step, column, params) if flagged else None,
        "reason": explain(panel, residuals, step, column, params) if flagged else None,
        "model_name": MODEL_NAME,
        "model_version": MODEL_VERSION,
        "fitted_through_date": panel.values.index[block.start - 1].date(),
        "scored_at_utc": scored_at_utc,
    }
