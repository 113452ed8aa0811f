"""Rolling-origin backtests: what each model would have said, and how wrong it was.

Put here: folds, residuals, error measures. Keep out: model code, selection.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.forecasting.models import forecasters, min_training_days
from ml.forecasting.params import ForecastParams
from ml.forecasting.prepare import mask_days

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fold:
    """Train on the first `training_days`, judge the `horizon_days` after them."""

    training_days: int
    horizon_days: int


@dataclass(frozen=True)
class BacktestResult:
    """Errors of one model on one series.

    `scaled_residuals`: (actual − predicted) / dispersion at the fold's origin. `fold_mae_usd`: error of each fold.
    """

    fold_count: int
    mae_usd: float | None
    wape_ratio: float | None
    mase_ratio: float | None
    scaled_residuals: np.ndarray
    fold_mae_usd: tuple[float, ...] = ()
    failure: str | None = None


def plan_folds(history_days: int, params: ForecastParams) -> list[Fold]:
    """Non-overlapping folds ending at the last day: the full horizon when three fit, else 14 days, else 7."""
    options = (
        (params.horizon_days, params.min_training_days, params.max_backtest_folds),
        (min(14, params.horizon_days), params.min_training_days, 1),
        (min(7, params.horizon_days), params.min_history_days, 1),
    )
    for horizon, training, fewest in options:
        count = min(params.max_backtest_folds, (history_days - training) // horizon)
        if count >= fewest:
            return [Fold(history_days - horizon * (k + 1), horizon) for k in reversed(range(count))]
    return []


def dispersion_usd(history: pd.Series, params: ForecastParams) -> float:
    """Recent mean absolute change from week to week, with a floor so that a dormant series cannot divide by nothing."""
    values = history.to_numpy(dtype=float)
    recent = values[-params.dispersion_window_days :]
    change = np.abs(recent[params.season_days :] - recent[: -params.season_days])
    floor = max(params.dispersion_floor_usd, params.dispersion_floor_ratio * float(np.abs(values).mean()))
    return max(float(change.mean()) if len(change) else 0.0, floor)


def backtest(history: pd.Series, masked_days: set[pd.Timestamp], params: ForecastParams) -> dict[str, BacktestResult]:
    """Every model on every fold of one series. Training days may be masked, the days judged are as they happened."""
    folds = plan_folds(len(history), params)
    return {name: _backtest_model(name, history, masked_days, folds, params) for name in forecasters(params)}


def _backtest_model(
    name: str, history: pd.Series, masked_days: set[pd.Timestamp], folds: list[Fold], params: ForecastParams
) -> BacktestResult:
    empty = np.array([])
    if not folds:
        return BacktestResult(0, None, None, None, empty, failure="history too short to backtest")
    if folds[0].training_days < min_training_days(name, params):
        return BacktestResult(0, None, None, None, empty, failure="history too short for this model")
    errors, actuals, scaled, season_errors = [], [], [], []
    for fold in folds:
        training = mask_days(history.iloc[: fold.training_days], masked_days, params.season_days)
        actual = history.iloc[fold.training_days : fold.training_days + fold.horizon_days].to_numpy(dtype=float)
        try:
            predicted = forecasters(params)[name](training, fold.horizon_days, params)
        except Exception as error:
            logger.warning("model %s failed in a backtest: %s", name, error)
            return BacktestResult(0, None, None, None, empty, failure=f"model failed: {type(error).__name__}")
        residual = actual - np.maximum(predicted, 0.0)
        errors.append(np.abs(residual))
        actuals.append(np.abs(actual))
        scaled.append(residual / dispersion_usd(training, params))
        season_errors.append(_seasonal_error(training, params.season_days))
    return BacktestResult(
        fold_count=len(folds),
        mae_usd=float(np.concatenate(errors).mean()),
        wape_ratio=_ratio(float(np.concatenate(errors).sum()), float(np.concatenate(actuals).sum())),
        mase_ratio=_mean_ratio(errors, season_errors),
        scaled_residuals=np.concatenate(scaled),
        fold_mae_usd=tuple(float(e.mean()) for e in errors),
    )


def _seasonal_error(training: pd.Series, season_days: int) -> float:
    """Mean absolute week-to-week change inside the training days, the denominator of MASE."""
    values = training.to_numpy(dtype=float)
    return float(np.abs(values[season_days:] - values[:-season_days]).mean()) if len(values) > season_days else 0.0


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator > 0 else None


def _mean_ratio(errors: list[np.ndarray], scales: list[float]) -> float | None:
    """MASE: mean over folds of error / seasonal error (Hyndman and Koehler 2006); None where never defined."""
    ratios = [float(e.mean()) / s for e, s in zip(errors, scales, strict=True) if s > 0]
    return float(np.mean(ratios)) if ratios else None
