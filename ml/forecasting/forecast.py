"""The forecast run: rows of daily spend in, every series with its quantiles out.

Put here: what is done in which order. Keep out: models, the frames that are written (`tables`).

Spend is split first. What follows a calendar (fees, amortisation, credits) goes on by it. Metered spend is taken to
today's prices, forecast per leaf, and taken to the prices of the days ahead. Leaves add up to levels.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from ml.forecasting.calendar import amounts_due, split_fees
from ml.forecasting.intervals import around, day_offsets
from ml.forecasting.leaves import Spend, daily_leaves
from ml.forecasting.members import predict
from ml.forecasting.panel import Leaves, PanelForecast, forecast_panel
from ml.forecasting.params import ForecastParams
from ml.forecasting.quiet_days import without_quiet_days
from ml.forecasting.repricing import price_factors
from ml.forecasting.series import LLM, SeriesOf, filled, masked, series_of
from ml.forecasting.sum_intervals import sum_offsets

STEPS = ["provider_id", "model_id", "valid_from_date", "price_index"]


@dataclass(frozen=True)
class SeriesForecast:
    """The forecast of some series that share a grid: rows as in `names`.

    `actual` and `repriced` series × past day: as spent, and metered spend at the prices in force. `metered` and
    `scheduled` series × day ahead; `tokens` too, NaN where the history counts none. `lengths`: days of history of any
    kind.
    """

    names: SeriesOf
    last_day: date
    lengths: np.ndarray
    actual: np.ndarray
    repriced: Leaves
    metered: PanelForecast
    scheduled: np.ndarray
    price_ratio: np.ndarray
    tokens: np.ndarray
    largest: np.ndarray
    params: ForecastParams

    @property
    def published(self) -> np.ndarray:
        """Numbers of the series with enough history to be forecast by themselves."""
        return np.flatnonzero(self.lengths >= self.params.min_history_days)

    @property
    def points(self) -> np.ndarray:
        """Series × day ahead."""
        return np.nan_to_num(self.metered.points) + self.scheduled

    def quantiles(self) -> np.ndarray:
        """Series × day ahead × quantile: metered spend is uncertain, what is scheduled is not."""
        offsets = day_offsets(self.metered.near, self.metered.far, self.points.shape[1], self.params)
        scale = self.metered.scale[:, None, None] * self.price_ratio[:, :, None]
        return self._around(self.points, offsets * scale, self.largest)

    def sum_quantiles(self, first: int, past: int) -> np.ndarray:
        """Quantiles of the sum of the days ahead `first` to `past` − 1: series × quantile."""
        days = self.metered.history_days
        offsets = sum_offsets(self.metered.near, self.metered.far, first, past, days, self.params)
        scale = self.metered.scale * self.price_ratio[:, first:past].mean(axis=1)
        return self._around(
            self.points[:, first:past].sum(axis=1), offsets * scale[:, None], self.largest * (past - first)
        )

    def _around(self, points: np.ndarray, offsets: np.ndarray, largest: np.ndarray) -> np.ndarray:
        floor = np.where(self.actual.min(axis=1, initial=0.0) < 0, -np.inf, 0.0)
        return around(points, np.ones(len(points)), offsets, largest, self.params, floor)


@dataclass(frozen=True)
class SpendForecast:
    """All series of a run, in parts: LLM spend; other kinds of money.

    `notes`: what a person should know of the input. `folded`: what was summed or left out by design.
    """

    parts: tuple[SeriesForecast, ...]
    as_of: date
    params: ForecastParams
    notes: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()


def forecast_spend(
    costs: pd.DataFrame,
    *,
    as_of: date,
    price_steps: pd.DataFrame | None = None,
    anomalous_days: pd.DataFrame | None = None,
    incomplete_days: Collection[date] = (),
    params: ForecastParams | None = None,
) -> SpendForecast:
    """Forecast the days from `as_of` on (UTC; it and later days of `costs` are not read).

    `costs`: see `leaves.daily_leaves`. `price_steps`: see `repricing.price_factors`. `anomalous_days`: `series_id, ds`
    of days that models must not learn from. `incomplete_days`: days of which data is missing, which are no low days.
    """
    params = params or ForecastParams()
    spend = daily_leaves(costs, as_of, params)
    if spend is None:
        return SpendForecast((), as_of, params)
    steps = price_steps if price_steps is not None else pd.DataFrame(columns=STEPS)
    is_llm = (spend.keys["cost_kind"] == LLM).to_numpy()
    parts = [
        _forecast_part(spend.part(chosen), steps, anomalous_days, incomplete_days, as_of, params)
        for chosen in (is_llm, ~is_llm)
        if chosen.any()
    ]
    return SpendForecast(tuple(parts), as_of, params, spend.notes, spend.folded)


def _forecast_part(
    spend: Spend,
    steps: pd.DataFrame,
    anomalous_days: pd.DataFrame | None,
    incomplete_days: Collection[date],
    as_of: date,
    params: ForecastParams,
) -> SeriesForecast:
    names = series_of(spend)
    gap = (as_of - spend.last_day).days - 1
    horizon = params.outlook_days + max(gap, 0)
    scheduled = spend.keys["is_scheduled"].to_numpy()
    due = np.zeros((len(spend.keys), horizon))
    for row in np.flatnonzero(scheduled):
        due[row] = amounts_due(spend.values[row], spend.last_day, horizon)
    cleaned, fees = split_fees(spend.values, spend.lengths, spend.last_day, horizon)
    due += np.where(scheduled[:, None], 0.0, fees)
    past, ahead = price_factors(spend.keys, steps, spend.last_day, spend.values.shape[1], horizon)
    metered = np.flatnonzero(~scheduled)
    lengths = spend.lengths[metered]
    whole = filled(spend, cleaned * past, incomplete_days, params)
    usual = masked(spend, whole, anomalous_days, params)[metered]
    usual, quiet = without_quiet_days(usual, lengths, spend.last_day, horizon, params)
    leaves = Leaves(usual, lengths, tuple(code[metered] for code in names.codes), names.counts)
    everything = Leaves(spend.values, spend.lengths, names.codes, names.counts)
    panel = forecast_panel(leaves, params, horizon)
    said = predict(params.model, leaves.known, leaves.lengths, horizon, params)
    at_prices, at_today = leaves.summed(said * quiet * ahead[metered]), leaves.summed(said)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(np.abs(at_today) > 0, at_prices / at_today, 1.0)
    counted = leaves.summed(spend.tokens[metered].sum(axis=1, keepdims=True)) > 0
    tokens = leaves.summed(predict(params.model, spend.tokens[metered], lengths, horizon, params) * quiet)
    window = slice(max(gap, 0), None)
    actual = everything.series_values
    return SeriesForecast(
        names=names,
        last_day=spend.last_day,
        lengths=everything.series_lengths,
        actual=actual,
        repriced=leaves,
        metered=_with_points(panel, at_prices[:, window]),
        scheduled=everything.summed(due)[:, window],
        price_ratio=np.clip(ratio, 0.0, 50.0)[:, window],
        tokens=np.where(counted, tokens, np.nan)[:, window],
        largest=np.abs(actual).max(axis=1, initial=0.0),
        params=params,
    )


def _with_points(panel: PanelForecast, points: np.ndarray) -> PanelForecast:
    return replace(panel, points=points)
