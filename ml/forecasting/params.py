"""What a forecast run can be told, and the versions of its models.

Put here: parameters and version constants. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""The quantiles that are published; the middle one is the forecast itself."""
ENSEMBLE = "median_of_four"
BASELINE_MODEL = "seasonal_naive"
MODEL_VERSIONS = {
    ENSEMBLE: "1",
    BASELINE_MODEL: "1",
    "weekday_median": "1",
    "theta": "1",
    "linear": "1",
    "arima_5_1_0": "1",
    "ets": "1",
    "prophet": "2",
}
"""Raise a version whenever the same history would give another forecast."""


@dataclass(frozen=True)
class ForecastParams:
    """Settings of a forecast; units are in the names.

    `model`: the one whose forecasts are published, any name of `MODEL_VERSIONS`. `rivals`: those scored beside it.
    `member_share_ratio`: a member of a level whose recent spend is a smaller share of all is forecast within `other`,
    and so are those beyond `max_members`.
    """

    model: str = ENSEMBLE
    rivals: tuple[str, ...] = tuple(MODEL_VERSIONS)
    horizon_days: int = 30
    outlook_days: int = 365
    season_days: int = 7
    min_history_days: int = 14
    full_history_days: int = 56
    max_history_days: int = 400
    late_data_days: int = 3
    origin_step_days: int = 7
    max_origins: int = 20
    long_step_days: int = 28
    dispersion_window_days: int = 56
    dispersion_floor_ratio: float = 0.03
    residual_limit: float = 12.0
    own_weight_ratio: float = 0.3
    own_residual_count: int = 28
    width_factor: float = 1.05
    width_limit_ratio: float = 10.0
    member_share_ratio: float = 0.0005
    max_members: int = 200
    max_leaves: int = 2000
    holiday_countries: tuple[str, ...] = ("US",)
    prophet_series: int = 1
    prophet_folds: int = 2
    accuracy_folds: int = 3
    seed: int = 7

    def __post_init__(self) -> None:
        if self.model not in MODEL_VERSIONS:
            raise ValueError(f"no forecast model {self.model!r}; there are {', '.join(sorted(MODEL_VERSIONS))}")
        if min(self.horizon_days, self.season_days, self.min_history_days, self.max_origins) < 1:
            raise ValueError("horizon, season, minimum history and origins are at least 1")
        if self.outlook_days < self.horizon_days:
            raise ValueError("outlook_days is at least horizon_days")
