"""Keeps what landed in an object store as well: Parquet by table and day, and a manifest of what is in force.

Put here: what is written, what is in force, reading it back. Keep out: addresses and credentials (a `Store` is given),
landing, dbt, Dagster, tables of others (their owners name them).
"""
