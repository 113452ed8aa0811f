"""OpenRouter: usage and charges per day."""

from ingestion.sources.openrouter.pipeline import land

__all__ = ["land"]
