"""Forecasts on held-back days: better than the seasonal naive and its rivals, as sure as they say, in little time.

COSTOPS_BENCH_SIZE=full judges more windows, fits Prophet too, and forecasts 1,000 series and 10,000 slices; without it
a sample of everything takes some seconds.
"""

from __future__ import annotations

import resource
import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.forecasting import ForecastParams, forecast_spend
from ml.forecasting.panel import Leaves, forecast_panel
from tests.benchmarks.forecasting.daily_series import clients_of_models, made_up, real
from tests.benchmarks.forecasting.judging import Judgement, covered_sums, judge, quantile_loss
from tests.benchmarks.forecasting.public_data_sets import from_r_packages
from tests.benchmarks.size import IS_FULL
from tests.support.shared_data import shared_data

RIVALS = ("weekday_median", "theta", "linear", "arima_5_1_0", "ets", *(("prophet",) if IS_FULL else ()))
OFFSETS = (0, 30, 60, 90, 120) if IS_FULL else (0, 60)
TWO_YEARS = "made up, two years"
SERIES, SLICES = (1000, 10_000) if IS_FULL else (50, 500)


def check(said: Judgement, mase: float, crps: float) -> None:
    print(said)
    assert said.rel_mase <= mase
    assert said.rel_crps <= crps
    lowest, highest = (0.77, 0.83) if IS_FULL else (0.7, 0.9)
    assert lowest <= said.covered_80 <= highest
    lowest, highest = (0.92, 0.97) if IS_FULL else (0.88, 0.99)
    assert lowest <= said.covered_95 <= highest
    assert said.rel_mase < min(said.rel_mase_of.values())


def test_the_quantile_loss_of_a_certain_forecast_is_its_error() -> None:
    assert quantile_loss(np.array([3.0, 5.0]), np.full((2, 9), 4.0)) == pytest.approx(1.0)


def test_public_daily_series() -> None:
    check(judge(real(shared_data("")), OFFSETS, RIVALS), 0.83 if IS_FULL else 0.87, 0.74)


def test_series_made_up() -> None:
    check(judge(made_up(100 if IS_FULL else 30), OFFSETS, RIVALS), 0.83, 0.74)


def test_clients_of_language_models_by_hour() -> None:
    by_hour = ForecastParams(
        season_days=24,
        horizon_days=24,
        full_history_days=72,
        dispersion_window_days=72,
        origin_step_days=6,
        outlook_days=24,
    )
    print(judge(clients_of_models(shared_data("")), (0, 24), RIVALS[:2], by_hour))


def test_daily_series_of_r_packages() -> None:
    kinds = from_r_packages()
    check(judge({name: v for each in kinds.values() for name, v in each.items()}, OFFSETS, RIVALS), 0.83, 0.74)
    for kind, series in kinds.items() if IS_FULL else ():
        print(kind, len(series), judge(series, OFFSETS, RIVALS[:1]))


@pytest.mark.parametrize("source", ["public", "made up", "r packages"])
def test_sums_of_periods_are_covered(source: str) -> None:
    if source == "public":
        kinds = {source: real(shared_data(""))}
    elif source == "made up":
        kinds = {source: made_up(100 if IS_FULL else 30), TWO_YEARS: made_up(60 if IS_FULL else 20, 795, 11)}
    else:
        kinds = {source: {name: v for each in from_r_packages().values() for name, v in each.items()}}
    for name, series in kinds.items():
        for days in ((7, 30, 90) if IS_FULL else (30,)) + ((365,) if name == TWO_YEARS else ()):
            windows, within_80, within_95 = covered_sums(series, days, range(0, 241, 30) if IS_FULL else (0, 150))
            print(f"{name}, sums of {days} days: {within_80:.3f} / {within_95:.3f} of {windows} held")
            assert 0.7 <= within_80 <= 0.9
            assert within_95 >= (0.88 if IS_FULL else 0.84)


def test_a_thousand_series_in_two_minutes() -> None:
    values = np.stack(list(made_up(50, 400).values()) * (SERIES // 50))
    began = time.process_time()
    panel = forecast_panel(Leaves.alone(values, np.full(SERIES, 400)), ForecastParams(), 365)
    figures = panel.quantiles
    seconds = time.process_time() - began
    print(f"{SERIES} series × 400 days, a year ahead: {seconds:.1f} CPU s, {_memory_mib()} MiB at most")
    assert np.isfinite(figures).all()
    assert seconds <= 120 * SERIES / 1000


def test_ten_thousand_slices_in_ten_minutes() -> None:
    days = 120
    values = np.stack(list(made_up(50, days).values()))
    number = np.repeat(np.arange(SLICES), days)
    frame = pd.DataFrame(
        {
            "usage_date": np.tile(pd.date_range("2026-01-01", periods=days).date, SLICES),
            "cost_usd": values[np.arange(SLICES) % 50].ravel(),
            "cost_kind": "llm",
            "is_scheduled": False,
            "provider_id": np.char.add("p", (number % 5).astype(str)),
            "model_id": np.char.add("m", (number % 100).astype(str)),
            "team_id": np.char.add("t", number.astype(str)),
            "project_id": np.char.add("r", number.astype(str)),
            "cost_center_id": np.char.add("c", (number % 50).astype(str)),
        }
    )
    began = time.process_time()
    said = forecast_spend(frame, as_of=date(2026, 5, 1))
    seconds = time.process_time() - began
    print(f"{SLICES} slices × {days} days: {seconds:.1f} CPU s, {_memory_mib()} MiB at most; {said.folded}")
    assert seconds <= 600


def _memory_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
