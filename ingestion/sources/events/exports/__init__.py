"""Readers of what gateways, tracing tools and vendors' pages export, one module each.

Put here: a module per format with `parse`, registered in `routing.READERS`, described in `docs/formats.md`.
Keep out: what several need (`exported`, `containers`, `usage_shapes`).
"""
