"""Lands the closed months of the configured home: `python -m ingestion.sources.ledger`."""

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.ledger.pipeline import land

if __name__ == "__main__":
    print(land(Settings.from_env(), now=datetime.now(UTC), progress=print))
