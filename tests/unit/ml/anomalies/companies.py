"""Small made-up companies for tests of anomalies.

Put here: rows by day and leaf. Keep out: assertions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from ml.anomalies.detect import Detection, Source, detect_anomalies
from ml.anomalies.params import AnomalyParams
from ml.anomalies.sources import METERED
from tests.unit.ml.synthetic import FIRST_DAY, weekly_spend

SCORED = datetime(2026, 3, 1, 6)  # noqa: DTZ001
SOURCE = replace(
    METERED, dimensions={name: METERED.dimensions[name] for name in ("total", "provider", "team", "model", "api_key")}
)
QUICK = AnomalyParams(tree_count=20, holiday_countries=())


def company(days: int, *, keys: int = 12, noise: float = 0.15) -> pd.DataFrame:
    """Keys in four teams, two providers, three models; a third of the input is read from a cache."""
    parts = []
    for number in range(keys):
        spend = weekly_spend(days, seed=number, level_usd=20 + 5 * number, noise=noise)
        calls = (spend * 10).round().to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "usage_date": spend.index.date,
                    "provider_id": ["openai", "anthropic"][number % 2],
                    "team_id": f"team_{number % 4}",
                    "model_id": f"model_{number % 3}",
                    "api_key_id": f"key_{number}",
                    "service_tier": "standard",
                    "request_count": calls,
                    "uncached_input_tokens": calls * 600,
                    "cache_read_tokens": calls * 300,
                    "output_tokens": calls * 100,
                }
            )
        )
    return priced(pd.concat(parts, ignore_index=True))


def priced(rows: pd.DataFrame, price: float = 1e-4) -> pd.DataFrame:
    """The rows with costs: a cache read costs a tenth of an input token, an output token four."""
    rows = rows.assign(
        uncached_input_cost_usd=rows["uncached_input_tokens"] * price,
        cache_read_cost_usd=rows["cache_read_tokens"] * price / 10,
        output_cost_usd=rows["output_tokens"] * price * 4,
    )
    costs = ["uncached_input_cost_usd", "cache_read_cost_usd", "output_cost_usd"]
    return rows.assign(cost_usd=rows[costs].sum(axis=1))


def day(number: int) -> date:
    """The day with this number, from 0."""
    return (FIRST_DAY + pd.Timedelta(days=number)).date()


def on(rows: pd.DataFrame, first: int, last: int, **where: str) -> np.ndarray:
    """Which rows lie in these days and this slice."""
    found = (rows["usage_date"] >= day(first)) & (rows["usage_date"] <= day(last))
    for column, value in where.items():
        found &= rows[column] == value
    return found.to_numpy()


def detect(rows: pd.DataFrame, params: AnomalyParams = QUICK, source: Source = SOURCE, **more: object) -> Detection:
    """The detection as of the day after the last."""
    as_of = max(rows["usage_date"]) + timedelta(days=1)
    return detect_anomalies(rows, source, as_of=as_of, scored_at_utc=SCORED, params=params, **more)  # type: ignore[arg-type]
