"""Thirty days ahead per series, with a baseline beside every model.

Put here: forecasting of daily cost. Keep out: budgets, alerts, anything that reads or writes.
"""

from ml.forecasting.forecast import ACCURACY_COLUMNS, FORECAST_COLUMNS, ForecastResult, forecast_costs
from ml.forecasting.params import ForecastParams

__all__ = ["ACCURACY_COLUMNS", "FORECAST_COLUMNS", "ForecastParams", "ForecastResult", "forecast_costs"]
