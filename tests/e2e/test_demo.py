"""The demo through the command line: what it prints, what a second one changes, what other commands say of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL, alone_with, costops
from tests.support.marts import differences, published_marts

pytestmark = pytest.mark.slow


def test_summary_says_what_a_manager_asks(demo: tuple[Path, str]) -> None:
    _, printed = demo
    for words in (
        "Spend from",
        "by provider",
        "by team",
        "Top models",
        "unpriced",
        "quarantined",
        "fresh",
        "costops.duckdb",
        "(no team)",  # what a cost center carries without a team is not called unallocated
        "unallocated",
    ):
        assert words in printed


def test_running_again_changes_nothing_and_alerts_nobody_twice(demo: tuple[Path, str], tmp_path: Path) -> None:
    home, _ = demo
    before = tmp_path / "before.duckdb"
    shutil.copy(published_marts(home), before)
    with alone_with(home):
        result = costops("demo", *SMALL, home=home)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert differences(before, published_marts(home)) == {}
    told = "select count(*) as n from rpt_alerts where rule != 'low_gpu_efficiency'"
    again = json.loads(costops("query", told, "--format", "json", home=home).stdout)
    assert again == [{"n": 2}]


def test_repricing_a_company_of_pseudonyms_by_the_prices_it_has_finds_nothing_to_adjust(demo: tuple[Path, str]) -> None:
    home, _ = demo
    with alone_with(home):
        asked = ("--from", "2026-09-01", "--to", "2026-10-20", "--as-known-at", "now", "--reason", "a test", "--yes")
        result = costops("reprice", *asked, home=home)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert "Nothing to adjust" in result.stdout


def test_a_home_that_is_not_a_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    result = costops("demo", *SMALL, home=tmp_path)
    assert result.returncode == 1
    assert "not a demo" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_run_without_a_source_says_how_to_configure_one(tmp_path: Path) -> None:
    result = costops("run", home=tmp_path / "empty")
    assert result.returncode == 2
    for words in ("COSTOPS_EVENTS_DIR", "COSTOPS_BILLING_DIR", "costops demo"):
        assert words in result.stdout


def test_query_explains_itself(demo: tuple[Path, str], tmp_path: Path) -> None:
    home, _ = demo
    wrong = costops("query", "select * from no_such_table", home=home)
    assert wrong.returncode == 1
    assert "show tables" in wrong.stderr
    unpublished = costops("query", "select 1", home=tmp_path / "nowhere")
    assert unpublished.returncode == 1
    assert "costops run" in unpublished.stderr
    csv = costops("query", "select 1::decimal(38,12) as amount", "--format", "csv", home=home)
    assert csv.stdout.split() == ["amount", "1.000000000000"]


def test_doctor_names_every_source(demo: tuple[Path, str]) -> None:
    result = costops("doctor", home=demo[0])
    assert result.returncode == 0, result.stderr
    for words in ("events", "billing", "gpu", "org", "prices", "openai", "groq", "gcp", "dagster", "duckdb"):
        assert words in result.stdout
    assert "OPENAI_ADMIN_KEY is not set" in result.stdout
