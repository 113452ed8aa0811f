"""Readers of what arrives, one per form: lines, tables (CSV, JSON lines, Parquet, zipped or not), spooled answers.

Put here: taking a file apart and reading single values. Keep out: what a source's fields mean (`sources`), loading
(`landing`).
"""
