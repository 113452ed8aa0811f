"""Binds ingestion, dbt and ml into Dagster assets, and holds the command line.

Put here: wiring. Keep out: business logic (it belongs in `ingestion`, `dbt_project` or `ml`).
"""
