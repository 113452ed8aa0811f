"""Google Cloud billing export files → `raw_gcp`."""

from ingestion.sources.gcp.pipeline import land

__all__ = ["land"]
