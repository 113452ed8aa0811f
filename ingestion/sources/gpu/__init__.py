"""GPU samples from `nvidia-smi` logs."""

from ingestion.sources.gpu.pipeline import land

__all__ = ["land"]
