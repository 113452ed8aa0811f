"""What budgets will have met by the end of their running period.

Put here: budgets against forecasts. Keep out: what a budget counts (its daily spend is given), alerts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from ml.contracts import columns_of
from ml.forecasting.forecast import SpendForecast
from ml.forecasting.panel import Leaves, forecast_panel
from ml.forecasting.params import MODEL_VERSIONS, QUANTILES
from ml.forecasting.periods import breach_day, breach_probability, months_later
from ml.money import to_floats

SERIES_OF_SCOPE = {"global": "total", "provider": "provider", "team": "team", "project": "project"}
"""Budget scopes whose spend is that of a forecast series; the others are forecast from their own days."""
MONTHS_OF_PERIOD = {"month": 1, "quarter": 3, "year": 12}
_LOW, _HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)


def budget_rows(
    forecast: SpendForecast, budgets: pd.DataFrame, scored_at_utc: datetime, buffer_ratio: float
) -> pd.DataFrame:
    """`ml.budget_outlooks`: one row per budget whose period is running on the forecast's first day.

    `budgets`: a row per budget and day: `budget_id, scope_type, scope_id, counts, period, period_start_date,
    period_end_date, usage_date, amount_usd, spend_usd, is_current`. On the first day of a period, of which there is no
    row yet, a budget that is current is taken on with its last amount.
    """
    columns = columns_of("budget_outlooks")
    if budgets.empty or not forecast.parts:
        return pd.DataFrame(columns=columns)
    days = budgets.assign(
        day=pd.to_datetime(budgets["usage_date"]), y=to_floats(budgets["spend_usd"]).fillna(0.0)
    ).sort_values("day", kind="stable")
    days = days[
        (days["day"] < pd.Timestamp(forecast.as_of)) | (days["period_end_date"].map(_as_date) >= forecast.as_of)
    ]
    rows = [
        row
        for _, each in days.groupby("budget_id", sort=True)
        if (row := _budget_row(forecast, each, buffer_ratio)) is not None
    ]
    versions = {
        "model_name": forecast.params.model,
        "model_version": MODEL_VERSIONS[forecast.params.model],
        "scored_at_utc": scored_at_utc,
    }
    return pd.DataFrame([row | versions for row in rows], columns=columns)


def _budget_row(forecast: SpendForecast, days: pd.DataFrame, buffer_ratio: float) -> dict[str, object] | None:
    last = days.iloc[-1]
    start, end = _as_date(last["period_start_date"]), _as_date(last["period_end_date"])
    if end == forecast.as_of - timedelta(days=1) and last["is_current"] and last["period"] in MONTHS_OF_PERIOD:
        start, end = forecast.as_of, months_later(forecast.as_of, MONTHS_OF_PERIOD[last["period"]]) - timedelta(days=1)
    if not start <= forecast.as_of <= end:
        return None
    over = days[days["day"] < pd.Timestamp(forecast.as_of)]
    spent = float(over[over["day"] >= pd.Timestamp(start)]["y"].sum())
    remaining = min((end - forecast.as_of).days + 1, forecast.params.outlook_days)
    amount = float(last["amount_usd"]) if pd.notna(last["amount_usd"]) else None
    series, daily, quantiles = _ahead(forecast, last, over, remaining)
    head = {
        "budget_id": last["budget_id"],
        "series_id": series,
        "period_start_date": start,
        "period_end_date": end,
        "amount_usd": amount,
        "spend_to_date_usd": spent,
    }
    if daily is None or quantiles is None:
        return head | {"reason": f"fewer than {forecast.params.min_history_days} days of history to forecast from"}
    total = spent + float(daily.sum())
    high_share = quantiles[_HIGH] / daily.sum() if daily.sum() > 0 else 1.0
    recent = float(over["y"].iloc[-7:].mean())
    return head | {
        "forecast_cost_usd": total,
        "lower_cost_usd": spent + quantiles[_LOW],
        "upper_cost_usd": spent + quantiles[_HIGH],
        "run_rate_cost_usd": spent + recent * remaining,
        "breach_probability": None if amount is None else _probability(spent, quantiles, amount),
        "breach_date": _breach(forecast, over, start, spent, daily, amount),
        "earliest_breach_date": _breach(forecast, over, start, spent, daily * high_share, amount),
        "recommended_budget_usd": total * (1 + buffer_ratio),
        "reason": None if amount is not None else "the amount is unknown in US dollars",
    }


def _probability(spent: float, quantiles: np.ndarray, amount: float) -> float:
    """Certain once it is passed."""
    return 1.0 if spent > amount else breach_probability(spent + quantiles, amount)


def _breach(
    forecast: SpendForecast, over: pd.DataFrame, start: date, spent: float, daily: np.ndarray, amount: float | None
) -> date | None:
    """The day the budget is passed: one that is over where it was passed already."""
    if amount is None:
        return None
    if spent > amount:
        so_far = over[over["day"] >= pd.Timestamp(start)]
        return so_far["day"].iloc[int(np.flatnonzero(so_far["y"].cumsum().to_numpy() > amount)[0])].date()
    return breach_day(forecast.as_of, spent, daily, amount)


def _ahead(
    forecast: SpendForecast, budget: pd.Series, over: pd.DataFrame, days: int
) -> tuple[str | None, np.ndarray | None, np.ndarray | None]:
    """Series id, forecast of each of the next days, quantiles of their sum."""
    scope = SERIES_OF_SCOPE.get(str(budget["scope_type"]))
    if scope and budget["counts"] == "llm":
        wanted = f"{scope}:{'all' if scope == 'total' else budget['scope_id']}"
        for part in forecast.parts:
            ids = part.names.ids
            if wanted in ids and (number := ids.index(wanted)) in part.published:
                return wanted, part.points[number, :days], part.sum_quantiles(0, days)[number]
    history = over.groupby("day")["y"].sum()
    if history.empty:
        return None, None, None
    grid = pd.date_range(history.index[0], forecast.as_of - timedelta(days=1), freq="D")
    values = history.reindex(grid, fill_value=0.0).to_numpy(dtype=float)[None, -forecast.params.max_history_days :]
    begun = np.flatnonzero(values[0])
    length = values.shape[1] - int(begun[0]) if len(begun) else values.shape[1]
    if length < forecast.params.min_history_days:
        return None, None, None
    panel = forecast_panel(Leaves.alone(values, np.array([length])), forecast.params, days)
    return None, panel.points[0], panel.sum_quantiles(0, days)[0]


def _as_date(value: object) -> date:
    return pd.Timestamp(value).date()  # type: ignore[arg-type]
