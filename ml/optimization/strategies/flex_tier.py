"""Requests that nobody waits for, in the flex tier: cheaper, slower, and now and then refused.

Put here: the tier in words. Keep out: what tiers share (`cheaper_tiers`).
"""

from __future__ import annotations

from ml.optimization.cheaper_tiers import Tier, tier_strategy

TIER = Tier(
    "service_tier",
    "flex",
    "the flex tier",
    "later, or asks to try again",
    "low",
    "Set service_tier to flex, with a longer time-out and retries",
)

STRATEGY = tier_strategy("flex_tier", "1", TIER)
