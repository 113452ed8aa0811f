"""The forecast run: histories in, `ml.cost_forecasts` and `ml.forecast_accuracy` out.

Put here: selection, intervals, the output frames. Keep out: model arithmetic, I/O.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from ml.contracts import columns_of
from ml.forecasting.backtest import BacktestResult, backtest, dispersion_usd
from ml.forecasting.models import forecasters
from ml.forecasting.params import BASELINE_MODEL, MODEL_VERSIONS, ForecastParams
from ml.forecasting.prepare import daily_histories, mask_days
from ml.identity import stable_id
from ml.money import to_decimal, to_decimals

logger = logging.getLogger(__name__)

FORECAST_COLUMNS = columns_of("cost_forecasts")
ACCURACY_COLUMNS = columns_of("forecast_accuracy")


@dataclass(frozen=True)
class ForecastResult:
    """The two output frames, columns as in `FORECAST_COLUMNS` and `ACCURACY_COLUMNS`."""

    forecasts: pd.DataFrame
    accuracy: pd.DataFrame


def forecast_costs(
    series: pd.DataFrame,
    *,
    as_of: date,
    scored_at_utc: datetime,
    anomalous_days: pd.DataFrame | None = None,
    params: ForecastParams | None = None,
) -> ForecastResult:
    """Forecast the next `horizon_days` of every series with every model, and mark the model to be trusted.

    `series`: long frame `series_id, scope_type, scope_id, ds, y` (USD, Decimal or float). `as_of`: UTC date of the
    run; it and later days are ignored. `anomalous_days`: optional `series_id, ds` of days that models must not learn
    from. `scored_at_utc` is written through. Costs come out as decimals of 12 places, never below zero.
    Per series the model with the lowest backtest MAE is selected among those that beat the seasonal naive baseline in
    every fold; else the baseline.
    """
    params = params or ForecastParams()
    histories = daily_histories(series, as_of, params)
    scopes = series.drop_duplicates("series_id").set_index("series_id")[["scope_type", "scope_id"]]
    masks = _masks_by_series(anomalous_days)
    backtests = {i: backtest(h, masks.get(i, set()), params) for i, h in histories.items()}
    pooled = _pool_residuals(backtests)
    run_id = stable_id("forecast", as_of.isoformat(), sorted(MODEL_VERSIONS.items()), params)
    forecasts: list[dict[str, object]] = []
    accuracy: list[dict[str, object]] = []
    for identity, history in histories.items():
        results = backtests[identity]
        selected, reasons = select_model(results, len(history), params)
        head: dict[str, object] = {
            "forecast_run_id": run_id,
            "series_id": identity,
            "scope_type": scopes.at[identity, "scope_type"],
            "scope_id": scopes.at[identity, "scope_id"],
            "scored_at_utc": scored_at_utc,
        }
        training = mask_days(history, masks.get(identity, set()), params.season_days)
        for name, result in results.items():
            named: dict[str, object] = {
                **head,
                "model_name": name,
                "model_version": MODEL_VERSIONS[name],
                "is_selected": name == selected,
            }
            accuracy.append({**named, **_accuracy_row(result), "selection_reason": reasons[name]})
            if name == BASELINE_MODEL or result.fold_count > 0:
                forecasts += _forecast_rows(named, training, name, result, pooled.get(name), params)
    return ForecastResult(
        pd.DataFrame(forecasts, columns=FORECAST_COLUMNS), pd.DataFrame(accuracy, columns=ACCURACY_COLUMNS)
    )


def select_model(
    results: dict[str, BacktestResult], history_days: int, params: ForecastParams
) -> tuple[str, dict[str, str]]:
    """The name of the model to trust and, for each model, why it was or was not chosen."""
    baseline = results[BASELINE_MODEL]
    if history_days < params.min_history_days or baseline.mae_usd is None:
        why = f"{history_days} days of history, too short to compare models"
        return BASELINE_MODEL, {n: f"selected: {why}" if n == BASELINE_MODEL else f"not tried: {why}" for n in results}
    winners = {name for name, r in results.items() if name == BASELINE_MODEL or _beats(r, baseline)}
    scored = {name: r.mae_usd for name, r in results.items() if r.mae_usd is not None and name in winners}
    best = min(scored, key=lambda name: (scored[name], name != BASELINE_MODEL))
    reasons = {}
    for name, result in results.items():
        if result.mae_usd is None:
            reasons[name] = f"not tried: {result.failure}"
        elif name == best:
            reasons[name] = "selected: lowest backtest error"
        elif name not in winners:
            reasons[name] = "rejected: does not beat the seasonal naive baseline in every fold"
        else:
            reasons[name] = f"not selected: {best} has a lower backtest error"
    return best, reasons


def _beats(result: BacktestResult, baseline: BacktestResult) -> bool:
    """Lower error in every fold: one lucky fold is not skill.

    With the total or most folds as the test, the choice lost to the baseline on three of four real series.
    """
    if result.mae_usd is None or baseline.mae_usd is None or result.mae_usd >= baseline.mae_usd:
        return False
    return all(own < other for own, other in zip(result.fold_mae_usd, baseline.fold_mae_usd, strict=True))


def _forecast_rows(
    named: dict[str, object],
    training: pd.Series,
    name: str,
    result: BacktestResult,
    pooled: np.ndarray | None,
    params: ForecastParams,
) -> list[dict[str, object]]:
    try:
        raw = forecasters(params)[name](training, params.horizon_days, params)
    except Exception as error:
        logger.warning("model %s failed on %s: %s", name, named["series_id"], error)
        if named["is_selected"]:
            raise
        return []
    predicted = np.maximum(raw, 0.0)
    half_width = _half_width_usd(training, result, pooled, params)
    dates = pd.date_range(training.index[-1] + pd.Timedelta(days=1), periods=params.horizon_days, freq="D")
    points = to_decimals(predicted)
    lowers = to_decimals(np.maximum(predicted - half_width, 0.0))
    uppers = to_decimals(predicted + half_width)
    span = {"trained_from_date": training.index[0].date(), "trained_through_date": training.index[-1].date()}
    return [
        {
            **named,
            **span,
            "forecast_date": day.date(),
            "horizon_days": step,
            "predicted_cost_usd": point,
            "lower_cost_usd": lower,
            "upper_cost_usd": upper,
            "interval_coverage": params.interval_coverage_ratio,
        }
        for step, (day, point, lower, upper) in enumerate(zip(dates, points, lowers, uppers, strict=True), start=1)
    ]


def _half_width_usd(
    training: pd.Series, result: BacktestResult, pooled: np.ndarray | None, params: ForecastParams
) -> float:
    """Conformal half width: the quantile of |scaled residuals| times today's dispersion.

    A series with too few residuals borrows those of all series of the same model; with none at all, 1.5 dispersions.
    """
    residuals = result.scaled_residuals
    if len(residuals) < params.min_residual_count and pooled is not None and len(pooled) > len(residuals):
        residuals = pooled
    if not len(residuals):
        return 1.5 * dispersion_usd(training, params)
    rank = min(1.0, np.ceil((len(residuals) + 1) * params.interval_coverage_ratio) / len(residuals))
    quantile = float(np.quantile(np.abs(residuals), rank, method="higher"))
    return quantile * dispersion_usd(training, params)


def _pool_residuals(backtests: dict[str, dict[str, BacktestResult]]) -> dict[str, np.ndarray]:
    pools: dict[str, list[np.ndarray]] = {}
    for results in backtests.values():
        for name, result in results.items():
            if len(result.scaled_residuals):
                pools.setdefault(name, []).append(result.scaled_residuals)
    return {name: np.concatenate(parts) for name, parts in pools.items()}


def _masks_by_series(anomalous_days: pd.DataFrame | None) -> dict[str, set[pd.Timestamp]]:
    if anomalous_days is None or anomalous_days.empty:
        return {}
    days = anomalous_days.assign(ds=pd.to_datetime(anomalous_days["ds"]).dt.normalize())
    return {str(identity): set(rows["ds"]) for identity, rows in days.groupby("series_id")}


def _accuracy_row(result: BacktestResult) -> dict[str, object]:
    return {
        "backtest_folds": result.fold_count,
        "mae_usd": to_decimal(result.mae_usd),
        "wape_ratio": result.wape_ratio,
        "mase_ratio": result.mase_ratio,
    }
