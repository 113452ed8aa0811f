"""How many requests a day are to come, by model.

Put here: request counts ahead. Keep out: the busiest minute (the report reads the requests), money.
"""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from ml.contracts import columns_of
from ml.forecasting.members import newest, predict
from ml.forecasting.params import MODEL_VERSIONS, ForecastParams
from ml.money import to_floats

RECENT_DAYS = 30
MOST_MODELS = 500


def capacity_rows(usage: pd.DataFrame, as_of: date, scored_at_utc: datetime, params: ForecastParams) -> pd.DataFrame:
    """`ml.capacity_outlooks`: requests a day of the last 30 days and of the next 30, per provider and model.

    `usage`: `usage_date, provider_id, model_id, request_count` at any grain. Models with fewer than
    `min_history_days` of history have no row.
    """
    columns = columns_of("capacity_outlooks")
    day = pd.to_datetime(usage["usage_date"])
    rows = pd.DataFrame({"day": day, "y": to_floats(usage["request_count"]), **{c: usage[c] for c in columns[:2]}})
    rows = rows[(day < pd.Timestamp(as_of)) & rows["y"].notna() & rows["model_id"].notna()]
    rows = rows[rows["day"] > rows["day"].max() - pd.Timedelta(days=params.max_history_days)]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    daily = rows.pivot_table(index=["provider_id", "model_id"], columns="day", values="y", aggfunc="sum", dropna=True)
    daily = daily.loc[daily.sum(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_MODELS]].sort_index()
    daily = daily.reindex(columns=pd.date_range(rows["day"].min(), rows["day"].max(), freq="D"))
    lengths = daily.shape[1] - daily.notna().to_numpy().argmax(axis=1)
    daily, lengths = daily[lengths >= params.min_history_days], lengths[lengths >= params.min_history_days]
    if daily.empty:
        return pd.DataFrame(columns=columns)
    values = daily.fillna(0.0).to_numpy()
    ahead = predict(params.model, values, lengths, params.horizon_days, params).mean(axis=1)
    recent = np.nanmean(newest(values, lengths, RECENT_DAYS), axis=1)
    return pd.DataFrame(
        {
            "provider_id": daily.index.get_level_values(0),
            "model_id": daily.index.get_level_values(1),
            "requests_per_day": recent,
            "predicted_requests_per_day": ahead,
            "growth_ratio": np.where(recent > 0, ahead / np.where(recent > 0, recent, 1.0) - 1, np.nan),
            "model_name": params.model,
            "model_version": MODEL_VERSIONS[params.model],
            "scored_at_utc": scored_at_utc,
        }
    )[columns]
