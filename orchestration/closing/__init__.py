"""Closing a month: what speaks against it, freezing its statement, opening it again, exporting it.

Put here: what `costops close` and its relatives do. Keep out: the figures (dbt), the record format (`ingestion`).
"""
