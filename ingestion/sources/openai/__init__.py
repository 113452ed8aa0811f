"""OpenAI's organization API: usage, costs and names → `raw_openai`."""

from ingestion.sources.openai.pipeline import backfill, land

__all__ = ["backfill", "land"]
