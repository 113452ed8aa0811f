"""Groq: requests and tokens per hour, integrated from Prometheus rates."""

from ingestion.sources.groq.pipeline import land

__all__ = ["land"]
