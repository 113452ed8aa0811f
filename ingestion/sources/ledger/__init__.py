"""Closed months: statements as frozen files in an append-only, hash-chained ledger."""

from ingestion.sources.ledger.pipeline import land

__all__ = ["land"]
