"""How every model would have done on the series that are published, side by side.

Put here: folds and error measures. Keep out: intervals, which model is published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.forecasting.members import predict
from ml.forecasting.panel import Leaves
from ml.forecasting.params import ForecastParams

SLOW_MODELS = ("prophet",)
"""Fitted one series at a time: scored on the largest series only, unless published."""


@dataclass(frozen=True)
class Score:
    """Errors of one model on one series over `folds` windows."""

    model_name: str
    series: int
    folds: int
    mae: float
    wape: float | None
    mase: float | None
    bias: float | None


def scores(leaves: Leaves, published: np.ndarray, params: ForecastParams) -> list[Score]:
    """Scores of every model on the series numbered `published`: the published model as it is, summed from leaves.

    Folds do not overlap and end with the newest day: as many of `horizon_days` as fit behind `full_history_days`, else
    of a week behind `min_history_days`.
    """
    history, width = leaves.series_values, leaves.values.shape[1]
    found: dict[tuple[str, int], list[tuple[np.ndarray, np.ndarray, float]]] = {}
    for horizon, least in ((params.horizon_days, params.full_history_days), (7, params.min_history_days)):
        for fold in range(params.accuracy_folds):
            origin = width - horizon * (fold + 1)
            before = leaves.series_lengths - (width - origin)
            able = np.array(
                [s for s in published if before[s] >= least and (horizon == 7) == _is_short(leaves, s, params)]
            )
            if origin < 1 or not len(able):
                continue
            scale = _season_change(history[able, :origin], before[able], params)
            actual = history[able, origin : origin + horizon]
            for name, series, said in _said(leaves, able, before, origin, horizon, fold, params):
                at = np.searchsorted(able, series)
                for row, number in enumerate(series):
                    found.setdefault((name, int(number)), []).append(
                        (actual[at[row]], said[row], float(scale[at[row]]))
                    )
    return [_score(name, number, rows) for (name, number), rows in found.items()]


def _is_short(leaves: Leaves, series: int, params: ForecastParams) -> bool:
    return bool(leaves.series_lengths[series] < params.full_history_days + params.horizon_days)


def _said(
    leaves: Leaves, able: np.ndarray, before: np.ndarray, origin: int, horizon: int, fold: int, params: ForecastParams
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """What each model said at an origin of which series."""
    width = leaves.values.shape[1]
    out = []
    lengths = leaves.lengths - (width - origin)
    present = np.flatnonzero(lengths > 0)
    by_leaf = np.zeros((len(leaves.values), horizon))
    by_leaf[present] = predict(params.model, leaves.known[present, :origin], lengths[present], horizon, params)
    out.append((params.model, able, leaves.summed(by_leaf)[able]))
    history = leaves.series_values[:, :origin]
    largest = able[np.argsort(-np.abs(history[able]).sum(axis=1), kind="stable")[: params.prophet_series]]
    for name in params.rivals:
        if name == params.model:
            continue
        series = able
        if name in SLOW_MODELS:
            series = np.sort(largest) if fold < params.prophet_folds else able[:0]
        if len(series):
            out.append((name, series, predict(name, history[series], before[series], horizon, params)))
    return out


def _season_change(history: np.ndarray, lengths: np.ndarray, params: ForecastParams) -> np.ndarray:
    """Mean absolute week-to-week change of each series' own days, the denominator of MASE."""
    season, width = params.season_days, history.shape[1]
    changes = np.abs(history[:, season:] - history[:, :-season])
    inside = np.arange(width - season) >= (width - lengths)[:, None]
    return np.where(inside, changes, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)


def _score(name: str, series: int, rows: list[tuple[np.ndarray, np.ndarray, float]]) -> Score:
    actual = np.concatenate([a for a, _, _ in rows])
    errors = np.concatenate([a - said for a, said, _ in rows])
    total = float(np.abs(actual).sum())
    ratios = [float(np.abs(a - said).mean()) / scale for a, said, scale in rows if scale > 0]
    return Score(
        model_name=name,
        series=series,
        folds=len(rows),
        mae=float(np.abs(errors).mean()),
        wape=float(np.abs(errors).sum()) / total if total > 0 else None,
        mase=float(np.mean(ratios)) if ratios else None,
        bias=-float(errors.sum()) / total if total > 0 else None,
    )
