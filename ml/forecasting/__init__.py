"""Daily spend ahead: a fixed median of four per leaf, quantiles from its own past errors, levels that add up.

Put here: forecasting of daily cost and tokens. Keep out: alerts, anything that reads or writes.
"""

from ml.forecasting.forecast import SpendForecast, forecast_spend
from ml.forecasting.params import ForecastParams

__all__ = ["ForecastParams", "SpendForecast", "forecast_spend"]
