"""Forecasts: selection, fallback, intervals, determinism."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.forecasting import ACCURACY_COLUMNS, FORECAST_COLUMNS, ForecastParams, ForecastResult, forecast_costs
from ml.forecasting.backtest import BacktestResult, plan_folds
from ml.forecasting.forecast import select_model
from ml.forecasting.prepare import daily_histories, mask_days
from tests.unit.ml.synthetic import FIRST_DAY, long_frame, weekly_spend

SCORED = datetime(2026, 3, 1, 6)  # noqa: DTZ001
FAST = ForecastParams(use_prophet=False)


def run(frame: pd.DataFrame, days: int, params: ForecastParams = FAST, **kwargs: object) -> ForecastResult:
    as_of = (FIRST_DAY + pd.Timedelta(days=days)).date()
    return forecast_costs(frame, as_of=as_of, scored_at_utc=SCORED, params=params, **kwargs)


def test_output_has_the_columns_of_the_tables_and_thirty_days_per_model():
    result = run(long_frame(weekly_spend(150)), 150, ForecastParams())
    assert list(result.forecasts.columns) == FORECAST_COLUMNS
    assert list(result.accuracy.columns) == ACCURACY_COLUMNS
    assert result.forecasts.groupby("model_name").size().to_dict() == {
        "seasonal_naive": 30,
        "seasonal_drift": 30,
        "prophet": 30,
    }
    assert result.forecasts["forecast_date"].min() == (FIRST_DAY + pd.Timedelta(days=150)).date()
    assert result.forecasts["horizon_days"].max() == 30
    assert result.accuracy["is_selected"].sum() == 1
    assert result.accuracy["mae_usd"].notna().all()


def test_money_comes_out_as_decimals_of_twelve_places():
    forecasts = run(long_frame(weekly_spend(120)), 120).forecasts
    for column in ("predicted_cost_usd", "lower_cost_usd", "upper_cost_usd"):
        assert all(isinstance(v, Decimal) and v.as_tuple().exponent == -12 for v in forecasts[column])


def test_decimal_input_gives_the_same_forecast_as_float_input():
    spend = weekly_spend(120).round(6)
    as_float = long_frame(spend)
    as_decimal = as_float.assign(y=[Decimal(repr(float(v))) for v in spend])
    assert run(as_float, 120).forecasts.equals(run(as_decimal, 120).forecasts)


def test_same_input_gives_identical_output_with_prophet_and_leaves_the_global_seed_alone():
    frame = long_frame(weekly_spend(130))
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    first, second = run(frame, 130, ForecastParams()), run(frame, 130, ForecastParams())
    assert first.forecasts.equals(second.forecasts)
    assert (np.random.get_state()[1] == before).all()


def test_prophet_says_nothing_in_the_log(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        run(long_frame(weekly_spend(90)), 90, ForecastParams())
    assert [r for r in caplog.records if r.name.startswith(("cmdstanpy", "prophet"))] == []


def scored(*fold_mae_usd: float) -> BacktestResult:
    mae = sum(fold_mae_usd) / len(fold_mae_usd)
    return BacktestResult(len(fold_mae_usd), mae, 0.1, 1.0, np.ones(90), fold_mae_usd)


def test_a_model_that_loses_to_the_baseline_is_never_selected():
    results = {"seasonal_naive": scored(5, 5, 5), "seasonal_drift": scored(4, 4, 9), "prophet": scored(6, 6, 6)}
    selected, reasons = select_model(results, 200, FAST)
    assert selected == "seasonal_naive"
    assert reasons["prophet"].startswith("rejected: does not beat the seasonal naive baseline")


def test_one_lucky_fold_is_not_enough():
    results = {"seasonal_naive": scored(5, 5, 5), "seasonal_drift": scored(5.1, 5.1, 1), "prophet": scored(4, 4, 4.9)}
    assert select_model(results, 200, FAST)[0] == "prophet"


def test_a_tie_goes_to_the_baseline():
    assert (
        select_model({"seasonal_drift": scored(5, 5), "seasonal_naive": scored(5, 5)}, 200, FAST)[0] == "seasonal_naive"
    )


def test_growth_is_followed_better_than_by_the_baseline():
    result = run(long_frame(weekly_spend(160, growth_per_day=0.02, noise=0.03)), 160)
    errors = result.accuracy.set_index("model_name")
    assert errors.loc["seasonal_drift", "is_selected"]
    assert errors.loc["seasonal_drift", "mae_usd"] < errors.loc["seasonal_naive", "mae_usd"]


@pytest.mark.parametrize("days", [1, 5, 13, 20])
def test_short_series_fall_back_to_naive_with_a_reason(days: int):
    result = run(long_frame(weekly_spend(days)), days, ForecastParams())
    assert set(result.forecasts["model_name"]) == {"seasonal_naive"}
    assert result.forecasts["is_selected"].all()
    reason = result.accuracy.set_index("model_name").loc["seasonal_naive", "selection_reason"]
    assert f"{days} days of history, too short" in reason


def test_missing_days_are_zero_inside_the_range_and_absent_outside():
    spend = weekly_spend(40).drop(FIRST_DAY + pd.Timedelta(days=10))
    history = daily_histories(long_frame(spend), date(2026, 1, 1), FAST)["team:search"]
    assert len(history) == 40
    assert history.iloc[10] == 0.0


def test_a_late_tail_is_not_zero_but_a_series_that_ended_is():
    full = long_frame(weekly_spend(60), "team", "a")
    late = long_frame(weekly_spend(58), "team", "b")
    ended = long_frame(weekly_spend(30), "team", "c")
    histories = daily_histories(pd.concat([full, late, ended]), date(2026, 1, 1), FAST)
    assert len(histories["team:b"]) == 58
    assert len(histories["team:c"]) == 60
    assert histories["team:c"].iloc[-1] == 0.0


def test_the_day_of_the_run_is_partial_and_ignored():
    spend = weekly_spend(100)
    complete = run(long_frame(spend.iloc[:99]), 99).forecasts
    with_partial = run(long_frame(spend), 99).forecasts
    assert complete.equals(with_partial)


def test_refund_days_work_and_bounds_are_never_negative():
    spend = weekly_spend(150, level_usd=5)
    spend.iloc[[30, 80, 120, 149]] = -200.0
    forecasts = run(long_frame(spend), 150, ForecastParams()).forecasts
    assert (forecasts["lower_cost_usd"] >= 0).all()
    assert (forecasts["lower_cost_usd"] <= forecasts["predicted_cost_usd"]).all()
    assert (forecasts["predicted_cost_usd"] <= forecasts["upper_cost_usd"]).all()


def test_a_dormant_series_does_not_widen_the_intervals_of_others():
    sleeping = weekly_spend(200) * 0.0
    sleeping.iloc[199] = 900.0
    alone = run(long_frame(weekly_spend(200), "team", "a"), 200).forecasts
    both = run(
        pd.concat([long_frame(weekly_spend(200), "team", "a"), long_frame(sleeping, "team", "z")]), 200
    ).forecasts
    both = both[both["series_id"] == "team:a"].reset_index(drop=True)
    assert alone["upper_cost_usd"].equals(both["upper_cost_usd"])


def test_intervals_cover_about_what_they_promise():
    inside = total = 0
    for seed in range(12):
        spend = weekly_spend(330, seed=seed, noise=0.2)
        forecasts = run(long_frame(spend.iloc[:300]), 300).forecasts.query("is_selected")
        actual = spend.iloc[300:].to_numpy()
        inside += int(
            (
                (forecasts["lower_cost_usd"].astype(float) <= actual)
                & (actual <= forecasts["upper_cost_usd"].astype(float))
            ).sum()
        )
        total += len(actual)
    assert 0.72 <= inside / total <= 0.92


def test_an_anomalous_day_is_not_repeated_by_the_forecast():
    spend = weekly_spend(100)
    spend.iloc[98] *= 60
    days = pd.DataFrame({"series_id": ["team:search"], "ds": [spend.index[98]]})
    naive = run(long_frame(spend), 100, anomalous_days=days).forecasts.query("model_name == 'seasonal_naive'")
    assert naive["predicted_cost_usd"].astype(float).max() < 300


def test_mask_ignores_days_outside_the_history():
    spend = weekly_spend(20)
    assert mask_days(spend, {pd.Timestamp("1999-01-01")}, 7).equals(spend)


def test_folds_use_the_full_horizon_when_history_allows_and_never_overlap():
    folds = plan_folds(400, FAST)
    assert [f.training_days for f in folds] == [310, 340, 370]
    assert {f.horizon_days for f in folds} == {30}
    assert {f.horizon_days for f in plan_folds(60, FAST)} == {14}
    assert plan_folds(20, FAST) == []


def test_an_empty_frame_gives_empty_tables():
    empty = pd.DataFrame(columns=["series_id", "scope_type", "scope_id", "ds", "y"])
    result = forecast_costs(empty, as_of=date(2026, 1, 1), scored_at_utc=SCORED)
    assert list(result.forecasts.columns) == FORECAST_COLUMNS
    assert result.forecasts.empty
    assert result.accuracy.empty
