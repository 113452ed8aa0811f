"""What a forecast run can be told, and the versions of its models.

Put here: parameters and version constants. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass

BASELINE_MODEL = "seasonal_naive"
MODEL_VERSIONS = {"seasonal_naive": "1", "seasonal_drift": "1", "prophet": "1"}
"""Raise a version whenever the same history would give another forecast."""


@dataclass(frozen=True)
class ForecastParams:
    """Settings of `forecast_costs`; units are in the names."""

    horizon_days: int = 30
    season_days: int = 7
    min_history_days: int = 14
    min_training_days: int = 28
    max_backtest_folds: int = 3
    late_data_days: int = 3
    dispersion_window_days: int = 56
    dispersion_floor_ratio: float = 0.05
    dispersion_floor_usd: float = 0.01
    interval_coverage_ratio: float = 0.8
    min_residual_count: int = 28
    prophet_yearly_min_days: int = 730
    prophet_max_training_days: int = 1095
    use_prophet: bool = True
    seed: int = 7

    def __post_init__(self) -> None:
        if not 0 < self.interval_coverage_ratio < 1:
            raise ValueError("interval_coverage_ratio lies strictly between 0 and 1")
        if min(self.horizon_days, self.season_days, self.min_history_days, self.max_backtest_folds) < 1:
            raise ValueError("horizon, season, minimum history and folds are at least 1")
