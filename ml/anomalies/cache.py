"""What the prompt cache saved and could have saved, in dollars, by row: a cache that breaks takes the same share of
it from every model, while the cost of a call moves by another factor for each.

Put here: savings of the cache by row. Keep out: channels, causes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.anomalies.prices import PRICED_BY

SAVED, SAVABLE = "cache_saved_usd", "cache_savable_usd"
READ_FROM = ("uncached_input", "cache_read", "cache_write")


def with_cache_savings(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `cache_saved_usd` and `cache_savable_usd`: what reads from the cache cost less than input of the
    same model and tier that was not cached, and what all input would, had it been read so.

    A price that nobody paid on a day is that of the day before. 0 where one of the two prices is not known yet; the
    columns are not there where rows do not tell tokens from the cache.
    """
    needed = [f"{kind}_{what}" for kind in READ_FROM[:2] for what in ("tokens", "cost_usd")]
    keys = [name for name in PRICED_BY if name in rows]
    if not keys or rows.empty or not set(needed) <= set(rows.columns):
        return rows
    days = pd.to_datetime(rows["usage_date"]).astype("datetime64[us]")
    named = rows[keys].astype("object").where(rows[keys].notna(), "")
    item = pd.Series(pd.factorize(pd.MultiIndex.from_frame(named))[0], index=rows.index)
    price = {kind: _paid_price(rows, kind, days, item) for kind in READ_FROM[:2]}
    less = (price["uncached_input"] - price["cache_read"]).clip(lower=0.0).ffill()
    place = less.index.get_indexer(pd.DatetimeIndex(days)), less.columns.get_indexer(pd.Index(item))
    known = (place[0] >= 0) & (place[1] >= 0)
    per_token = np.nan_to_num(np.where(known, less.to_numpy()[place], 0.0)) if less.size else np.zeros(len(rows))
    inputs = sum((_numbers(rows, f"{kind}_tokens") for kind in READ_FROM), np.zeros(len(rows)))
    return rows.assign(**{SAVED: _numbers(rows, "cache_read_tokens") * per_token, SAVABLE: inputs * per_token})


def _numbers(rows: pd.DataFrame, name: str) -> np.ndarray:
    if name not in rows:
        return np.zeros(len(rows))
    values = pd.to_numeric(rows[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, 0.0)


def _paid_price(rows: pd.DataFrame, kind: str, days: pd.Series, item: pd.Series) -> pd.DataFrame:
    """USD per token by day and item, the newest known one."""
    sums = pd.DataFrame(
        {
            "ds": days,
            "item": item,
            "used": _numbers(rows, f"{kind}_tokens"),
            "paid": _numbers(rows, f"{kind}_cost_usd"),
        }
    )
    sums = sums.groupby(["ds", "item"]).sum()
    price = (sums["paid"] / sums["used"].where(sums["used"] > 0)).unstack("item")
    return price.reindex(pd.date_range(price.index[0], price.index[-1], freq="D", unit="us")).ffill()
