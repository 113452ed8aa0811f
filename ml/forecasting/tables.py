"""The forecast as the tables of schema `ml`: one function per table.

Put here: columns, decimals, dates. Keep out: computation of forecasts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ml.contracts import columns_of
from ml.forecasting.accuracy import SLOW_MODELS, scores
from ml.forecasting.decomposition import decompose
from ml.forecasting.forecast import SeriesForecast, SpendForecast
from ml.forecasting.panel import Leaves, forecast_panel
from ml.forecasting.params import BASELINE_MODEL, MODEL_VERSIONS, QUANTILES
from ml.forecasting.periods import periods_from
from ml.identity import stable_id

COLUMN_OF_QUANTILE = {
    quantile: f"q{str(quantile)[2:].ljust(2, '0')}_cost_usd" for quantile in QUANTILES if quantile != 0.5
}
"""`q025_cost_usd`, `q05_cost_usd`, `q10_cost_usd` …; the median is the forecast."""
INTERVAL = 0.8
_AT = {quantile: at for at, quantile in enumerate(QUANTILES)}


def run_id_of(forecast: SpendForecast) -> str:
    """The same day, models and settings give the same id."""
    return stable_id("forecast", forecast.as_of.isoformat(), sorted(MODEL_VERSIONS.items()), forecast.params)


def forecast_rows(forecast: SpendForecast, scored_at_utc: datetime) -> pd.DataFrame:
    """`ml.cost_forecasts`: the published forecast of `horizon_days`; for the total also what other models say."""
    frames = []
    days = forecast.params.horizon_days
    for part in forecast.parts:
        chosen = part.published
        if not len(chosen):
            continue
        quantiles, points = part.quantiles()[chosen, :days], part.points[chosen, :days]
        frames.append(_forecast_frame(forecast, part, chosen, forecast.params.model, points, quantiles, scored_at_utc))
        totals = np.array([s for s in chosen if part.names.scope_types[s] == "total"])
        for name in forecast.params.rivals if len(totals) else ():
            if name != forecast.params.model:
                frames.append(_rival_frame(forecast, part, totals, name, scored_at_utc))
    return _with_columns(frames, "cost_forecasts")


def _rival_frame(
    forecast: SpendForecast, part: SeriesForecast, series: np.ndarray, name: str, scored_at_utc: datetime
) -> pd.DataFrame:
    days = forecast.params.horizon_days
    origins = forecast.params.prophet_folds if name == "prophet" else forecast.params.max_origins
    step = days if name == "prophet" else forecast.params.origin_step_days
    params = replace(forecast.params, model=name, max_origins=origins, origin_step_days=step)
    alone = Leaves.alone(part.repriced.series_values[series], part.repriced.series_lengths[series])
    panel = forecast_panel(alone, params)
    extra = part.scheduled[series, :days]
    points = np.nan_to_num(panel.points) + extra
    return _forecast_frame(forecast, part, series, name, points, panel.quantiles + extra[:, :, None], scored_at_utc)


def _forecast_frame(
    forecast: SpendForecast,
    part: SeriesForecast,
    series: np.ndarray,
    name: str,
    points: np.ndarray,
    quantiles: np.ndarray,
    scored_at_utc: datetime,
) -> pd.DataFrame:
    days = points.shape[1]
    frame = _grid(forecast, part, series, days, name, scored_at_utc)
    starts = [part.last_day - timedelta(days=int(part.lengths[s]) - 1) for s in series]
    return frame.assign(
        is_selected=name == forecast.params.model,
        predicted_cost_usd=points.ravel(),
        lower_cost_usd=quantiles[:, :, _AT[0.1]].ravel(),
        upper_cost_usd=quantiles[:, :, _AT[0.9]].ravel(),
        interval_coverage=INTERVAL,
        lower_95_cost_usd=quantiles[:, :, _AT[0.025]].ravel(),
        upper_95_cost_usd=quantiles[:, :, _AT[0.975]].ravel(),
        trained_from_date=np.repeat(np.array(starts, dtype="datetime64[s]"), days),
        trained_through_date=np.datetime64(part.last_day, "s"),
    )


def outlook_rows(forecast: SpendForecast, scored_at_utc: datetime) -> pd.DataFrame:
    """`ml.cost_outlooks`: every published series, a day a row, `outlook_days` ahead with all quantiles and tokens."""
    frames = []
    days = forecast.params.outlook_days
    for part in forecast.parts:
        chosen = part.published
        if not len(chosen):
            continue
        quantiles = part.quantiles()[chosen]
        columns: dict[str, Any] = {
            column: quantiles[:, :, _AT[quantile]].ravel() for quantile, column in COLUMN_OF_QUANTILE.items()
        }
        frames.append(
            _grid(forecast, part, chosen, days, forecast.params.model, scored_at_utc).assign(
                predicted_cost_usd=part.points[chosen].ravel(),
                scheduled_cost_usd=part.scheduled[chosen].ravel(),
                predicted_tokens=pd.array(np.rint(part.tokens[chosen]).ravel(), dtype="Float64").astype("Int64"),
                **columns,
            )
        )
    return _with_columns(frames, "cost_outlooks")


def accuracy_rows(forecast: SpendForecast, scored_at_utc: datetime) -> pd.DataFrame:
    """`ml.forecast_accuracy`: every model's backtest on every published series that one fits into."""
    rows = []
    published = forecast.params.model
    for part in forecast.parts:
        has_total = "total" in part.names.scope_types
        quick = tuple(name for name in forecast.params.rivals if has_total or name not in SLOW_MODELS)
        scored = scores(part.repriced, part.published, replace(forecast.params, rivals=quick))
        baseline = {each.series: each.mae for each in scored if each.model_name == BASELINE_MODEL}
        for each in scored:
            rows.append(
                {
                    **_head(forecast, part, each.series),
                    "model_name": each.model_name,
                    "model_version": MODEL_VERSIONS[each.model_name],
                    "backtest_folds": each.folds,
                    "mae_usd": each.mae,
                    "wape_ratio": each.wape,
                    "mase_ratio": each.mase,
                    "bias_ratio": each.bias,
                    "is_selected": each.model_name == published,
                    "selection_reason": _reason(each.model_name, published, each.mae, baseline.get(each.series)),
                    "scored_at_utc": scored_at_utc,
                }
            )
    return pd.DataFrame(rows, columns=columns_of("forecast_accuracy"))


