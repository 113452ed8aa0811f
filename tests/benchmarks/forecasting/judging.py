"""How forecasts fared against the seasonal naive: point errors, the whole distribution, coverage.

Put here: rolling judgement and its figures. Keep out: series, limits.

relMASE and relCRPS are geometric means over series of the ratio to the seasonal naive on the same windows. CRPS is the
mean quantile loss over the published quantiles; the naive's are normal, as wide as its errors in training were.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.forecasting.members import predict
from ml.forecasting.panel import Leaves, forecast_panel
from ml.forecasting.params import QUANTILES, ForecastParams

LEVELS = np.array(QUANTILES)
NORMAL = np.array([-1.959964, -1.644854, -1.281552, -0.67449, 0.0, 0.67449, 1.281552, 1.644854, 1.959964])


@dataclass(frozen=True)
class Judgement:
    """Figures over all windows; `cpu_seconds` of one fit: of forecasts and intervals of one series at one origin."""

    windows: int
    rel_mase: float
    rel_crps: float
    covered_80: float
    covered_95: float
    cpu_seconds: float
    rel_mase_of: dict[str, float]

    def __str__(self) -> str:
        others = ", ".join(f"{name} {value:.3f}" for name, value in self.rel_mase_of.items())
        return (
            f"{self.windows} windows: relMASE {self.rel_mase:.3f}, relCRPS {self.rel_crps:.3f}, covered "
            f"{self.covered_80:.3f} / {self.covered_95:.3f}, {self.cpu_seconds * 1000:.2f} ms a fit; others {others}"
        )


def judge(
    series: Mapping[str, np.ndarray],
    offsets: Sequence[int],
    rivals: Sequence[str],
    params: ForecastParams | None = None,
) -> Judgement:
    """Forecast the horizon before each offset from the end of every series that has two months before it."""
    params = params or ForecastParams()
    horizon, season = params.horizon_days, params.season_days
    rows, seconds = [], 0.0
    for offset in offsets:
        ends = {name: len(v) - horizon - offset for name, v in series.items()}
        ends = {name: end for name, end in ends.items() if end >= params.full_history_days + 2 * season}
        if not ends:
            continue
        width = max(ends.values())
        values = np.zeros((len(ends), width))
        for row, (name, end) in enumerate(ends.items()):
            values[row, width - end :] = series[name][:end]
        lengths = np.array(list(ends.values()))
        began = time.process_time()
        panel = forecast_panel(Leaves.alone(values, lengths), params)
        quantiles = panel.quantiles
        seconds += time.process_time() - began
        naive = predict("seasonal_naive", values, lengths, horizon, params)
        others = {name: predict(name, values, lengths, horizon, params) for name in rivals}
        for row, (name, end) in enumerate(ends.items()):
            past, actual = series[name][:end], series[name][end : end + horizon]
            change = past[season:] - past[:-season]
            spread = np.sqrt((change**2).mean() * (np.arange(horizon) // season + 1))
            rows.append(
                {
                    "series": name,
                    "mae": np.abs(actual - panel.points[row]).mean(),
                    "naive": np.abs(actual - naive[row]).mean(),
                    "crps": quantile_loss(actual, quantiles[row]),
                    "naive_crps": quantile_loss(actual, naive[row][:, None] + spread[:, None] * NORMAL),
                    "covered_80": _covered(actual, quantiles[row], 0.1, 0.9),
                    "covered_95": _covered(actual, quantiles[row], 0.025, 0.975),
                    "scale": max(float(np.abs(change).mean()), 1e-12),
                    **{other: np.abs(actual - said[row]).mean() for other, said in others.items()},
                }
            )
    return _summed(pd.DataFrame(rows), seconds, rivals)


def covered_sums(series: Mapping[str, np.ndarray], days: int, offsets: Sequence[int]) -> tuple[int, float, float]:
    """How many sums of the next `days` were judged, and which share lay within their 80 % and 95 % interval.

    A window needs 100 days before it; no more than 400 are learned from.
    """
    within_80: list[bool] = []
    within_95: list[bool] = []
    for offset in offsets:
        ends = {name: len(v) - offset - days for name, v in series.items()}
        ends = {name: end for name, end in ends.items() if end >= 100}
        if not ends:
            continue
        lengths = np.minimum(list(ends.values()), ForecastParams().max_history_days)
        values = np.zeros((len(ends), lengths.max()))
        for row, (name, end) in enumerate(ends.items()):
            values[row, values.shape[1] - lengths[row] :] = series[name][end - lengths[row] : end]
        bounds = forecast_panel(Leaves.alone(values, lengths), ForecastParams(), days).sum_quantiles(0, days)
        actual = np.array([series[name][end : end + days].sum() for name, end in ends.items()])
        for low, high, found in ((0.1, 0.9, within_80), (0.025, 0.975, within_95)):
            below, above = bounds[:, QUANTILES.index(low)], bounds[:, QUANTILES.index(high)]
            found.extend((below <= actual) & (actual <= above))
    return len(within_80), float(np.mean(within_80)), float(np.mean(within_95))


def quantile_loss(actual: np.ndarray, quantiles: np.ndarray) -> float:
    """Mean over days and quantiles of twice the pinball loss, an approximation of the CRPS."""
    error = actual[:, None] - quantiles
    return float(2 * np.maximum(LEVELS * error, (LEVELS - 1) * error).mean())


def _covered(actual: np.ndarray, quantiles: np.ndarray, low: float, high: float) -> float:
    below, above = quantiles[:, QUANTILES.index(low)], quantiles[:, QUANTILES.index(high)]
    return float(((below <= actual) & (actual <= above)).mean())


def _summed(table: pd.DataFrame, seconds: float, rivals: Sequence[str]) -> Judgement:
    scaled = table.drop(columns=["series", "scale"]).div(table["scale"], axis=0)
    by_series = scaled.groupby(table["series"]).mean()
    by_series = by_series[(by_series[["naive", "mae", "naive_crps"]] > 1e-9).all(axis=1)]

    def relative(of: str, to: str) -> float:
        return float(np.exp(np.log(by_series[of] / by_series[to]).mean()))

    return Judgement(
        windows=len(table),
        rel_mase=relative("mae", "naive"),
        rel_crps=relative("crps", "naive_crps"),
        covered_80=float(table["covered_80"].mean()),
        covered_95=float(table["covered_95"].mean()),
        cpu_seconds=seconds / len(table),
        rel_mase_of={name: relative(name, "naive") for name in rivals},
    )
