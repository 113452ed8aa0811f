"""Pulls what is due into the configured home: `python -m ingestion.sources.prometheus`."""

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.prometheus.pipeline import land

if __name__ == "__main__":
    print(land(Settings.from_env(), now=datetime.now(UTC), progress=print))
