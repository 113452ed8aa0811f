"""Every format of usage that is read is described, with a sample that the project made and a test that reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingestion.sources.events.routing import READERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "formats.md"
SAMPLES = ROOT / "docs" / "sources" / "examples" / "formats"
TESTS = ROOT / "tests" / "unit" / "ingestion" / "events"
ROWS = {
    found[1]: [cell.strip() for cell in found[0].strip("|").split(" | ")]
    for line in PAGE.read_text().splitlines()
    if (found := re.match(r"\| \[`(\w+)/(?:<name>/)?`\]\([^)]+\) \|.*", line))
}


def test_the_page_has_a_row_for_each_reader_and_no_other() -> None:
    assert sorted(ROWS) == sorted(READERS)


@pytest.mark.parametrize("folder", sorted(READERS))
def test_a_row_says_where_it_is_found_what_is_not_read_and_links_a_sample(folder: str) -> None:
    _, what, where, files, sample, not_read = ROWS[folder]
    assert all((what, where, files, not_read))
    targets = re.findall(r"\(([^)]+)\)", sample)
    assert targets
    assert all((PAGE.parent / target).is_file() for target in targets)


@pytest.mark.parametrize("folder", sorted(set(READERS) - {"mapped"}))
def test_a_reader_has_a_test_of_its_sample(folder: str) -> None:
    named = set(re.findall(r'^    "([\w.]+)": \[', (TESTS / "test_samples.py").read_text(), re.MULTILINE))
    samples = {path.name for path in SAMPLES.iterdir() if re.match(rf"{folder}[._]", path.name)}
    assert samples
    assert samples <= named


def test_no_sample_is_of_no_reader() -> None:
    assert [path.name for path in SAMPLES.iterdir() if not path.name.startswith(tuple(READERS))] == []
