"""Dagster definitions by subject; `orchestration.definitions` collects every module of this package."""
