"""Requests that nobody waits for, as batches: half the price at most providers, answers within a day.

Put here: the tier in words. Keep out: what tiers share (`cheaper_tiers`).
"""

from __future__ import annotations

from ml.optimization.cheaper_tiers import Tier, tier_strategy

TIER = Tier(
    "processing",
    "batch",
    "the batch interface",
    "within 24 hours",
    "medium",
    "Send them through the batch interface of the provider",
)

STRATEGY = tier_strategy("batch_tier", "1", TIER)
