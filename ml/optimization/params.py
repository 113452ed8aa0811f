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
