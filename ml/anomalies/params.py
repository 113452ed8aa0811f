"""What an anomaly run can be told, and the version of its rule.

Put here: parameters and version constants. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass

MODEL_NAME = "isolation_forest_with_seasonal_residual"
MODEL_VERSION = "1"
"""Raise it whenever the same history would give other scores or flags."""


@dataclass(frozen=True)
class AnomalyParams:
    """Settings of `detect_anomalies`. A step is one row of the grid: one day for costs, one hour in the evaluation."""

    season_steps: int = 7
    season_count: int = 8
    min_history_steps: int = 28
    refit_every_steps: int = 7
    level_window_steps: int = 56
    recent_window_steps: int = 14
    dispersion_window_steps: int = 56
    reference_window_steps: int = 365
    watch_window_steps: int = 90
    watched_members: int = 25
    dispersion_floor_ratio: float = 0.05
    dispersion_floor_usd: float = 0.01
    max_p_value: float = 0.02
    min_robust_z: float = 4.0
    max_p_value_when_extreme: float = 0.20
    extreme_robust_z: float = 8.0
    min_impact_usd: float = 5.0
    min_impact_ratio: float = 0.2
    warning_robust_z: float = 6.0
    critical_impact_usd: float = 100.0
    critical_impact_ratio_of_total: float = 0.5
    tree_count: int = 100
    max_samples: int = 256
    max_training_rows: int = 4096
    seed: int = 7
    step: str = "D"

    def __post_init__(self) -> None:
        if self.min_history_steps < 4 * self.season_steps:
            raise ValueError("min_history_steps is at least four seasons: the residual needs its own past")
        if self.refit_every_steps < 1:
            raise ValueError("refit_every_steps is at least 1")
