"""Azure OpenAI metrics (Azure Monitor) and cost (Cost Management) → `raw_azure`."""

from ingestion.sources.azure.pipeline import land

__all__ = ["land"]
