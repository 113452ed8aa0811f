"""The small sample company that the end-to-end tests share, for benchmarks at tiny size."""

from __future__ import annotations

from tests.e2e.conftest import demo

__all__ = ["demo"]
