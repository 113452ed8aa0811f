"""What strategies can be told.

Put here: parameters that several share. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class OptimizationParams:
    """Settings of the strategies; units are in the names."""

    window_days: int = 30
    min_saving_usd: Decimal = Decimal("10")
    min_saving_pct: Decimal = Decimal("10")
    min_days_with_usage: int = 7
    realisation_ratio_by_risk: dict[str, Decimal] = field(
        default_factory=lambda: {"low": Decimal("0.9"), "medium": Decimal("0.6"), "high": Decimal("0.3")}
    )
    weight_by_effort: dict[str, Decimal] = field(
        default_factory=lambda: {"low": Decimal("1"), "medium": Decimal("2"), "high": Decimal("4")}
    )
    token_shift_by_risk: dict[str, Decimal] = field(
        default_factory=lambda: {"low": Decimal("0.05"), "medium": Decimal("0.15"), "high": Decimal("0.15")}
    )
    """How far another model's token counts may lie from today's: an assumption, it widens the interval."""
    cascade_simple_share: Decimal = Decimal("0.3")
    cascade_escalation_ratio: Decimal = Decimal("0.2")
    """How many simple requests the large model has to answer after all: an assumption, until it is measured."""
    target_cache_read_ratio: Decimal = Decimal("0.3")
    """Share of the input read from a cache that is taken to be within reach where nothing is known: an assumption."""
    cache_fall_ratio: Decimal = Decimal("0.7")
    """A workload whose ratio is below so much of its own best week has lost something."""
    cache_writes_per_read: Decimal = Decimal("0.1")
    """Tokens written to a cache for one read, where there are none yet: an assumption."""
    least_repeat_share: Decimal = Decimal("0.1")
    """Share of calls that ask what was asked before, up to which a cache of answers is not worth it."""
    exact_cache_share: Decimal = Decimal("0.3")
    """From this share on a cache of whole prompts will do; below it only one by meaning finds enough."""
    cache_answer_ratio: Decimal = Decimal("0.8")
    """Part of the repeated calls that a cache can answer: an assumption, as answers get old."""
    small_requests_per_call: int = 4
    small_request_shared_ratio: Decimal = Decimal("0.3")
    """Share of a small request's input that are instructions it has in common with others: an assumption."""
    most_requests_per_batch: int = 32
    least_batch_growth: Decimal = Decimal("1.5")
    """A larger batch is worth asking for from so many times today's on."""
    batch_saving_per_request: Decimal = Decimal("0.05")
    """Part of the busy hours that each more request in a batch saves: an assumption, until it is measured."""
    most_batch_saving: Decimal = Decimal("0.5")
    """More than that is never expected of larger batches: an assumption."""
    spot_share: Decimal = Decimal("0.7")
    """Share of work named as interruptible that runs on spot capacity: an assumption."""
    spot_share_stateless: Decimal = Decimal("0.3")
    """The same of work that keeps nothing but is waited for: an assumption."""
    spot_interruption_ratio: Decimal = Decimal("0.05")
    """Part of the hours on spot capacity that are interrupted, where nothing is known: an assumption."""
