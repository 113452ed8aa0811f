"""Who owns what: teams, projects, cost centres, users, ownership, budgets, negotiated prices → `raw_org`."""

from ingestion.sources.org.pipeline import land

__all__ = ["land"]
