"""Usage events: one row per billable call, from files in `COSTOPS_EVENTS_DIR`; the first folder is the format.

Put here: readers of event formats. Keep out: prices, dbt, Dagster.
"""