def _reason(name: str, published: str, mae: float, baseline: float | None) -> str:
    said = "published: the model that is set for all series" if name == published else "scored beside the published one"
    if name == BASELINE_MODEL or not baseline:
        return said
    return f"{said}; its error is {mae / baseline:.2f} times that of repeating the last week"


def period_rows(forecast: SpendForecast, scored_at_utc: datetime, buffer_ratio: float) -> pd.DataFrame:
    """`ml.period_forecasts`: totals of months, quarters, years and of 30, 90 and 365 days, with quantiles."""
    rows = []
    for part in forecast.parts:
        for period in periods_from(forecast.as_of):
            first = max((period.start - forecast.as_of).days, 0)
            past = min((period.end - forecast.as_of).days + 1, part.points.shape[1])
            if past <= first:
                continue
            quantiles = part.sum_quantiles(first, past)
            remaining = part.points[:, first:past].sum(axis=1)
            spent = _spent(part, period.start, forecast.as_of - timedelta(days=1))
            previous_end = min(period.start, forecast.as_of) - timedelta(days=1)
            previous = _spent(part, previous_end - timedelta(days=period.days - 1), previous_end)
            is_known = part.lengths >= (part.last_day - previous_end).days + period.days
            recent = part.actual[:, -7:].sum(axis=1) / 7
            for s in part.published:
                total = spent[s] + remaining[s]
                before = previous[s] if is_known[s] else None
                rows.append(
                    {
                        **_head(forecast, part, s),
                        "period_type": period.kind,
                        "period_start_date": period.start,
                        "period_end_date": period.end,
                        "actual_cost_usd": spent[s],
                        "remaining_cost_usd": remaining[s],
                        "forecast_cost_usd": total,
                        **{c: spent[s] + quantiles[s, _AT[q]] for q, c in COLUMN_OF_QUANTILE.items()},
                        "run_rate_cost_usd": spent[s] + recent[s] * (past - first),
                        "previous_cost_usd": before,
                        "growth_ratio": (total - before) / before if before and before > 0 else None,
                        "recommended_budget_usd": total * (1 + buffer_ratio),
                        "model_name": forecast.params.model,
                        "model_version": MODEL_VERSIONS[forecast.params.model],
                        "trained_through_date": part.last_day,
                        "scored_at_utc": scored_at_utc,
                    }
                )
    return pd.DataFrame(rows, columns=columns_of("period_forecasts"))


