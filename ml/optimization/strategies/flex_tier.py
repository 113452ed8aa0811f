"""Requests that nobody waits for, in the flex tier: cheaper, slower, and now and then refused.

Put here: the tier in words. Keep out: what tiers share (`cheaper_tiers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import frame_of
from ml.optimization.cheaper_tiers import Tier, slower_tier
from ml.optimization.model_advice import situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.requests import REQUESTS, no_requests, request_classes
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd

NAME = "flex_tier"
VERSION = "1"
TIER = Tier(
    "service_tier",
    "flex",
    "the flex tier",
    "later, or asks to try again",
    "low",
    "Set service_tier to flex, with a longer time-out and retries",
)


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model."""
    seen = situation(inputs, as_of, params)
    classes = request_classes(inputs["requests"], seen.workloads)
    return frame_of(slower_tier(classes, TIER, seen), NAME, VERSION, scored_at_utc, params)


STRATEGY = Strategy(
    NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "requests": REQUESTS}, recommend, no_requests
)
