"""Histories at the prices in force, so that a price that changed moves the forecast on its day.

Put here: price factors by day from dated price steps. Keep out: where prices come from, models.

Volume × price: what a leaf spent on a day, times today's price of its usual mix of tokens over that day's, is its
volume valued at today's price. That is forecast, and valued at the prices known for the days ahead.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

FACTOR_LIMIT = 50.0
"""A price that moved by more is taken for another unit, and changes nothing."""


def price_factors(
    keys: pd.DataFrame, steps: pd.DataFrame, last_day: date, history_days: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Factors per leaf (row of `keys`: `provider_id`, `model_id`) for its past days and for the days ahead.

    `steps`: `provider_id, model_id, valid_from_date, price_index`: what the model's usual mix costs from that day on,
    in any unit. Where no step is known the factor is 1. The day after `last_day` has the factor 1.
    """
    past, ahead = np.ones((len(keys), history_days)), np.ones((len(keys), horizon))
    if steps.empty:
        return past, ahead
    known = steps.assign(
        valid_from_date=pd.to_datetime(steps["valid_from_date"]), price_index=steps["price_index"].astype(float)
    )
    known = known[np.isfinite(known["price_index"]) & (known["price_index"] > 0)]
    first = pd.Timestamp(last_day - timedelta(days=history_days - 1))
    days = np.datetime64(first, "D") + np.arange(history_days + horizon)
    by_model = {
        key: rows.sort_values("valid_from_date")
        for key, rows in known.groupby(["provider_id", "model_id"])
        if len(rows) > 1
    }
    for row, key in enumerate(zip(keys["provider_id"], keys["model_id"], strict=True)):
        if (rows := by_model.get(key)) is None:
            continue
        starts = rows["valid_from_date"].to_numpy().astype("datetime64[D]")
        index = rows["price_index"].to_numpy()[np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)]
        now = index[history_days]
        ratio = np.concatenate([now / index[:history_days], index[history_days:] / now])
        ratio[(ratio > FACTOR_LIMIT) | (ratio < 1 / FACTOR_LIMIT)] = 1.0
        past[row], ahead[row] = ratio[:history_days], ratio[history_days:]
    return past, ahead