def component_rows(forecast: SpendForecast, scored_at_utc: datetime) -> pd.DataFrame:
    """`ml.cost_components`: observed daily spend of the total, providers and teams, split into its components."""
    frames = []
    for part in forecast.parts:
        kinds = np.array(part.names.scope_types)
        chosen = [s for s in part.published if kinds[s] in ("total", "provider", "team")]
        for s in chosen:
            observed = part.actual[s, -int(part.lengths[s]) :]
            trend, seasonal, residual = (each[0] for each in decompose(observed[None]))
            frames.append(
                pd.DataFrame(
                    {
                        **{k: v for k, v in _head(forecast, part, s).items() if k != "forecast_run_id"},
                        "usage_date": pd.date_range(end=pd.Timestamp(part.last_day), periods=len(observed), freq="D"),
                        "observed_cost_usd": observed,
                        "trend_cost_usd": trend,
                        "seasonal_cost_usd": seasonal,
                        "residual_cost_usd": residual,
                        "model_name": "additive_decomposition",
                        "model_version": "1",
                        "scored_at_utc": scored_at_utc,
                    }
                )
            )
    return _with_columns(frames, "cost_components")


def _spent(part: SeriesForecast, first: date, last: date) -> np.ndarray:
    """Actual spend per series from `first` to `last`, both counted, as far as the history reaches."""
    width = part.actual.shape[1]
    start = width - 1 - (part.last_day - first).days
    end = width - 1 - (part.last_day - last).days
    return part.actual[:, max(start, 0) : max(end + 1, 0)].sum(axis=1)


def _head(forecast: SpendForecast, part: SeriesForecast, series: int) -> dict[str, object]:
    scope_type, scope_id = part.names.scope_types[series], part.names.scope_ids[series]
    return {
        "forecast_run_id": run_id_of(forecast),
        "series_id": f"{scope_type}:{scope_id}",
        "scope_type": scope_type,
        "scope_id": scope_id,
    }


def _grid(
    forecast: SpendForecast, part: SeriesForecast, series: np.ndarray, days: int, name: str, scored_at_utc: datetime
) -> pd.DataFrame:
    ids = np.array(part.names.ids, dtype=object)[series]
    dates = pd.date_range(pd.Timestamp(forecast.as_of), periods=days, freq="D").to_numpy()
    return pd.DataFrame(
        {
            "forecast_run_id": run_id_of(forecast),
            "series_id": np.repeat(ids, days),
            "scope_type": np.repeat(np.array(part.names.scope_types, dtype=object)[series], days),
            "scope_id": np.repeat(np.array(part.names.scope_ids, dtype=object)[series], days),
            "forecast_date": np.tile(dates, len(series)),
            "horizon_days": np.tile(np.arange(1, days + 1), len(series)),
            "model_name": name,
            "model_version": MODEL_VERSIONS[name],
            "scored_at_utc": scored_at_utc,
        }
    )


def _with_columns(frames: list[pd.DataFrame], table: str) -> pd.DataFrame:
    columns = columns_of(table)
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


__all__ = [
    "COLUMN_OF_QUANTILE",
    "accuracy_rows",
    "component_rows",
    "forecast_rows",
    "outlook_rows",
    "period_rows",
    "run_id_of",
]
