"""What a saving is worth: its likely size, by the effort it takes.

Put here: the score that strategies share. Keep out: savings.
"""

from __future__ import annotations

from decimal import Decimal

from ml.money import to_decimal
from ml.optimization.params import OptimizationParams


def score_saving(saving_usd: Decimal, risk: str, effort: str, params: OptimizationParams) -> Decimal:
    """Likely USD per window and unit of effort: saving × realisation ratio of the risk ÷ weight of the effort."""
    value = saving_usd * params.realisation_ratio_by_risk[risk] / params.weight_by_effort[effort]
    return to_decimal(value) or Decimal(0)
