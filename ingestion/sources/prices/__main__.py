"""Lands the price list alone: `python -m ingestion.sources.prices`."""

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.prices.pipeline import land

if __name__ == "__main__":
    for note in land(Settings.from_env(), now=datetime.now(UTC), progress=print).notes:
        print(note)
