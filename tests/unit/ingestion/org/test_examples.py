"""The example files of total cost of ownership land as they are, and sum to what a published guide says."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

from ingestion.sources.org.pipeline import batch_of, read_folder
from tests.unit.ingestion.org.test_org_checks import problems

EXAMPLES = Path(__file__).resolve().parents[4] / "docs" / "sources" / "examples" / "total_cost"


def test_examples_of_people_and_overhead_land_as_they_are(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES, tmp_path / "org")
    tables = read_folder(folder)
    people, items = (batch_of(tables[name]).table.to_pylist() for name in ("personnel", "tco_items"))
    assert [problems(tables, name) for name in ("personnel", "tco_items")] == [[], []]
    assert (len(people), len(items)) == (7, 11)
    # The guide's overhead a month, and its team: salary × 1.3 × heads × share of time.
    assert sum(Decimal(row["amount"]) for row in items) == 23_500
    year = sum(
        Decimal(row["annual_salary"]) * Decimal(row["benefits_factor"]) * Decimal(row["headcount"])
        * Decimal(row["allocation_pct"]) / 100
        for row in people
    )  # fmt: skip
    assert year == (50_000 + 400_000 + 510_000 + 350_000 + 270_000 + 165_000 + 180_000) * Decimal("1.3")
