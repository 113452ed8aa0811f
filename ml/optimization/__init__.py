"""What could cost less, with the evidence and an honest price tag.

Put here: what strategies share; each is a module in `strategies`. Keep out: changes to anything, reading, writing.
"""

from ml.optimization.model_classes import classify_model
from ml.optimization.params import OptimizationParams
from ml.optimization.strategies import strategies
from ml.optimization.strategy import Strategy

__all__ = ["OptimizationParams", "Strategy", "classify_model", "strategies"]
