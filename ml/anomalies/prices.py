"""What a change of price alone is worth: the day's usage at its own prices less the same usage at the usual ones.

A price is known to the last digit and hardly scatters, so its change is seen where the day's dollars still hide it.
Put here: usual prices and their effect by row. Keep out: channels, causes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

EFFECT = "price_effect_usd"
PRICED_BY = ("provider_id", "model_id", "service_tier")
"""What has one price a day for each kind of token; of a bill it is the item."""
KINDS = ("uncached_input", "cache_read", "cache_write", "output")
USUAL_DAYS, LEAST_DAYS = 7, 4
"""The usual price is the median of so many days, so that a change is news for half of them; paid on fewer days than
the least, a price is not usual yet."""
SCATTER_DAYS, YOUNG_DAYS, YOUNG_ERROR = 28, 14, 0.1
"""Its usual error is that of so many days; of what was paid on fewer than the second, at least the third."""
SCATTER = 3.0
"""Within so many usual errors of the item itself (long prompts may cost more a token) a price has not changed."""


def with_price_effect(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a column `price_effect_usd`: cost less that at the median price of the last week.

    0 where a price has too little past; NaN throughout where rows name no quantities.
    """
    if "quantity" in rows and "item_id" in rows:
        keys, pairs = ["item_id"], [("quantity", "cost_usd")]
    else:
        keys = [name for name in PRICED_BY if name in rows]
        pairs = [(f"{kind}_tokens", f"{kind}_cost_usd") for kind in KINDS]
        pairs = [pair for pair in pairs if set(pair) <= set(rows.columns)]
    if not keys or not pairs or rows.empty:
        return rows.assign(**{EFFECT: np.nan})
    days = pd.to_datetime(rows["usage_date"]).astype("datetime64[us]")
    named = rows[keys].astype("object").where(rows[keys].notna(), "")
    item = pd.Series(pd.factorize(pd.MultiIndex.from_frame(named))[0], index=rows.index)
    effect = np.zeros(len(rows))
    for amount, cost in pairs:
        used = pd.to_numeric(rows[amount], errors="coerce").astype(float).where(lambda v: np.isfinite(v), 0.0)
        paid = pd.to_numeric(rows[cost], errors="coerce").astype(float).where(lambda v: np.isfinite(v), 0.0)
        effect += _of_kind(days, item, used, paid)
    return rows.assign(**{EFFECT: effect})


def _of_kind(days: pd.Series, item: pd.Series, used: pd.Series, paid: pd.Series) -> np.ndarray:
    sums = pd.DataFrame({"ds": days, "item": item, "used": used, "paid": paid}).groupby(["ds", "item"]).sum()
    sums = sums[(sums["used"] > 0) & (sums["paid"] > 0)]
    if sums.empty:
        return np.zeros(len(days))
    price = (sums["paid"] / sums["used"]).unstack("item")
    price = price.reindex(pd.date_range(price.index[0], price.index[-1], freq="D", unit="us"))
    usual = price.shift(1).rolling(USUAL_DAYS, min_periods=LEAST_DAYS).median()
    left = (price / usual - 1).abs()
    past = left.shift(1).rolling(SCATTER_DAYS, min_periods=1)
    error = 1.4826 * past.median().fillna(0.0)
    error = error.where(past.count() >= YOUNG_DAYS, error.clip(lower=YOUNG_ERROR))
    usual = usual.where(left > SCATTER * error, price)
    place = usual.index.get_indexer(pd.DatetimeIndex(days)), usual.columns.get_indexer(pd.Index(item))
    known = (place[0] >= 0) & (place[1] >= 0)
    at = np.where(known, usual.to_numpy()[place], np.nan)
    used_here, paid_here = used.to_numpy(), paid.to_numpy()
    return np.where(np.isfinite(at) & (used_here > 0) & (paid_here > 0), paid_here - used_here * at, 0.0)
