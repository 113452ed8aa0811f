"""Pure functions from data frame to data frame: forecasts, anomalies, optimisation scores.

Put here: models and their arithmetic. Keep out: files, databases, clocks, Dagster.
"""
