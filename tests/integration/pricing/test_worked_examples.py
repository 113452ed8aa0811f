"""The requests worked out by hand in docs/pricing.md, from the prices that the providers publish."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from tests.integration.pricing.pricing_sql import price_vectors, vectors_table

BATCH = "processing=batch"
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("provider", "model", "variant", "day", "quantities", "expected"),
    [
        (
            "anthropic",
            "claude-opus-4-8",
            "standard",
            "2026-11-01",
            {
                "uncached_input": 1000,
                "cache_read": 10_000,
                "cache_write_5m": 2000,
                "cache_write_1h": 500,
                "output": 300,
            },
            "0.035",
        ),
        ("google", "gemini-2.5-pro", "standard", "2026-11-01", {"uncached_input": 200_000, "output": 1000}, "0.26"),
        ("google", "gemini-2.5-pro", "standard", "2026-11-01", {"cache_read": 1, "output": 1000}, "0.010000125"),
        (
            "google",
            "gemini-2.5-pro",
            "standard",
            "2026-11-01",
            {"uncached_input": 200_001, "output": 1000},
            "0.5150025",
        ),
        ("openai", "gpt-4.1", BATCH, "2026-10-14", {"uncached_input": MILLION, "output": MILLION}, "5"),
        ("openai", "gpt-4.1", BATCH, "2026-10-13", {"uncached_input": MILLION, "output": MILLION}, None),
        ("groq", "whisper-large-v3", "standard", "2026-11-01", {"audio_millisecond": 2000}, "0.00030833"),
        ("perplexity", "sonar", "standard", "2026-11-01", {"uncached_input": 100, "output": 100}, "0.0122"),
    ],
)
def test_worked_example(
    connection: duckdb.DuckDBPyConnection,
    provider: str,
    model: str,
    variant: str,
    day: str,
    quantities: dict[str, int],
    expected: str | None,
) -> None:
    entry = {"price_provider_id": provider, "price_model_id": model, "price_variant": variant}
    vector = {"vector": 1, "requested_at_utc": datetime.fromisoformat(day)} | entry | quantities
    connection.register("examples", vectors_table([vector]))
    (row,) = price_vectors(connection, "examples").fetchall()
    assert row[1] == (None if expected is None else Decimal(expected))
