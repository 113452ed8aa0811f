"""Made-up daily spend with a weekly rhythm, for tests of ml."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST_DAY = pd.Timestamp("2025-01-01")


def weekly_spend(
    days: int, *, seed: int = 0, level_usd: float = 100.0, noise: float = 0.1, growth_per_day: float = 0.0
) -> pd.Series:
    """USD per day, weekends at 40 %, log-normal noise, linear growth."""
    dates = pd.date_range(FIRST_DAY, periods=days, freq="D", unit="us")
    rhythm = np.where(dates.day_of_week < 5, 1.0, 0.4)
    random = np.random.default_rng(seed)
    return pd.Series(
        level_usd * rhythm * (1 + growth_per_day * np.arange(days)) * random.lognormal(0, noise, days), index=dates
    )


def long_frame(spend: pd.Series, scope_type: str = "team", scope_id: str = "search") -> pd.DataFrame:
    """One series in the long format that ml reads."""
    return pd.DataFrame(
        {
            "series_id": f"{scope_type}:{scope_id}",
            "scope_type": scope_type,
            "scope_id": scope_id,
            "ds": spend.index,
            "y": spend.to_numpy(),
        }
    )
