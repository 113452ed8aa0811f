"""Anthropic: usage, cost, Claude Code and names, from the Admin API."""

from ingestion.sources.anthropic.pipeline import land

__all__ = ["land"]
