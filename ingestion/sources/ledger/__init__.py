"""Closed months: statements as frozen files in an append-only, hash-chained ledger."""
