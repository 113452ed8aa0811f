from datetime import date
from pathlib import Path

import pytest

from ingestion.demo.company import GroundTruth, generate

LAST = date(2026, 11, 21)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GroundTruth]:
    """Forty days of a twelfth of the company: folder and truth."""
    folder = tmp_path_factory.mktemp("company")
    return folder, generate(folder, last_date=LAST, days=40, scale=0.08)


@pytest.fixture(scope="session")
def long_company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GroundTruth]:
    """All 400 days of a hundredth of the company."""
    folder = tmp_path_factory.mktemp("long_company")
    return folder, generate(folder, last_date=LAST, days=400, scale=0.01)
