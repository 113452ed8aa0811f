"""How fast marts reach each place, against the fastest way that the place has, in one run; what a change writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks import publication_run
from tests.benchmarks.size import IS_FULL, measured, sized

ROWS = sized(2_000, 1_000_000)
LIMITS = {"postgres": 4.0, "files": 2.5, "hyper": 1.5, "excel": 1.5}


def judged(name: str, job: Callable[..., dict[str, float]], folder: Path) -> dict[str, float]:
    found: dict[str, float] = measured(job, folder, ROWS)
    raw = min(value for key, value in found.items() if key.startswith("raw"))
    ratio = found["product"] / raw
    words = (
        f"\n{name}: {ROWS:,} rows × 20 columns in {found['product']:.1f} s, {ROWS / found['product']:,.0f} rows/s; "
        f"the fastest raw way {raw:.1f} s: {ratio:.2f} × (limit {LIMITS[name]}); {found}"
    )
    print(words)
    if IS_FULL:
        assert ratio <= LIMITS[name], words
    return found


def test_postgres(tmp_path: Path) -> None:
    found = judged("postgres", publication_run.to_postgres, tmp_path)
    assert found["marts_of_one_day_changed"] == 1
    # A mart of 50,000 rows or more has a part a month, of which March is written; a smaller one is written whole.
    expected = ROWS * 31 / 300 if IS_FULL else ROWS
    assert found["rows_of_one_day_changed"] == pytest.approx(expected, abs=1)


def test_files(tmp_path: Path) -> None:
    judged("files", publication_run.to_files, tmp_path)


def test_hyper(tmp_path: Path) -> None:
    pytest.importorskip("tableauhyperapi", reason="Tableau's engine (290 MB) is an extra: llm-cost-ops[hyper]")
    judged("hyper", publication_run.to_hyper, tmp_path)


def test_excel(tmp_path: Path) -> None:
    judged("excel", publication_run.to_excel, tmp_path)
