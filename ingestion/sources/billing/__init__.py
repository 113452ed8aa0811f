"""Billing files: FOCUS, AWS CUR, Azure cost details, OCI cost reports, OpenAI's dashboard exports → `raw_billing`."""

from ingestion.sources.billing.pipeline import land

__all__ = ["land"]
