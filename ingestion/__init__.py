"""Lands raw usage, billing, price, organisation and GPU data with dlt.

Put here: everything between a source (file, API) and a `raw_*` table. Keep out: pricing,
allocation and any other meaning (that is `dbt_project`), and Dagster.
"""
