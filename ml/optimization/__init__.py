"""What could cost less, with the evidence and an honest price tag.

Put here: one module per strategy, pure. Keep out: changes to anything, reading, writing.
"""

from ml.optimization.cheaper_model import RECOMMENDATION_COLUMNS, recommend_cheaper_models
from ml.optimization.model_classes import classify_model
from ml.optimization.params import OptimizationParams

__all__ = ["RECOMMENDATION_COLUMNS", "OptimizationParams", "classify_model", "recommend_cheaper_models"]
