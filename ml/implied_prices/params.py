"""What a run of bill-implied prices can be told, and its name and version.

Put here: parameters and version constants. Keep out: computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

IMPLIED_PRICE_MODEL = "implied_price_intervals"
IMPLIED_PRICE_VERSION = "1"


@dataclass(frozen=True)
class ImpliedPriceParams:
    """Settings of the inference; units are in the names."""

    material_ratio: float = 1e-4
    """A price within this share of the reference is that price: providers round in more ways than one."""
    identified_width_ratio: float = 0.05
    """A price whose bounds are further apart than this share of it is not known."""
    collinear_width_ratio: float = 0.001
    """Of meters that move together, a price with bounds further apart than this is not known."""
    collinear_variance_inflation: float = 100.0
    """From this variance inflation on, an unknown price is put down to meters that move together."""
    max_accidental_candidates: float = 0.05
    """Plausible prices expected by chance within the bounds; a price is snapped only below this."""
    max_stretch_day_ratio: float = 0.15
    """More stretches than this share of the days: the quantities do not explain the bill."""
    min_days_when_noisy: int = 14
    noisy_tolerance_ratio: float = 0.02
    days_per_month: Decimal = Decimal("30.4375")
