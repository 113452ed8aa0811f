"""Pull and land OpenAI alone: `python -m ingestion.sources.openai`."""

from __future__ import annotations

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.openai.pipeline import land

if __name__ == "__main__":
    print(land(Settings.from_env(), now=datetime.now(UTC), progress=print))
