"""Lands the GPU folder of the configured home: `python -m ingestion.sources.gpu`."""

from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.sources.gpu.pipeline import land

if __name__ == "__main__":
    print(land(Settings.from_env(), now=datetime.now(UTC), progress=print))
