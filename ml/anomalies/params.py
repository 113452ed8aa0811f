"""What an anomaly run can be told, and the version of its rule.

Put here: parameters and version constants. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

MODEL_NAME = "calibrated_channels_with_isolation_forest"
MODEL_VERSION = "4"
"""Raise it whenever the same history would give other scores or flags."""


@dataclass(frozen=True)
class AnomalyParams:
    """Settings of a detection. A step is one row of the grid: one day for costs, one hour in the evaluation.

    `alarm_days_per_week`: the one knob: how many days a week may raise an alarm when all days are like those before.
    `min_log10_p`: below this strength nothing is an alarm, however quiet the days before were; for one alarm day a
    week, for more of them less.
    `sure_log10_p`: below this strength a flagged day is told and raises no alert.
    `min_share_of_total`: share of what all slices usually cost that an anomaly is worth, for more than one alarm day a
    week as much less.
    `min_share`: slices with less of the spend of the newest `share_window_steps` are seen in broader ones alone.
    """

    alarm_days_per_week: float = 1.0
    min_log10_p: float = 1.6
    min_share: float = 0.002
    max_slices: int = 400
    share_window_steps: int = 90
    season_steps: int = 7
    season_count: int = 6
    min_history_steps: int = 28
    baseline_steps: int = 30
    scale_window_steps: int = 90
    reference_steps: int = 180
    refit_every_steps: int = 28
    max_grid_steps: int = 580
    min_impact_usd: float = 1.0
    min_impact_ratio: float = 0.08
    min_share_of_total: float = 0.01
    sure_log10_p: float = 2.3
    warning_impact_usd: float = 2.0
    critical_impact_usd: float = 100.0
    critical_impact_ratio_of_total: float = 0.5
    tree_count: int = 100
    max_samples: int = 256
    max_training_rows: int = 4096
    seed: int = 7
    step: str = "D"
    holiday_countries: tuple[str, ...] = ("US",)

    @property
    def floor(self) -> float:
        """The strength below which nothing is an alarm."""
        return self.min_log10_p - log10(self.alarm_days_per_week)

    @property
    def least_share(self) -> float:
        """The share of what all slices usually cost below which nothing is an alarm."""
        return self.min_share_of_total / max(1.0, self.alarm_days_per_week)

    def __post_init__(self) -> None:
        if self.min_history_steps < 4 * self.season_steps:
            raise ValueError("min_history_steps is at least four seasons: the residual needs its own past")
        if self.refit_every_steps < 1:
            raise ValueError("refit_every_steps is at least 1")
        if not 0 < self.alarm_days_per_week <= 7:
            raise ValueError("alarm_days_per_week is above 0 and at most 7")
