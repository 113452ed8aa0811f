"""What a saving is worth: its likely size, by the effort it takes.

Put here: the score and the priority that strategies share. Keep out: savings.
"""

from __future__ import annotations

from decimal import Decimal

from ml.money import to_decimal
from ml.optimization.params import OptimizationParams

_POINTS = {"low": 0, "medium": 1, "high": 2}


def score_saving(saving_usd: Decimal, risk: str, effort: str, params: OptimizationParams) -> Decimal:
    """Likely USD per window and unit of effort: saving × realisation ratio of the risk ÷ weight of the effort."""
    value = saving_usd * params.realisation_ratio_by_risk[risk] / params.weight_by_effort[effort]
    return to_decimal(value) or Decimal(0)


def priority_of(effort: str, risk: str) -> int:
    """1 (first) to 5: low effort and low risk first."""
    return 1 + _POINTS[effort] + _POINTS[risk]
