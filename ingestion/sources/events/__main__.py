"""Lands the events folder of the environment's settings: `python -m ingestion.sources.events`."""

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.events.pipeline import land

if __name__ == "__main__":
    print(land(Settings.from_env(), now=datetime.now(UTC), progress=print))
